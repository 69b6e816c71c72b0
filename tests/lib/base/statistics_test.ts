import { equal, ok, throws } from "node:assert/strict";
import fc from "fast-check";
import { correlation, maxOf, minOf } from "../../../lib/base/statistics.ts";
import { assertValuesClose } from "../../assert_all_close.ts";

Deno.test("correlation() gives numpy's value", () => {
  // numpy.corrcoef(x, y)[0, 1] of numpy 1.24
  const x = [0.5, -1.25, 3, 7.5, -2, 0.125];
  const y = [1, 4, -2.5, 0.75, 3, 10];
  assertValuesClose([correlation(x, y)], [-0.4418753053100535], {
    rtol: 1e-15,
    atol: 0,
  });
});

Deno.test("correlation() is 0 for what is the same everywhere, rounded mean or not", () => {
  // The mean of a hundred 0.1 is not 0.1 in float64.
  const same = new Array(100).fill(0.1);
  const other = same.map((_, i) => i);
  equal(correlation(same, other), 0);
  equal(correlation(other, same), 0);
  equal(correlation(same, same), 0);
});

Deno.test("correlation() does not mind scale, sign but for its own, and offset", () => {
  const values = fc.array(fc.integer({ min: -99, max: 99 }), {
    minLength: 5,
    maxLength: 5,
  });
  fc.assert(fc.property(values, values, (x, y) => {
    const r = correlation(x, y);
    ok(r >= -1 && r <= 1);
    const moved = correlation(y, x.map((value) => 7 - 3 * value));
    ok(Math.abs(moved + r) < 1e-12, `${moved} and ${r}`);
  }));
});

Deno.test("correlation() of a plane with itself is 1, or 0 where it hardly varies", () => {
  fc.assert(fc.property(
    fc.float32Array({ minLength: 1, noNaN: true, noDefaultInfinity: true }),
    (x) => {
      const isSame = x.every((value) => value === x[0]);
      equal(correlation(x, x), isSame ? 0 : 1);
    },
  ));
  equal(correlation([0, 5e-324], [0, 5e-324]), 0);
});

Deno.test("correlation() refuses planes of two sizes", () => {
  throws(
    () => correlation([1, 2], [1]),
    new RangeError(
      "Cannot compute the correlation: both must have 2 values: got 1",
    ),
  );
});

Deno.test("maxOf() and minOf() are Math.max and Math.min", () => {
  const lists = [
    [],
    [3],
    [1, 3, 2],
    [-1, -2],
    [0, -0],
    [-0, 0],
    [-0, -0],
    [1, NaN, 3],
    [NaN],
    [Infinity, 1],
    [-Infinity],
    [-Infinity, NaN],
  ];
  for (const list of lists) {
    for (const values of [list, Float64Array.from(list)]) {
      ok(Object.is(maxOf(values), Math.max(...list)), `max ${list}`);
      ok(Object.is(minOf(values), Math.min(...list)), `min ${list}`);
    }
  }
});

Deno.test("maxOf() and minOf() take a million numbers", () => {
  const values = Float32Array.from({ length: 1_000_000 }, (_, i) => i);
  equal(maxOf(values), 999_999);
  equal(minOf(values), 0);
  throws(() => Math.max(...values), RangeError); // what it is for
});
