import { deepEqual, equal, ok, throws } from "node:assert/strict";
import fc from "fast-check";
import {
  countBins,
  histogramChart,
} from "../../../lib/charts/histogram_chart.ts";
import { EXAMPLE_HISTOGRAMS } from "./example_histograms.ts";

// The stored texts were looked at in terminals of 40, 80 and 120 columns.
for (const [name, spec] of Object.entries(EXAMPLE_HISTOGRAMS)) {
  for (const width of [40, 80, 120]) {
    Deno.test(`histogramChart() draws the stored grid ${name} in ${width} columns`, () => {
      const golden = Deno.readTextFileSync(
        new URL(`./golden/${name}_${width}.txt`, import.meta.url),
      );
      const chart = histogramChart({ ...spec, width, color: false });
      equal(chart + "\n", golden);
    });
  }
}

const SPEC = {
  title: "t",
  xLabel: "x",
  columns: ["a"],
  range: [0, 1] as const,
  bins: 4,
};

Deno.test("countBins() counts in the upper bin at an edge, in the outer one beyond", () => {
  const count = (values: number[]) =>
    countBins({ ...SPEC, rows: [{ name: "r", cells: [values] }] });
  deepEqual(count([0, 0.24, 0.25, 0.5, 0.74, 1]), {
    counts: [[[2, 1, 2, 1]]],
    most: 2,
    note: "",
  });
  deepEqual(count([-0.1, 1.1, 1e299, NaN, Infinity, 1e300]), {
    counts: [[[1, 0, 0, 2]]],
    most: 2,
    note: "values beyond, in the outer bins: 3",
  });
  deepEqual(count([NaN]), {
    counts: [[[0, 0, 0, 0]]],
    most: 0,
    note: "no values",
  });
});

/** One row with one histogram: its bars and the legend. */
function barsOf(counts: readonly number[]) {
  const values = counts.flatMap((count, bin) =>
    Array<number>(count).fill(bin + 0.5)
  );
  const lines = histogramChart({
    ...SPEC,
    rows: [{ name: "r", cells: [values] }],
    range: [0, counts.length],
    bins: counts.length,
    width: 130,
    color: false,
  }).split("\n");
  return { legend: lines[1], bars: lines[3]!.replace(/^r │(.*)│$/, "$1") };
}

Deno.test("histogramChart() has a height for each count up to eight", () => {
  deepEqual(barsOf([8, 1, 0, 2, 3, 4, 5, 6, 7]), {
    legend: "▁ 1   ▂ 2   ▃ 3   ▄ 4   ▅ 5   ▆ 6   ▇ 7   █ 8 values",
    bars: "█▁ ▂▃▄▅▆▇",
  });
  deepEqual(barsOf([1, 2, 0]), { legend: "▁ 1   ▂ 2 values", bars: "▁▂ " });
});

Deno.test("histogramChart() says which counts share a height beyond eight", () => {
  // of 20, an eighth is 2.5: up to 2, up to 5, up to 7, up to 10, …
  deepEqual(barsOf([20, 1, 2, 3, 5, 6, 7, 8, 10, 17, 18]), {
    legend:
      "▁ 1–2   ▂ 3–5   ▃ 6–7   ▄ 8–10   ▅ 11–12   ▆ 13–15   ▇ 16–17   █ 18–20 values",
    bars: "█▁▁▂▂▃▃▄▄▇█",
  });
});

Deno.test("histogramChart() differs in colour only by escape codes", () => {
  for (const spec of Object.values(EXAMPLE_HISTOGRAMS)) {
    const plain = histogramChart({ ...spec, width: 80, color: false });
    const colored = histogramChart({ ...spec, width: 80, color: true });
    // deno-lint-ignore no-control-regex -- escape codes are what is tested
    equal(colored.replace(/\x1b\[\d*m/g, ""), plain);
    ok(!plain.includes("\x1b"));
  }
  const { rows, ...spec } = EXAMPLE_HISTOGRAMS["histogram_alphas"]!;
  const chart = histogramChart({
    ...spec,
    rows: rows.slice(-1),
    width: 80,
    color: true,
  });
  ok(chart.includes("\x1b[94m█"));
  ok(chart.includes("\x1b[31m█"));
});

Deno.test("histogramChart() shows every value once, no line wider than its width", () => {
  const value = fc.oneof(
    fc.double(),
    fc.double({ min: -3, max: 3 }),
    fc.constantFrom(0, 1, NaN),
  );
  const names = fc.uniqueArray(
    fc.string({ maxLength: 60, unit: "grapheme-ascii", size: "max" }),
    { maxLength: 5 },
  );
  fc.assert(fc.property(
    names,
    names,
    fc.array(fc.array(value, { maxLength: 40 }), {
      minLength: 25,
      maxLength: 25,
    }),
    fc.integer({ min: 1, max: 30 }),
    fc.integer({ min: 40, max: 130 }),
    fc.double({ min: -1e9, max: 1e9, noNaN: true }),
    fc.double({ min: 1e-3, max: 1e9, noNaN: true }),
    (rows, columns, values, bins, width, low, extent) => {
      const spec = {
        ...SPEC,
        range: [low, low + extent] as const,
        columns,
        bins,
        rows: rows.map((name, i) => ({
          name,
          cells: columns.map((_, j) => values[5 * i + j]!),
        })),
      };
      const drawable = spec.rows.flatMap(({ cells }) => cells.flat())
        .filter((one) => Math.abs(one) < 1e300).length;
      equal(
        countBins(spec).counts.flat(2).reduce((a, b) => a + b, 0),
        drawable,
      );
      const chart = histogramChart({ ...spec, width, color: false });
      ok(chart.split("\n").every((line) => [...line].length <= width));
    },
  ));
});

Deno.test("histogramChart() refuses what it cannot draw", () => {
  const options = {
    ...EXAMPLE_HISTOGRAMS["histogram_alphas"]!,
    width: 80,
    color: false,
  };
  const rows = [{ name: "r", cells: [[1], [2]] }];
  throws(() => histogramChart({ ...options, width: 39 }), RangeError);
  for (const bins of [0, 31, 1.5]) {
    throws(() => histogramChart({ ...options, bins }), RangeError);
  }
  throws(() => histogramChart({ ...options, range: [1, 1] }), RangeError);
  throws(
    () => histogramChart({ ...options, range: [0, Infinity] }),
    RangeError,
  );
  throws(
    () => histogramChart({ ...options, rows }),
    new RangeError('Cannot draw the chart: row "r" must have 3 cells: got 2'),
  );
  const columns = ["a", "a", "b"];
  throws(() => histogramChart({ ...options, columns }), TypeError);
  const twice = [...options.rows, options.rows[0]!];
  throws(() => histogramChart({ ...options, rows: twice }), TypeError);
});
