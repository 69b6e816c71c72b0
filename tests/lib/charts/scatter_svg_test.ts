import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { scatterSvg } from "../../../lib/charts/scatter_chart.ts";
import { EXAMPLE_SCATTERS } from "./example_scatters.ts";
import { textsOf } from "../images/svg_parts.ts";

/** The points of a plot: fill, and place in pixels. */
function pointsOf(svg: string) {
  return [...svg.matchAll(/<path [^>]*aria-roledescription="point"[^>]*>/g)]
    .map(([path]) => {
      const [, x, y] = /translate\(([-\d.]+),([-\d.]+)\)/.exec(path)!;
      return {
        fill: /fill="([^"]*)"/.exec(path)![1],
        x: Number(x),
        y: Number(y),
      };
    });
}

const LABELS = { title: "t", xLabel: "x", yLabel: "y" };

Deno.test("scatterSvg() has title, labels, legend, size and a white ground", async () => {
  const svg = await scatterSvg(EXAMPLE_SCATTERS["scatter_alphas"]!);
  const texts = textsOf(svg);
  for (const text of ["Final α of each run", "λ", "α", "α₁", "α₂", "α₃"]) {
    ok(texts.includes(text), text);
  }
  match(svg, /^<svg [^>]*width="640" height="400"/);
  match(svg, /<rect width="640" height="400" fill="white"\/>/);
});

Deno.test("scatterSvg() places points in proportion to x and y", async () => {
  const points = [[100, 0], [200, 5], [300, 10]] as const;
  const svg = await scatterSvg({ ...LABELS, series: [{ name: "a", points }] });
  const [start, middle, end] = pointsOf(svg) as [Place, Place, Place];
  equal(end.y, 0);
  ok(start.y > 200 && end.x > 400, "the plot fills the picture");
  ok(Math.abs(middle.x - (start.x + end.x) / 2) < 0.01);
  ok(Math.abs(middle.y - start.y / 2) < 0.01);
});

type Place = ReturnType<typeof pointsOf>[number];

Deno.test("scatterSvg() puts series side by side, nearer where x are near", async () => {
  const distances = async (xs: readonly number[]) => {
    const points = xs.map((x): [number, number] => [x, 0]);
    const names = ["a", "b", "c"];
    const alone = pointsOf(
      await scatterSvg({ ...LABELS, series: [{ name: "b", points }] }),
    );
    const svg = await scatterSvg({
      ...LABELS,
      series: names.map((name) => ({ name, points })),
    });
    const places = pointsOf(svg);
    deepEqual(
      [0, 1, 2].map((i) => places[i * xs.length]!.fill),
      ["#0072B2", "#D55E00", "#009E73"],
    );
    const [a, b, c] = [0, 1, 2].map((i) => places[i * xs.length]!.x);
    ok(Math.abs(b! - a! - (c! - b!)) < 1e-9);
    equal(b, alone[0]!.x);
    return { beside: b! - a!, next: (places[1]?.x ?? NaN) - places[0]!.x };
  };
  equal(Math.round((await distances([1])).beside), 11);
  equal(Math.round((await distances([0, 1, 2])).beside), 11);
  const near = await distances(Array.from({ length: 51 }, (_, i) => i));
  ok(near.beside > 1 && 3 * near.beside < near.next, JSON.stringify(near));
});

Deno.test("scatterSvg() gives a single x an axis with room on both sides", async () => {
  const series = [{ name: "a", points: [[3, 1]] as const }];
  const texts = textsOf(await scatterSvg({ ...LABELS, series }));
  ok(["2.0", "3.0", "4.0"].every((tick) => texts.includes(tick)), `${texts}`);
});

Deno.test("scatterSvg() draws what is finite of every example", async () => {
  for (const [name, spec] of Object.entries(EXAMPLE_SCATTERS)) {
    const svg = await scatterSvg(spec);
    ok(!/NaN|undefined|Infinity/.test(svg), name);
    const finite = spec.series.flatMap(({ points }) => points)
      .filter((point) => point.every(Number.isFinite));
    equal(pointsOf(svg).length, finite.length, name);
    equal(await scatterSvg(spec), svg, name);
  }
});

Deno.test("scatterSvg() rejects two series with one name", async () => {
  const series = [{ name: "a", points: [] }, { name: "a", points: [] }];
  await rejects(scatterSvg({ ...LABELS, series }), TypeError);
});
