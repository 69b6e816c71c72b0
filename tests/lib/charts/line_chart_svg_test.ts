import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { lineChart } from "../../../lib/charts/line_chart.ts";
import { lineChartSvg } from "../../../lib/charts/line_chart_svg.ts";
import { runInSandbox } from "../cli/run_in_sandbox.ts";
import { EXAMPLE_CHARTS } from "./example_charts.ts";

/** The lines of a chart: stroke, dashes, and the points in pixels. */
function linesOf(svg: string) {
  return [
    ...svg.matchAll(
      /<path aria-label=[^>]*role-description[^>]*>|<path [^>]*aria-roledescription="line mark"[^>]*>/g,
    ),
  ]
    .map(([path]) => ({
      stroke: /stroke="([^"]*)"/.exec(path)?.[1],
      width: /stroke-width="([^"]*)"/.exec(path)?.[1],
      dashes: /stroke-dasharray="([^"]*)"/.exec(path)?.[1],
      points: [...(/ d="([^"]*)"/.exec(path)?.[1] ?? "")
        .matchAll(/(-?[\d.]+),(-?[\d.]+)/g)].map(([, x, y]) => [
          Number(x),
          Number(y),
        ]),
    }));
}

const LABELS = { title: "t", xLabel: "x", yLabel: "y" };

Deno.test("lineChartSvg() has title, labels, legend and a white ground", async () => {
  const svg = await lineChartSvg({
    title: "Loss & accuracy <1",
    xLabel: "step",
    yLabel: "cross entropy",
    series: [{ name: "ReLU_α", values: [1, 2] }, { name: "b", values: [2, 1] }],
  });
  const texts = [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)]
    .map(([, text]) => text);
  for (
    const text of [
      "Loss &amp; accuracy &lt;1",
      "step",
      "cross entropy",
      "ReLU_α",
      "b",
    ]
  ) ok(texts.includes(text), text);
  match(svg, /^<svg [^>]*width="640" height="400"/);
  match(svg, /<rect width="640" height="400" fill="white"\/>/);
});

Deno.test("lineChartSvg() has the size that is asked for", async () => {
  const options = { ...EXAMPLE_CHARTS["epochs"]!, width: 900, height: 300 };
  match(await lineChartSvg(options), /^<svg [^>]*width="900" height="300"/);
});

Deno.test("lineChartSvg() places points in proportion to x and y", async () => {
  // y axis from 0 to 10, so the middle value is half way between the ends
  const svg = await lineChartSvg({
    ...LABELS,
    series: [{ name: "n", values: [0, 5, 10] }],
    xRange: [100, 300],
  });
  const [line] = linesOf(svg);
  const [start, middle, end] = line!.points as [number[], number[], number[]];
  equal(start[0], 0);
  equal(end[1], 0);
  ok(start[1]! > 200 && end[0]! > 400, "the plot fills the picture");
  ok(Math.abs(middle[0]! - end[0]! / 2) < 0.01);
  ok(Math.abs(middle[1]! - start[1]! / 2) < 0.01);
});

Deno.test("lineChartSvg() draws dashes, and a colour a series", async () => {
  const lines = linesOf(await lineChartSvg(EXAMPLE_CHARTS["alpha"]!));
  deepEqual(lines.map(({ stroke }) => stroke), [
    "#0072B2",
    "#D55E00",
    "#009E73",
    "#CC79A7",
  ]);
  deepEqual(lines.map(({ dashes }) => dashes), ["1,0", "1,0", "1,0", "6,4"]);
  ok(lines.every(({ points }) => points.length === 1800));
});

Deno.test("lineChartSvg() lets every one of the lines show that lie on one another", async () => {
  const values = Array.from({ length: 21 }, (_, i) => i);
  const strokes = async (...series: (number[] | "dashed")[]) =>
    linesOf(
      await lineChartSvg({
        ...LABELS,
        series: series.map((one, i) => ({
          name: `${i}`,
          values: one === "dashed" ? values : one,
          dashed: one === "dashed",
        })),
      }),
    ).map(({ stroke, width }) => `${stroke} ${width}`);
  const [blue, orange, green] = ["#0072B2", "#D55E00", "#009E73"];
  const apart = values.toReversed();
  // Within a percent of the chart's height, but for so many points.
  const nearBut = (count: number) =>
    values.map((y, i) => i + count < 21 ? y + 0.15 : 0);
  deepEqual(await strokes(values, apart), [`${blue} 2`, `${orange} 2`]);
  deepEqual(await strokes(values, nearBut(2), values), [
    `${blue} 8`,
    `${orange} 5`,
    `${green} 2`,
  ]);
  deepEqual(await strokes(values, nearBut(3)), [`${blue} 2`, `${orange} 2`]);
  // The widest are drawn first, so that none hides another.
  deepEqual(await strokes(apart, values, values), [
    `${orange} 5`,
    `${blue} 2`,
    `${green} 2`,
  ]);
  // A line shows between the dashes on it, but not the dashes below a line.
  deepEqual(await strokes(values, "dashed"), [`${blue} 2`, `${orange} 2`]);
  deepEqual(await strokes("dashed", values), [`${blue} 5`, `${orange} 2`]);
  const many = await strokes(...Array(6).fill(values));
  deepEqual(
    many.map((one) => one.split(" ")[1]),
    [..."BBB852"].map((width) => width.replace("B", "11")),
  );
});

Deno.test("lineChartSvg() has rings for dots of a dashed line, in the colour of another one", async () => {
  const spec = {
    ...LABELS,
    series: [
      { name: "ours", values: [1, 2, 3] },
      {
        name: "reported",
        values: [1.5, NaN, 3],
        dashed: true,
        colorOf: "ours",
      },
      { name: "other", values: [3, 2, 1] },
    ],
  };
  const svg = await lineChartSvg(spec);
  deepEqual(linesOf(svg).map(({ stroke, dashes }) => `${stroke} ${dashes}`), [
    "#0072B2 1,0",
    "#0072B2 6,4",
    "#D55E00 1,0",
  ]);
  const rings = svg.match(
    /<path aria-label="[^>]*series: reported" role="graphics-symbol" aria-roledescription="point"[^>]*>/g,
  )!;
  equal(rings.length, 2);
  for (const ring of rings) match(ring, / fill="white" stroke="#0072B2"/);
  const text = lineChart({ ...spec, width: 60, height: 5, color: true });
  // The legend, in asciichart's light blue and red.
  const legend = text.split("\n")[1]!.replaceAll("\x1b", "");
  match(
    legend,
    /^\[94m─●─\[0m ours +\[94m╌▲╌\[0m reported +\[31m─■─\[0m other$/,
  );
  const series = [{ name: "a", values: [1], colorOf: "b" }];
  await rejects(lineChartSvg({ ...LABELS, series }), {
    name: "TypeError",
    message:
      "Cannot draw the chart: colorOf must name a series that has a colour of its own: got b",
  });
});

Deno.test("lineChartSvg() thins a long series to 2,000 points", async () => {
  const values = Array.from({ length: 7200 }, (_, i) => Math.sin(i / 500));
  const [line] = linesOf(
    await lineChartSvg({ ...LABELS, series: [{ name: "n", values }] }),
  );
  equal(line!.points.length, 2000);
});

Deno.test("lineChartSvg() interrupts a line at values that are not finite", async () => {
  const values = [1, 2, NaN, 3, 4, Infinity, 5, 6];
  const svg = await lineChartSvg({
    ...LABELS,
    series: [{ name: "n", values }],
  });
  const path = / d="(M[^"]*)"[^>]*stroke="#0072B2"/.exec(svg)![1]!;
  equal(path.match(/M/g)!.length, 3);
  equal(linesOf(svg)[0]!.points.length, 6);
});

Deno.test("lineChartSvg() draws every example without NaN", async () => {
  for (const [name, spec] of Object.entries(EXAMPLE_CHARTS)) {
    const svg = await lineChartSvg(spec);
    ok(!/NaN|undefined|Infinity/.test(svg), name);
    equal(linesOf(svg).length, spec.series.length, name);
  }
});

Deno.test("lineChartSvg() gives the same bytes in every process, with no more permissions than a training task", async () => {
  const names = Object.keys(EXAMPLE_CHARTS);
  const fixture = new URL("./fixtures/prints_svg.ts", import.meta.url);
  const forth = await runInSandbox(fixture, names);
  const back = await runInSandbox(fixture, names.toReversed());
  deepEqual([forth.code, forth.stderr], [0, ""]);
  const parts = (text: string) => text.split("\n").slice(0, -1);
  deepEqual(parts(back.stdout).toReversed(), parts(forth.stdout));
  equal(parts(forth.stdout)[0], await lineChartSvg(EXAMPLE_CHARTS[names[0]!]!));
});

Deno.test("lineChartSvg() rejects two series with one name", async () => {
  const series = [{ name: "a", values: [1] }, { name: "a", values: [2] }];
  await rejects(lineChartSvg({ ...LABELS, series }), TypeError);
});
