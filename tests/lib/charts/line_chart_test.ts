import { deepEqual, equal, ok, throws } from "node:assert/strict";
import fc from "fast-check";
import { lineChart } from "../../../lib/charts/line_chart.ts";
import { EXAMPLE_CHARTS } from "./example_charts.ts";

// The stored texts were looked at in a terminal of 80 columns.
for (const [name, spec] of Object.entries(EXAMPLE_CHARTS)) {
  Deno.test(`lineChart() draws the stored chart ${name}`, () => {
    const golden = Deno.readTextFileSync(
      new URL(`./golden/${name}.txt`, import.meta.url),
    );
    const chart = lineChart({ ...spec, width: 80, height: 14, color: false });
    equal(chart + "\n", golden);
  });
}

/** The plot area of a chart with one series: rows of one character a column. */
function plotArea(values: readonly number[], width: number, height: number) {
  const lines = lineChart({
    title: "t",
    xLabel: "x",
    yLabel: "y",
    series: [{ name: "n", values }],
    width,
    height,
    color: false,
  }).split("\n").slice(3, -3);
  const axis = lines[0]!.indexOf("┤");
  return {
    labels: lines.map((line) => line.slice(0, axis).trim()),
    rows: lines.map((line) => line.slice(axis + 1)),
  };
}

Deno.test("lineChart() draws a ramp from the lower left to the upper right", () => {
  const { labels, rows } = plotArea([0, 10], 40, 11);
  deepEqual([labels[0], labels[2], labels[10]], ["10", "8", "0"]);
  const firstInk = rows.map((row) => row.search(/\S/));
  // from top to bottom each row begins further left, and column 0 is the value
  // 0
  ok(firstInk.every((column, i) => i === 0 || column < firstInk[i - 1]!));
  equal(firstInk.at(-1), 0);
  equal(rows[0]!.length, 40 - "10 ┤".length, "the top row reaches the edge");
});

Deno.test("lineChart() shows the mean of a column's steps", () => {
  // 0 and 1 alternate: every column's mean is 0.5, whatever its width
  const values = Array.from({ length: 3600 }, (_, i) => i % 2);
  const { labels, rows } = plotArea(values, 44, 11);
  deepEqual([labels[0], labels[10]], ["1.0", "0.0"]);
  const inked = rows.flatMap((row, i) => row.trim() === "" ? [] : i);
  deepEqual(inked, [5]);
});

Deno.test("lineChart() differs in colour only by escape codes", () => {
  for (const spec of Object.values(EXAMPLE_CHARTS)) {
    const size = { width: 80, height: 14 };
    const plain = lineChart({ ...spec, ...size, color: false });
    const colored = lineChart({ ...spec, ...size, color: true });
    // deno-lint-ignore no-control-regex -- escape codes are what is tested
    equal(colored.replace(/\x1b\[\d*m/g, ""), plain);
  }
});

Deno.test("lineChart() gives each series its colour and resets it", () => {
  const chart = lineChart({
    ...EXAMPLE_CHARTS["loss"]!,
    width: 80,
    height: 14,
    color: true,
  });
  const legend = chart.split("\n")[1];
  equal(
    legend,
    "\x1b[94m─●─\x1b[0m ReLU   \x1b[31m─▲─\x1b[0m no activation   \x1b[32m─■─\x1b[0m ReLU_α, λ = 0.5",
  );
});

Deno.test("lineChart() is never wider than its width, whatever the values", () => {
  const value = fc.oneof(
    fc.double(),
    fc.double({ min: -3, max: 3 }),
    fc.constantFrom(0, NaN, Infinity, 1, 1 + 1e-9),
  );
  const series = fc.record({
    values: fc.oneof(
      fc.array(value, { maxLength: 300 }),
      fc.array(value, { maxLength: 4 }),
    ),
    dashed: fc.boolean(),
  });
  fc.assert(fc.property(
    fc.array(series, { maxLength: 10 }),
    fc.string({ maxLength: 120, unit: "grapheme-ascii" }),
    fc.integer({ min: 40, max: 130 }),
    fc.integer({ min: 5, max: 30 }),
    fc.double({ min: -1e9, max: 1e9, noNaN: true }),
    fc.double({ min: 0, max: 1e9, noNaN: true }),
    (series, text, width, height, first, extent) => {
      const chart = lineChart({
        title: text,
        xLabel: text,
        yLabel: text,
        series: series.map((one, i) => ({ ...one, name: `${i}${text}` })),
        xRange: [first, first + extent],
        width,
        height,
        color: false,
      });
      const lines = chart.split("\n");
      ok(lines.every((line) => [...line].length <= width));
      ok(!chart.includes("\x1b"));
      ok(!/NaN|undefined|Infinity/.test(chart.replaceAll(text, "")));
    },
  ));
});

Deno.test("lineChart() refuses what it cannot draw", () => {
  const options = {
    ...EXAMPLE_CHARTS["epochs"]!,
    width: 80,
    height: 10,
    color: false,
  };
  throws(() => lineChart({ ...options, width: 39 }), RangeError);
  throws(() => lineChart({ ...options, height: 4 }), RangeError);
  throws(() => lineChart({ ...options, xRange: [2, 1] }), RangeError);
  throws(() => lineChart({ ...options, xRange: [0, NaN] }), RangeError);
  const series = [{ name: "a", values: [1] }, { name: "a", values: [2] }];
  throws(
    () => lineChart({ ...options, series }),
    new TypeError(
      'Cannot draw the chart: names of series must differ: got "a" twice',
    ),
  );
});
