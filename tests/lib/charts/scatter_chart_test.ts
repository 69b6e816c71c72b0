import { deepEqual, equal, ok, throws } from "node:assert/strict";
import fc from "fast-check";
import {
  scatterChart,
  type ScatterSpec,
} from "../../../lib/charts/scatter_chart.ts";
import { EXAMPLE_SCATTERS } from "./example_scatters.ts";

// The stored texts were looked at in terminals of 40, 80 and 120 columns.
for (const [name, spec] of Object.entries(EXAMPLE_SCATTERS)) {
  for (const width of [40, 80, 120]) {
    Deno.test(`scatterChart() draws the stored plot ${name} in ${width} columns`, () => {
      const golden = Deno.readTextFileSync(
        new URL(`./golden/${name}_${width}.txt`, import.meta.url),
      );
      const chart = scatterChart({ ...spec, width, height: 12, color: false });
      equal(chart + "\n", golden);
    });
  }
}

const LABELS = { title: "t", xLabel: "x", yLabel: "y" };

/** The rows of the plot area, without the axis. */
function plotArea(spec: Pick<ScatterSpec, "series" | "yRange">, width = 60) {
  const lines = scatterChart({
    ...LABELS,
    ...spec,
    width,
    height: 11,
    color: false,
  }).split("\n");
  const axis = lines.findIndex((line) => /^y$/.test(line)) + 1;
  return lines.slice(axis, -3).map((line) => line.replace(/^[^┤│]*[┤│]/, ""));
}

Deno.test("scatterChart() places points in proportion to x and y", () => {
  const points = [[0, 0], [50, 5], [100, 10]] as const;
  const rows = plotArea({ series: [{ name: "a", points }] }, 61);
  const places = rows.flatMap((row, i) =>
    row.includes("●") ? [[i, row.indexOf("●")]] : []
  );
  const [[top, right], [middle, centre], [bottom, left]] = places as [
    [number, number],
    [number, number],
    [number, number],
  ];
  deepEqual([top, middle, bottom], [0, 5, 10]);
  equal(centre - left, right - centre);
  ok(left <= 2 && right >= 61 - "10 ┤".length - 4, "the plot fills its width");
});

Deno.test("scatterChart() counts the points in one place", () => {
  const many = (n: number, x: number, y: number): [number, number][] =>
    Array.from({ length: n }, () => [x, y]);
  const points = [
    ...many(1, 0, 1),
    ...many(2, 10, 1),
    ...many(9, 20, 1),
    ...many(10, 30, 0),
  ];
  const rows = plotArea({ series: [{ name: "a", points }] });
  deepEqual(rows[0]!.trim().split(/ +/), ["●", "●2", "●9"]);
  equal(rows.at(-1)!.trim(), "●10");
});

Deno.test("scatterChart() puts series side by side where they have room", () => {
  const at = (xs: number[]) => xs.map((x): [number, number] => [x, 1]);
  const three = (xs: number[]) =>
    ["a", "b", "c"].map((name) => ({ name, points: at(xs) }));
  const eleven = Array.from({ length: 11 }, (_, i) => i);
  const twelveTimes = Array.from({ length: 12 }, () => eleven).flat();
  const top = (xs: number[], width: number) =>
    plotArea({ series: three(xs), yRange: [0, 1] }, width)[0]!;
  // 9 or 10 columns each: a marker and a number of two digits
  equal(top(twelveTimes, 120).match(/●12▲12■12/g)?.length, 11);
  // 6 or 7 columns each: a marker and a digit
  equal(top([...eleven, ...eleven], 80).match(/●2▲2■2/g)?.length, 11);
  equal(top(twelveTimes, 80).match(/●[+]▲[+]■/g)?.length, 11);
  // 4 columns each: a marker
  equal(top(eleven, 60).match(/●▲■/g)?.length, 11);
  // no room: the series with most points is seen
  const close = [
    ...three(eleven),
    { name: "d", points: at([...eleven, ...eleven]) },
  ];
  const [closest] = plotArea({ series: close, yRange: [0, 1] }, 40);
  equal(closest!.replace(/[ \d]/g, ""), "◆".repeat(11));
});

Deno.test("scatterChart() draws more series than it has columns for", () => {
  const points = [[0, 0], [1, 10]] as const;
  const names = Array.from({ length: 30 }, (_, i) => `${i}`);
  const rows = plotArea(
    { series: names.map((name) => ({ name, points })) },
    40,
  );
  const [top, bottom] = [rows[0]!, rows.at(-1)!].map((row) => row.search(/\S/));
  ok(bottom! < 10 && top! > 20, rows.join("\n"));
});

Deno.test("scatterChart() reaches yRange, and points beyond it", () => {
  const labels = (points: [number, number][]) =>
    scatterChart({
      ...LABELS,
      series: [{ name: "a", points }],
      yRange: [0, 1],
      width: 60,
      height: 11,
      color: false,
    }).match(/^ *[−\d.]+(?= ┤)/gm)!
      .map((text) => Number(text.replace("−", "-")));
  deepEqual(labels([[0, 0.4]]), [1, 0.8, 0.6, 0.4, 0.2, 0]);
  deepEqual([labels([[0, 1.9]])[0], labels([[0, -1]]).at(-1)], [2, -1]);
});

Deno.test("scatterChart() differs in colour only by escape codes, and colours numbers as their markers", () => {
  for (const spec of Object.values(EXAMPLE_SCATTERS)) {
    const size = { width: 80, height: 12 };
    const plain = scatterChart({ ...spec, ...size, color: false });
    const colored = scatterChart({ ...spec, ...size, color: true });
    // deno-lint-ignore no-control-regex -- escape codes are what is tested
    equal(colored.replace(/\x1b\[\d*m/g, ""), plain);
    ok(!plain.includes("\x1b"));
  }
  const chart = scatterChart({
    ...EXAMPLE_SCATTERS["scatter_one_place"]!,
    width: 80,
    height: 12,
    color: true,
  });
  ok(chart.includes("\x1b[94m●12\x1b[0m\x1b[31m▲\x1b[0m"));
});

Deno.test("scatterChart() is never wider than its width, whatever the points", () => {
  const value = fc.oneof(
    fc.double(),
    fc.double({ min: -3, max: 3 }),
    fc.constantFrom(0, NaN, Infinity, 1, 1 + 1e-9),
  );
  fc.assert(fc.property(
    fc.array(fc.array(fc.tuple(value, value), { maxLength: 60 }), {
      maxLength: 30,
    }),
    fc.string({ maxLength: 120, unit: "grapheme-ascii", size: "max" }),
    fc.integer({ min: 40, max: 130 }),
    fc.integer({ min: 5, max: 30 }),
    (series, text, width, height) => {
      const chart = scatterChart({
        title: text,
        xLabel: text,
        yLabel: text,
        series: series.map((points, i) => ({ points, name: `${i}${text}` })),
        width,
        height,
        color: false,
      });
      ok(chart.split("\n").every((line) => [...line].length <= width));
      ok(!/NaN|undefined|Infinity/.test(chart.replaceAll(text, "")));
    },
  ));
});

Deno.test("scatterChart() refuses what it cannot draw", () => {
  const options = {
    ...EXAMPLE_SCATTERS["scatter_alphas"]!,
    width: 80,
    height: 12,
    color: false,
  };
  throws(() => scatterChart({ ...options, width: 39 }), RangeError);
  throws(() => scatterChart({ ...options, height: 4 }), RangeError);
  const series = [{ name: "a", points: [] }, { name: "a", points: [] }];
  throws(
    () => scatterChart({ ...options, series }),
    new TypeError(
      'Cannot draw the chart: names of series must differ: got "a" twice',
    ),
  );
});
