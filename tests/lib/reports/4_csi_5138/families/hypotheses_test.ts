import assert from "node:assert/strict";
import fc from "fast-check";
import { createRandom } from "../../../../../lib/base/random.ts";
import { type Matrix, matrixOf } from "../../../../../lib/matrices/matrix.ts";
import { checkFamilies } from "../../../../../lib/reports/4_csi_5138/families/check_families.ts";
import {
  factoredScores,
  factorsOf,
  neededInnerDimension,
  productOf,
} from "../../../../../lib/reports/4_csi_5138/families/hypotheses.ts";
import { assertValuesClose } from "../../../../assert_all_close.ts";

const at = ({ columns, values }: Matrix, row: number, column: number) =>
  values[row * columns + column]!;

/** ((A + B) C x)ₖ by its sums. */
const score = (
  { A, B, C }: { A: Matrix; B: Matrix; C: Matrix },
  x: readonly number[],
  k: number,
) => {
  let sum = 0;
  for (let j = 0; j < C.rows; j++) {
    for (let i = 0; i < C.columns; i++) {
      sum += (at(A, k, j) + at(B, k, j)) * at(C, j, i) * x[i]!;
    }
  }
  return sum;
};

const softmax = (z: number[]) => {
  const powers = z.map(Math.exp);
  const sum = powers.reduce((a, b) => a + b);
  return powers.map((power) => power / sum);
};

Deno.test("factorsOf() gives W's probabilities for every r that is enough", () => {
  const size = fc.integer({ min: 2, max: 6 });
  fc.assert(fc.property(
    fc.tuple(size, fc.integer({ min: 1, max: 6 }), fc.nat(8), fc.nat()),
    ([K, m, more, seed]) => {
      const random = createRandom(seed);
      const inner = Math.min(K - 1, m) + more;
      const W = matrixOf(K, m, () => random.normal());
      const factors = factorsOf(W, inner);
      const { A, B, C } = factors;
      assert.deepEqual(
        [A, B, C].map(({ rows, columns }) => [rows, columns]),
        [[K, inner], [K, inner], [inner, m]],
      );
      const x = Array.from({ length: m }, () => random.normal());
      const classes = Array.from({ length: K }, (_, k) => k);
      const direct = classes.map((k) =>
        x.reduce((sum, xi, i) => sum + at(W, k, i) * xi, 0)
      );
      const factored = classes.map((k) => score(factors, x, k));
      assertValuesClose(softmax(factored), softmax(direct), {
        rtol: 1e-12,
        atol: 0,
      });
      // with room for all of W there is no shift
      const isWhole = inner >= K || inner >= m;
      if (isWhole) {
        assertValuesClose(factored, direct, { rtol: 0, atol: 1e-13 });
      }
    },
  ));
});

Deno.test("factorsOf() has A = I, B = 0, C = W for the report's r = K, K > m or not", () => {
  for (const [K, m] of [[2, 3], [3, 2]] as const) {
    const W = matrixOf(K, m, (row, column) => 10 * row + column + 1);
    assert.deepEqual(factorsOf(W, K), {
      A: matrixOf(K, K, (row, column) => row === column ? 1 : 0),
      B: matrixOf(K, K, () => 0),
      C: W,
    });
  }
});

Deno.test("productOf() and factoredScores() multiply in the order they say", () => {
  const random = createRandom(3);
  const draw = (rows: number, columns: number) =>
    matrixOf(rows, columns, () => random.normal());
  const factors = { A: draw(3, 2), B: draw(3, 2), C: draw(2, 4) };
  const x = draw(4, 1);
  const expected = [0, 1, 2].map((k) => score(factors, [...x.values], k));
  const tolerance = { rtol: 1e-14, atol: 1e-14 };
  assertValuesClose(factoredScores(factors, x).values, expected, tolerance);
  const W = productOf(factors);
  const scores = [0, 1, 2].map((k) =>
    [...x.values].reduce((sum, xi, i) => sum + at(W, k, i) * xi, 0)
  );
  assertValuesClose(scores, expected, tolerance);
});

Deno.test("factorsOf() refuses an inner dimension below min(K − 1, m)", () => {
  assert.deepEqual(
    [[2, 5], [4, 6], [6, 3], [5, 4], [1, 3]].map(([K, m]) =>
      neededInnerDimension(K!, m!)
    ),
    [1, 3, 3, 4, 0],
  );
  const W = matrixOf(4, 6, () => 1);
  assert.throws(
    () => factorsOf(W, 2),
    new RangeError(
      "Cannot factor W: the inner dimension must be at least 3 for 4 classes and 6 inputs: got 2",
    ),
  );
  assert.throws(() => factorsOf(matrixOf(1, 1, () => 1), 0), RangeError);
});

Deno.test("checkFamilies() builds both ways, and tells ranks where it cannot", () => {
  const check = (classes: number, inputs: number, inner: number) =>
    checkFamilies({ classes, inputs, inner }, 20, createRandom(1));
  for (const [K, m] of [[4, 6], [6, 3], [3, 3]] as const) {
    const needed = Math.min(K - 1, m);
    for (let r = 1; r <= K + 1; r++) {
      const { toFactored, toDirect, directRank, factoredRank } = check(K, m, r);
      assert.ok(toDirect < 1e-12 && toDirect > 0);
      assert.equal(directRank, needed);
      assert.equal(factoredRank, Math.min(r, needed));
      assert.equal(toFactored === null, r < needed);
      if (toFactored !== null) assert.ok(toFactored < 1e-12);
    }
    assert.equal(check(K, m, K).toFactored, 0, "A = I, B = 0: no rounding");
  }
});
