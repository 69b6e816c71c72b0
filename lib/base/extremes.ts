/**
 * The largest of any number of numbers, as Math.max has it: NaN if one is, −∞
 * of none. A call that spreads an array puts each element on the stack, which
 * about 130,000 of them overflow.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { maxOf } from "./extremes.ts";
 *
 * assert.equal(maxOf([1, 3, 2]), 3);
 * ```
 */
export function maxOf(values: ArrayLike<number>): number {
  let largest = -Infinity;
  for (let i = 0; i < values.length; i++) {
    largest = Math.max(largest, values[i]!);
  }
  return largest;
}

/** The smallest of any number of numbers, as Math.min has it; see `maxOf`. */
export function minOf(values: ArrayLike<number>): number {
  let smallest = Infinity;
  for (let i = 0; i < values.length; i++) {
    smallest = Math.min(smallest, values[i]!);
  }
  return smallest;
}
