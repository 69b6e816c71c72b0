import type { Matrix } from "../../../matrices/matrix.ts";

/**
 * How far two matrices are apart: max |aᵢⱼ − bᵢⱼ| / max(|a|, |b|), with the
 * largest entry of either below the line. An entry that happens to be near 0 is
 * so measured by the matrix that it stands in.
 *
 * @param a `[n, m]`
 * @param b `[n, m]`
 * @returns 0 to 2, 0 where both are 0; NaN where an entry is; null where the
 *   shapes differ
 *
 * @example
 * ```ts
 * import { matrixOf, relativeError } from "alphalab";
 * import { equal } from "node:assert/strict";
 *
 * const a = matrixOf(1, 2, (_, column) => 4 * column); // 0 4
 * equal(relativeError(a, matrixOf(1, 2, () => 3)), 0.75);
 * equal(relativeError(a, matrixOf(2, 1, () => 3)), null);
 * ```
 */
export function relativeError(a: Matrix, b: Matrix): number | null {
  if (a.rows !== b.rows || a.columns !== b.columns) return null;
  let difference = 0;
  let size = 0;
  for (let i = 0; i < a.values.length; i++) {
    const [p, q] = [a.values[i]!, b.values[i]!];
    difference = Math.max(difference, Math.abs(p - q));
    size = Math.max(size, Math.abs(p), Math.abs(q));
  }
  return size === 0 ? 0 : difference / size;
}
