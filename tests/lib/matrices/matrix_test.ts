import assert from "node:assert/strict";
import fc from "fast-check";
import {
  elementwise,
  type Matrix,
  matrixOf,
  matrixProduct,
  matrixRank,
  transposed,
} from "../../../lib/matrices/matrix.ts";
import { createRandom } from "../../../lib/base/random.ts";

/** A matrix with integer entries, so that all sums are exact. */
const anyMatrix = (rows: number, columns: number): fc.Arbitrary<Matrix> =>
  fc.array(fc.integer({ min: -9, max: 9 }), {
    minLength: rows * columns,
    maxLength: rows * columns,
  }).map((entries) => ({ rows, columns, values: Float64Array.from(entries) }));

const side = fc.integer({ min: 1, max: 5 });

Deno.test("matrixProduct() sums rows times columns, any sizes", () => {
  fc.assert(fc.property(
    fc.tuple(side, side, side).chain(([n, k, m]) =>
      fc.tuple(anyMatrix(n, k), anyMatrix(k, m))
    ),
    ([a, b]) => {
      const sums = Array.from({ length: a.rows * b.columns }, (_, i) => {
        const [row, column] = [Math.floor(i / b.columns), i % b.columns];
        let sum = 0;
        for (let k = 0; k < a.columns; k++) {
          sum += a.values[row * a.columns + k]! *
            b.values[k * b.columns + column]!;
        }
        return sum;
      });
      const product = matrixProduct(a, b);
      assert.deepEqual([product.rows, product.columns], [a.rows, b.columns]);
      product.values.forEach((value, i) => assert.ok(value === sums[i]));
    },
  ));
});

Deno.test("transposed() turns a product's order round", () => {
  fc.assert(fc.property(
    fc.tuple(side, side, side).chain(([n, k, m]) =>
      fc.tuple(anyMatrix(n, k), anyMatrix(k, m))
    ),
    ([a, b]) => {
      const one = transposed(matrixProduct(a, b));
      const other = matrixProduct(transposed(b), transposed(a));
      assert.deepEqual(one, other);
    },
  ));
});

Deno.test("elementwise() repeats a side of 1 and takes f's arguments in order", () => {
  const square = matrixOf(2, 2, (row, column) => 10 * row + column);
  const column = matrixOf(2, 1, (row) => row + 1);
  const row = matrixOf(1, 2, (_, column) => column + 5);
  const entries = (a: Matrix, b: Matrix) => [
    ...elementwise((a, b) => a - b, a, b).values,
  ];
  assert.deepEqual(entries(square, square), [0, 0, 0, 0]);
  assert.deepEqual(entries(square, column), [-1, 0, 8, 9]);
  assert.deepEqual(entries(square, row), [-5, -5, 5, 5]);
  assert.deepEqual(entries(row, column), [4, 5, 3, 4]);
});

Deno.test("matrixProduct() and elementwise() refuse sizes that do not fit", () => {
  const [wide, tall] = [matrixOf(2, 3, () => 0), matrixOf(3, 2, () => 0)];
  assert.throws(
    () => matrixProduct(wide, wide),
    new RangeError(
      "Cannot multiply matrices: the second must have 3 rows: got 2",
    ),
  );
  assert.throws(
    () => elementwise(Math.max, wide, tall),
    new RangeError("Cannot combine matrices: rows must be 2 or 1: got 3"),
  );
});

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
