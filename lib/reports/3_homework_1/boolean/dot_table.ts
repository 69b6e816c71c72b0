/**
 * The dot products of a vector with all x ∈ {−1, +1}^n, in the counting order:
 * setting bit i adds 2 wᵢ.
 *
 * @param weights float64 `[n]`; where they are integers, all sums are exact
 * @returns float64 `[2^n]`; at place k for the x with xᵢ = +1 where bit i of k
 *   is set
 *
 * @example
 * ```ts
 * import { dotTable } from "alphalab";
 * import { deepEqual } from "node:assert/strict";
 *
 * deepEqual([...dotTable(Float64Array.of(1, 10))], [-11, -9, 9, 11]);
 * ```
 */
export function dotTable(weights: Float64Array): Float64Array {
  const dots = new Float64Array(2 ** weights.length);
  dots[0] = -weights.reduce((sum, weight) => sum + weight, 0);
  weights.forEach((weight, i) => {
    const half = 2 ** i;
    for (let k = 0; k < half; k++) dots[half + k] = dots[k]! + 2 * weight;
  });
  return dots;
}
