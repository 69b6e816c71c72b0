/** Candidates that were trained equally long. */
export interface Rung<C> {
  /** From 0. */
  readonly index: number;
  /** In their order; NaN where a candidate failed. */
  readonly entries: readonly {
    readonly candidate: C;
    readonly score: number;
  }[];
}

/**
 * Successive halving (Jamieson and Talwalkar, "Non-stochastic Best Arm
 * Identification and Hyperparameter Optimization", 2016): trains all candidates
 * a little, keeps the best part of them, trains these longer, and so on, until
 * one is left and has been trained. A candidate that failed is never kept; of
 * equal scores the earlier candidate is.
 *
 * @param candidates at least one
 * @param options.keep the share that a rung keeps, 1/keep, rounded down, but
 *   one at least; above 1
 * @param options.train trains candidates for a rung; resolves to a score each,
 *   the higher the better, NaN for one that failed
 * @returns the rungs; the last one has one entry, or none that succeeded
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { successiveHalving } from "alphalab";
 *
 * const rungs = await successiveHalving([3, 9, 4, 1, 7], {
 *   keep: 2,
 *   train: (candidates) => Promise.resolve(candidates),
 * });
 * const kept = rungs.map(({ entries }) => entries.map((e) => e.candidate));
 * assert.deepEqual(kept, [[3, 9, 4, 1, 7], [9, 7], [9]]);
 * ```
 */
export async function successiveHalving<C>(
  candidates: readonly C[],
  options: {
    readonly keep: number;
    train(candidates: readonly C[], rung: number): Promise<readonly number[]>;
  },
): Promise<Rung<C>[]> {
  const rungs: Rung<C>[] = [];
  let present = candidates;
  while (present.length > 0) {
    const index = rungs.length;
    const scores = await options.train(present, index);
    const entries = present.map((candidate, i) => ({
      candidate,
      score: scores[i]!,
    }));
    rungs.push({ index, entries });
    if (present.length === 1) break;
    present = entries.filter(({ score }) => !Number.isNaN(score))
      .toSorted((a, b) => b.score - a.score)
      .slice(0, Math.max(1, Math.floor(present.length / options.keep)))
      .map(({ candidate }) => candidate);
  }
  return rungs;
}

/**
 * A number whose logarithm is uniform between two bounds, to three digits, so
 * that it can be typed as it was printed.
 *
 * @param uniform in [0, 1)
 * @param low above 0
 * @param high above low
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { logUniform } from "alphalab";
 *
 * assert.equal(logUniform(0.5, 1e-8, 1e-4), 1e-6);
 * ```
 */
export function logUniform(uniform: number, low: number, high: number): number {
  return Number((low * (high / low) ** uniform).toPrecision(3));
}
