import { minusSigns } from "../../../base/format.ts";

/**
 * f(x) = +1 where lower ≤ Σ xᵢ ≤ upper and −1 elsewhere, x ∈ {−1, +1}^dimension
 * (report 3, question 3).
 */
export interface IntervalFunction {
  /** D, the number of inputs, 1 to {@linkcode MAX_DIMENSION}. */
  readonly dimension: number;
  /** A, an integer. */
  readonly lower: number;
  /** B, an integer, at least A. */
  readonly upper: number;
}

/** 2^24 inputs pass a net in a fraction of a second; more are of no use. */
export const MAX_DIMENSION = 24;

/** A value of a Boolean function, and of the sign activation. */
export type Sign = -1 | 1;

/**
 * Makes a function that counts its inputs' sum against an interval.
 *
 * @param dimension D, an integer from 1 to 24
 * @param lower A, an integer up to 2⁵² in size, so that it has a parity
 * @param upper B, an integer up to 2⁵² in size, at least A
 * @returns the three, checked
 * @throws {RangeError} for anything else
 *
 * @example
 * ```ts
 * import {
 *   intervalFunction,
 *   intervalValue,
 * } from "#lib/reports/3_homework_1/boolean/interval_function.ts";
 * import { equal } from "node:assert/strict";
 *
 * const isMixed = intervalFunction(2, -1, 1);
 * equal(intervalValue(isMixed, 0b01), 1); // (+1, −1)
 * equal(intervalValue(isMixed, 0b11), -1); // (+1, +1)
 * ```
 */
export function intervalFunction(
  dimension: number,
  lower: number,
  upper: number,
): IntervalFunction {
  const isBound = (x: number) => Number.isInteger(x) && Math.abs(x) <= 2 ** 52;
  if (
    !Number.isInteger(dimension) || dimension < 1 || dimension > MAX_DIMENSION
  ) {
    throw new RangeError(
      `Cannot make the function: dimension must be an integer from 1 to ${MAX_DIMENSION}: got ${dimension}`,
    );
  }
  if (!isBound(lower) || !isBound(upper) || lower > upper) {
    throw new RangeError(
      `Cannot make the function: lower and upper must be integers, lower at most upper: got ${lower} and ${upper}`,
    );
  }
  return { dimension, lower, upper };
}

/**
 * The function's value, from its definition.
 *
 * @param f the function
 * @param input its place in the counting order: bit i set means xᵢ = +1
 * @returns −1 or +1
 */
export function intervalValue(
  { dimension, lower, upper }: IntervalFunction,
  input: number,
): Sign {
  let ones = 0;
  for (let bits = input; bits !== 0; bits &= bits - 1) ones++;
  const sum = 2 * ones - dimension;
  return lower <= sum && sum <= upper ? 1 : -1;
}

/**
 * An input by its place in the counting order.
 *
 * @param input bit i set means xᵢ = +1
 * @param dimension the number of inputs
 * @returns float64 `[dimension]`, −1 or +1
 *
 * @example
 * ```ts
 * import {
 *   inputVector,
 * } from "#lib/reports/3_homework_1/boolean/interval_function.ts";
 * import { deepEqual } from "node:assert/strict";
 *
 * deepEqual([...inputVector(0b01, 2)], [1, -1]);
 * ```
 */
export function inputVector(input: number, dimension: number): Float64Array {
  return Float64Array.from(
    { length: dimension },
    (_, i) => (input >> i & 1) === 1 ? 1 : -1,
  );
}

/**
 * The sums that inputs can have, each 2 above the one before.
 *
 * @param dimension the number of inputs
 * @returns −D, −D + 2, …, D
 */
export function attainableSums(dimension: number): number[] {
  return Array.from(
    { length: dimension + 1 },
    (_, ones) => 2 * ones - dimension,
  );
}

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
 * import {
 *   dotTable,
 * } from "#lib/reports/3_homework_1/boolean/interval_function.ts";
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

/** A function for the reader: `D = 2, [−1, 1]`. */
export function functionName(
  { dimension, lower, upper }: IntervalFunction,
): string {
  return minusSigns(`D = ${dimension}, [${lower}, ${upper}]`);
}
