import assert from "node:assert/strict";
import { maxOf, minOf } from "../../../lib/base/extremes.ts";

Deno.test("maxOf() and minOf() are Math.max and Math.min", () => {
  const lists = [
    ...[[], [3], [1, 3, 2], [-1, -2], [0, -0], [-0, 0], [-0, -0]],
    ...[[1, NaN, 3], [NaN], [Infinity, 1], [-Infinity], [-Infinity, NaN]],
  ];
  for (const list of lists) {
    for (const values of [list, Float64Array.from(list)]) {
      assert.ok(Object.is(maxOf(values), Math.max(...list)), `max ${list}`);
      assert.ok(Object.is(minOf(values), Math.min(...list)), `min ${list}`);
    }
  }
});

Deno.test("maxOf() and minOf() take a million numbers", () => {
  const values = Float32Array.from({ length: 1_000_000 }, (_, i) => i);
  assert.equal(maxOf(values), 999_999);
  assert.equal(minOf(values), 0);
  assert.throws(() => Math.max(...values), RangeError); // what it is for
});
