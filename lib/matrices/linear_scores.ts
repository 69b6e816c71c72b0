/**
 * The scores of a linear classifier: zₖ = wₖ · x.
 *
 * @param weights `[numClasses, inputs]`, row-major
 * @param x `[inputs]`
 * @returns `[numClasses]`
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { linearScores } from "#lib/matrices/linear_scores.ts";
 *
 * const weights = new Float64Array([1, 2, 3, 4]); // of 2 classes
 * assert.deepEqual([...linearScores(weights, [10, 1])], [12, 34]);
 * ```
 */
export function linearScores(
  weights: ArrayLike<number>,
  x: ArrayLike<number>,
): Float64Array {
  const z = new Float64Array(weights.length / x.length);
  for (let k = 0; k < z.length; k++) {
    for (let i = 0; i < x.length; i++) {
      z[k]! += weights[k * x.length + i]! * x[i]!;
    }
  }
  return z;
}

/**
 * The class with the largest score, of equal ones the first.
 *
 * @param z at least one score
 * @returns its index
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { predictedClass } from "#lib/matrices/linear_scores.ts";
 *
 * assert.equal(predictedClass([1, 7, 7]), 1);
 * ```
 */
export function predictedClass(z: ArrayLike<number>): number {
  let best = 0;
  for (let k = 1; k < z.length; k++) if (z[k]! > z[best]!) best = k;
  return best;
}

/**
 * Moves numbers against a gradient: w ← w − η g.
 *
 * @param w changed in place
 * @param gradient as long as w
 * @param learningRate η
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { descend } from "#lib/matrices/linear_scores.ts";
 *
 * const w = new Float64Array([1, 2]);
 * descend(w, [10, -10], 0.1);
 * assert.deepEqual([...w], [0, 3]);
 * ```
 */
export function descend(
  w: Float64Array,
  gradient: ArrayLike<number>,
  learningRate: number,
): void {
  for (let i = 0; i < w.length; i++) w[i]! -= learningRate * gradient[i]!;
}
