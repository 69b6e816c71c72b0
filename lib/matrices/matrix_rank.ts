import type { Matrix } from "./matrix.ts";

/**
 * The rank of a matrix as far as float64 tells it: the steps that Gaussian
 * elimination with complete pivoting takes until no entry is left above
 * `tolerance` times the largest entry of the matrix.
 *
 * @param a `[n, m]`, finite
 * @param tolerance relative, 0 to 1
 * @returns 0 to min(n, m)
 *
 * @example
 * ```ts
 * import { matrixOf, matrixRank } from "alphalab";
 * import { equal } from "node:assert/strict";
 *
 * equal(matrixRank(matrixOf(3, 4, (row, column) => row * column)), 1);
 * equal(matrixRank(matrixOf(3, 4, (row, column) => row + column)), 2);
 * ```
 */
export function matrixRank(a: Matrix, tolerance = 1e-9): number {
  const rest = Array.from(
    { length: a.rows },
    (_, row) => a.values.slice(row * a.columns, (row + 1) * a.columns),
  );
  const largest = a.values.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  for (let rank = 0;; rank++) {
    let pivot = { row: 0, column: 0, size: 0 };
    rest.forEach((line, row) =>
      line.forEach((entry, column) => {
        const size = Math.abs(entry);
        if (size > pivot.size) pivot = { row, column, size };
      })
    );
    if (pivot.size <= tolerance * largest) return rank;
    const [line] = rest.splice(pivot.row, 1);
    for (const other of rest) {
      const factor = other[pivot.column]! / line![pivot.column]!;
      line!.forEach((entry, column) => other[column]! -= factor * entry);
      other[pivot.column] = 0;
    }
  }
}
