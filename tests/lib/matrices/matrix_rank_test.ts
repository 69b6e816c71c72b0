import assert from "node:assert/strict";
import fc from "fast-check";
import { createRandom } from "../../../lib/base/random.ts";
import {
  matrixOf,
  matrixProduct,
  transposed,
} from "../../../lib/matrices/matrix.ts";
import { matrixRank } from "../../../lib/matrices/matrix_rank.ts";

Deno.test("matrixRank() finds the inner dimension of a random product", () => {
  const side = fc.integer({ min: 1, max: 7 });
  fc.assert(fc.property(
    fc.tuple(side, side, side, fc.nat()),
    ([n, r, m, seed]) => {
      const random = createRandom(seed);
      const draw = (rows: number, columns: number) =>
        matrixOf(rows, columns, () => random.normal());
      const product = matrixProduct(draw(n, r), draw(r, m));
      assert.equal(matrixRank(product), Math.min(n, r, m));
      assert.equal(matrixRank(transposed(product)), Math.min(n, r, m));
    },
  ));
});

Deno.test("matrixRank() is 0 for zeros, whatever the scale elsewhere", () => {
  assert.equal(matrixRank(matrixOf(2, 3, () => 0)), 0);
  for (const scale of [1e-200, 1, 1e200]) {
    const diagonal = matrixOf(
      3,
      3,
      (row, column) => row === column ? scale * [1, 1e-3, 1e-8][row]! : 0,
    );
    assert.equal(matrixRank(diagonal), 3);
    assert.equal(matrixRank(diagonal, 1e-6), 2);
  }
});
