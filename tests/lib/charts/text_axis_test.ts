import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import {
  columnTicks,
  leftOf,
  rowAxis,
  tickText,
} from "../../../lib/charts/text_axis.ts";

Deno.test("rowAxis() puts every tick on a row and its value there", () => {
  const axis = rowAxis(0.3, 0.9, 9);
  deepEqual(
    axis.labels.map((label) => label ?? "·").join(" "),
    "1.0 · 0.8 · 0.6 · 0.4 · 0.2",
  );
  equal(axis.rowOf(0.2), 0);
  equal(Math.round(axis.rowOf(0.6)), 4);
  equal(axis.rowOf(1), 8);
});

Deno.test("rowAxis() has nice ticks around zero in the fewest rows too", () => {
  const { labels } = rowAxis(-0.0147, 0.0483, 5);
  equal(labels.map((label) => label ?? "·").join(" "), "0.05 · 0.00 · −0.05");
});

Deno.test("rowAxis() finds ticks around values that have none between them", () => {
  const { labels } = rowAxis(15e6, 47e6, 5);
  equal(labels.map((label) => label ?? "·").join(" "), "50000000 · · · 0");
});

Deno.test("rowAxis() ends where rounding leads d3's nice() in a circle", () => {
  const { rows } = rowAxis(-4.4171048095449805e-21, -4.416017108360073e-21, 12);
  ok(rows <= 12);
});

/** What a tick's text says. */
const numberOf = (text: string) => Number(text.replaceAll("−", "-"));

Deno.test("rowAxis() tells its ticks apart at any size, within its rows", () => {
  fc.assert(fc.property(
    fc.double({ min: -1e6, max: 1e6, noNaN: true }),
    fc.double({ min: 1e-9, max: 1e6, noNaN: true }),
    fc.integer({ min: 5, max: 40 }),
    (low, extent, maxRows) => {
      // what valueRange() guarantees
      const high = low + Math.max(extent, Math.abs(low) * 1e-5);
      const { rows, labels, rowOf } = rowAxis(low, high, maxRows);
      const texts = labels.filter((label) => label !== undefined);
      ok(rows <= maxRows && rows === labels.length);
      ok(texts.length >= 2 && new Set(texts).size === texts.length);
      ok(rowOf(low) >= 0 && rowOf(low) < rowOf(high) && rowOf(high) < rows);
      const top = numberOf(texts[0]!);
      const bottom = numberOf(texts.at(-1)!);
      const slack = (high - low) * 1e-6;
      ok(bottom <= low + slack && top >= high - slack);
    },
  ));
});

Deno.test("columnTicks() has both ends and nice values between", () => {
  deepEqual(
    columnTicks(1, 1800, 75).map(({ text }) => text),
    ["1", "500", "1000", "1500", "1800"],
  );
  deepEqual(
    columnTicks(1, 3, 75).map(({ column, text }) => [column, text]),
    [[0, "1"], [37, "2"], [74, "3"]],
  );
  deepEqual(columnTicks(5, 5, 75), [{ column: 0, text: "5" }]);
});

Deno.test("columnTicks() rounds the text of an end that is too long", () => {
  deepEqual(
    [
      columnTicks(-0.12345678912345, 2 / 3, 75),
      columnTicks(1e-7 / 3, 1e20 / 3, 75),
    ]
      .map((ticks) => [ticks[0]!.text, ticks.at(-1)!.text]),
    [["−0.1235", "0.6667"], ["3.333e−8", "3.333e+19"]],
  );
});

Deno.test("columnTicks() keeps its texts apart and inside", () => {
  fc.assert(fc.property(
    fc.double({ min: -1e9, max: 1e9, noNaN: true }),
    fc.double({ min: 1e-3, max: 1e9, noNaN: true }),
    fc.integer({ min: 30, max: 120 }),
    (first, extent, columns) => {
      let end = -2;
      for (const tick of columnTicks(first, first + extent, columns)) {
        const left = leftOf(tick, columns);
        ok(left >= end + 2 && left + tick.text.length <= columns);
        end = left + tick.text.length;
      }
    },
  ));
});

Deno.test("columnTicks() ends where x hardly moves", () => {
  deepEqual(
    columnTicks(1e9, 1e9 + 2e-7, 75).map(({ text }) => text),
    ["1000000000", "1000000000"],
  );
});

const TEXTS: readonly [value: number, step: number, text: string][] = [
  [0.6, 0.2, "0.6"],
  [1, 0.05, "1.00"],
  [0, 0.05, "0.00"],
  [-20, 10, "−20"],
  [0.30000000000000004, 0.1, "0.3"],
  [1_234_570_000, 10_000, "1.23457e+9"],
  [1.5e-10, 1e-11, "1.5e−10"],
  [0, 1e-11, "0"],
];

for (const [value, step, text] of TEXTS) {
  Deno.test(`tickText() of ${value} in steps of ${step} is ${text}`, () => {
    equal(tickText(value, step), text);
  });
}
