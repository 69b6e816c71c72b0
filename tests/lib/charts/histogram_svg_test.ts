import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import {
  countBins,
  histogramSvg,
} from "../../../lib/charts/histogram_chart.ts";
import { EXAMPLE_HISTOGRAMS } from "./example_histograms.ts";
import { textsOf } from "../images/svg_parts.ts";

/**
 * The heights of the bars in pixels, in the order of rows, columns and bins.
 */
function heightsOf(svg: string): number[] {
  return [...svg.matchAll(
    /aria-roledescription="bar" d="M[-\d.]+,[-\d.]+h[-\d.]+v([-\d.]+)/g,
  )].map(([, height]) => Number(height));
}

Deno.test("histogramSvg() has title, note, the names of rows and columns, and a white ground", async () => {
  const spec = EXAMPLE_HISTOGRAMS["histogram_many"]!;
  const svg = await histogramSvg(spec);
  const texts = textsOf(svg);
  for (
    const text of [
      spec.title,
      "values beyond, in the outer bins: 63",
      ...spec.columns,
      ...spec.rows.map(({ name }) => name),
      spec.xLabel,
    ]
  ) ok(texts.includes(text), text);
  ok(/<rect [^>]*fill="white"\/>/.test(svg));
});

Deno.test("histogramSvg() draws each count in proportion, rows and columns in their order", async () => {
  for (const [name, spec] of Object.entries(EXAMPLE_HISTOGRAMS)) {
    const { counts, most } = countBins(spec);
    const svg = await histogramSvg(spec);
    ok(!/NaN|undefined|Infinity/.test(svg), name);
    if (most === 0) continue;
    const heights = heightsOf(svg).map((height) => height / 36 * most);
    deepEqual(heights.map(Math.round), counts.flat(2), name);
    const names = [...spec.columns, ...spec.rows.map(({ name }) => name)];
    deepEqual(
      textsOf(svg).filter((text) => names.includes(text)).sort(),
      names.sort(),
    );
    equal(await histogramSvg(spec), svg, name);
  }
});

Deno.test("histogramSvg() draws a grid without rows, without columns, and names without characters", async () => {
  const spec = EXAMPLE_HISTOGRAMS["histogram_nothing"]!;
  const rows = [{ name: "", cells: [] }];
  for (const part of [{}, { columns: [] }, { columns: [], rows }]) {
    const svg = await histogramSvg({ ...spec, ...part });
    const [, width] = /^<svg [^>]*width="(\d+)"/.exec(svg)!;
    ok(Number(width) > 100);
    ok(textsOf(svg).includes("no values"));
  }
});

Deno.test("histogramSvg() rejects what it cannot draw", async () => {
  const spec = EXAMPLE_HISTOGRAMS["histogram_alphas"]!;
  await rejects(histogramSvg({ ...spec, bins: 0 }), RangeError);
});
