import { SVD } from "ml-matrix";
import { maxOf } from "../base/statistics.ts";

/** A float64 matrix; a vector is a matrix of one column. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  /** Row-major, `[rows · columns]`. */
  readonly values: Float64Array;
}

/**
 * A matrix of given entries.
 *
 * @param rows at least 1
 * @param columns at least 1
 * @param entryOf the entry of a row and a column, both from 0; asked row by row
 * @returns the matrix
 *
 * @example
 * ```ts
 * import { matrixOf } from "#lib/matrices/matrix.ts";
 * import { deepEqual } from "node:assert/strict";
 *
 * const identity = matrixOf(2, 2, (row, column) => row === column ? 1 : 0);
 * deepEqual([...identity.values], [1, 0, 0, 1]);
 * ```
 */
export function matrixOf(
  rows: number,
  columns: number,
  entryOf: (row: number, column: number) => number,
): Matrix {
  const values = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      values[row * columns + column] = entryOf(row, column);
    }
  }
  return { rows, columns, values };
}

/**
 * The product a b, each entry summed from the first inner index on.
 *
 * @param a `[n, k]`
 * @param b `[k, m]`
 * @returns `[n, m]`
 * @throws {RangeError} where a has not as many columns as b has rows
 *
 * @example
 * ```ts
 * import { matrixOf, matrixProduct } from "#lib/matrices/matrix.ts";
 * import { deepEqual } from "node:assert/strict";
 *
 * const a = matrixOf(2, 2, (row, column) => 2 * row + column + 1); // 1 2; 3 4
 * const x = matrixOf(2, 1, () => 1);
 * deepEqual([...matrixProduct(a, x).values], [3, 7]);
 * ```
 */
export function matrixProduct(a: Matrix, b: Matrix): Matrix {
  if (a.columns !== b.rows) {
    throw new RangeError(
      `Cannot multiply matrices: the second must have ${a.columns} rows: got ${b.rows}`,
    );
  }
  const product = matrixOf(a.rows, b.columns, () => 0);
  for (let row = 0; row < a.rows; row++) {
    for (let k = 0; k < a.columns; k++) {
      const factor = a.values[row * a.columns + k]!;
      for (let column = 0; column < b.columns; column++) {
        product.values[row * b.columns + column]! += factor *
          b.values[k * b.columns + column]!;
      }
    }
  }
  return product;
}

/**
 * The transpose aᵀ.
 *
 * @param a `[n, m]`
 * @returns `[m, n]`
 *
 * @example
 * ```ts
 * import { matrixOf, transposed } from "#lib/matrices/matrix.ts";
 * import { deepEqual } from "node:assert/strict";
 *
 * const a = matrixOf(1, 2, (_, column) => column);
 * deepEqual(transposed(a), matrixOf(2, 1, (row) => row));
 * ```
 */
export function transposed({ rows, columns, values }: Matrix): Matrix {
  return matrixOf(
    columns,
    rows,
    (row, column) => values[column * columns + row]!,
  );
}

/**
 * A function of two matrices' entries; a side of 1 is repeated, so that a
 * column and a row give a matrix.
 *
 * @param f of an entry of a and the entry of b in its place
 * @param a `[n, m]`, n and m each b's or 1
 * @param b as a
 * @returns of the larger sides
 * @throws {RangeError} where the sides differ and neither is 1
 *
 * @example
 * ```ts
 * import { elementwise, matrixOf } from "#lib/matrices/matrix.ts";
 * import { deepEqual } from "node:assert/strict";
 *
 * const column = matrixOf(2, 1, (row) => row + 1);
 * const row = matrixOf(1, 2, (_, column) => column + 3);
 * const outer = elementwise((a, b) => a * b, column, row);
 * deepEqual([...outer.values], [3, 4, 6, 8]);
 * ```
 */
export function elementwise(
  f: (a: number, b: number) => number,
  a: Matrix,
  b: Matrix,
): Matrix {
  const rows = commonSide("rows", a.rows, b.rows);
  const columns = commonSide("columns", a.columns, b.columns);
  const entry = (one: Matrix, row: number, column: number) =>
    one.values[
      (one.rows === 1 ? 0 : row) * one.columns +
      (one.columns === 1 ? 0 : column)
    ]!;
  return matrixOf(
    rows,
    columns,
    (row, column) => f(entry(a, row, column), entry(b, row, column)),
  );
}

function commonSide(name: string, a: number, b: number): number {
  if (a !== b && a !== 1 && b !== 1) {
    throw new RangeError(
      `Cannot combine matrices: ${name} must be ${a} or 1: got ${b}`,
    );
  }
  return a === 1 ? b : a;
}

/**
 * The rank of a matrix as far as float64 tells it: the number of its singular
 * values above `tolerance` times the largest one.
 *
 * @param a `[n, m]`, finite
 * @param tolerance relative, 0 to 1
 * @returns 0 to min(n, m)
 *
 * @example
 * ```ts
 * import { matrixOf, matrixRank } from "#lib/matrices/matrix.ts";
 * import { equal } from "node:assert/strict";
 *
 * equal(matrixRank(matrixOf(3, 4, (row, column) => row * column)), 1);
 * equal(matrixRank(matrixOf(3, 4, (row, column) => row + column)), 2);
 * ```
 */
export function matrixRank(a: Matrix, tolerance = 1e-9): number {
  const rows = Array.from(
    { length: a.rows },
    (_, row) => a.values.slice(row * a.columns, (row + 1) * a.columns),
  );
  const { diagonal } = new SVD(rows, { autoTranspose: true });
  const largest = maxOf(diagonal);
  return diagonal.filter((value) => value > tolerance * largest).length;
}
