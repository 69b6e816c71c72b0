import { maxOf, minOf } from "../../base/extremes.ts";

/** When a trajectory counts as settled. */
export interface CountSettledOptions {
  /** The last epochs that are looked at, at least 1. */
  readonly epochs: number;
  /** What a value may move over them, its largest less its smallest; greater than 0. */
  readonly tolerance: number;
}

/**
 * How many trajectories hardly moved over their last epochs.
 *
 * The move over n epochs is seen in n + 1 values; a trajectory of fewer values,
 * and one in which any of them is not finite, does not count as settled.
 *
 * @param trajectories each one value an epoch, in their order
 * @param options how long, and how far
 * @returns the number of trajectories that moved less than `tolerance`
 * @throws {RangeError} if epochs is not an integer from 1, or tolerance not greater than 0
 *
 * @example
 * ```ts
 * import { countSettled } from "alphalab";
 * import { equal } from "node:assert/strict";
 *
 * const alphas = [[0.5, 0.98, 1, 1], [0.5, 0.6, 0.7, 0.8]];
 * equal(countSettled(alphas, { epochs: 2, tolerance: 0.05 }), 1);
 * ```
 */
export function countSettled(
  trajectories: readonly (readonly number[])[],
  { epochs, tolerance }: CountSettledOptions,
): number {
  if (!(Number.isInteger(epochs) && epochs >= 1)) {
    throw new RangeError(
      `Cannot count settled trajectories: epochs must be an integer of at least 1: got ${epochs}`,
    );
  }
  if (!(tolerance > 0)) {
    throw new RangeError(
      `Cannot count settled trajectories: tolerance must be greater than 0: got ${tolerance}`,
    );
  }
  return trajectories.filter((values) => {
    const last = values.slice(-(epochs + 1));
    // not true for NaN and ∞ either
    return last.length > epochs &&
      maxOf(last) - minOf(last) < tolerance;
  }).length;
}
