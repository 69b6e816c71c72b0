import { dotTable, type IntervalFunction } from "./interval_function.ts";
import { type IntervalNet, relu, sign, type Unit } from "./interval_net.ts";

/** What a net does with all inputs of a function. */
export interface NetCheck {
  /** Inputs whose output is not the function's value. */
  readonly wrong: number;
  /** The first of them in the counting order; null where there is none. */
  readonly firstWrong: number | null;
  /** Smallest distance |w · x + b| / ‖w‖₂ from an input to a hyperplane. */
  readonly margin: number;
  /**
   * The ε of the largest cube around every input, |δᵢ| ≤ ε, inside of which no
   * output changes: smallest |w · x + b| / ‖w‖₁.
   */
  readonly perturbation: number;
  /**
   * The same for balls, ‖δ‖₂ ≤ ε: the margin.
   */
  readonly euclideanPerturbation: number;
  /**
   * Whether these two ε themselves change no output; where not, all below them.
   */
  readonly attained: boolean;
}

/** Inputs of a block: two tables of it stay in the first-level cache. */
const BLOCK_BITS = 10;

/**
 * Lets all 2^D inputs through a net, layer by layer, with its own weights and
 * biases, and compares each output with the function's value.
 *
 * Numerics: a unit's pre-activation is the sum of two table entries, the parts
 * of the dot product over the low and over the high inputs. With integer
 * weights and biases, as the closed forms have them, every sum is exact.
 *
 * The perturbation. By Hölder's inequality a δ with ‖δ‖∞ ≤ ε moves w · x by up
 * to ε ‖w‖₁, and by no more; one with ‖δ‖₂ ≤ ε by up to ε ‖w‖₂. The output is
 * +1 in the closed slab between the hyperplanes. An input inside first leaves
 * it across the nearer one; an input outside first enters it across the one on
 * its side, which is the nearer one too. So the first change is at distance
 * min |w · x + b| over inputs and units, in the norm's dual. An input outside
 * changes as it reaches its hyperplane, an input inside only behind it: ε is
 * attained unless an input outside is among the nearest. (Where the hyperplanes
 * coincide, the slab has no thickness: x + δ changes where it falls on it.)
 *
 * @param net the net; the distances are to be understood as above where its two
 *   hyperplanes are parallel and its output is +1 just between and on them
 * @param f of the net's dimension
 * @returns counts and distances
 *
 * @example
 * ```ts
 * import { checkNet } from "#lib/reports/3_homework_1/boolean/check_net.ts";
 * import {
 *   intervalFunction,
 * } from "#lib/reports/3_homework_1/boolean/interval_function.ts";
 * import { signNet } from "#lib/reports/3_homework_1/boolean/interval_net.ts";
 * import { deepEqual } from "node:assert/strict";
 *
 * const f = intervalFunction(2, -1, 1);
 * deepEqual(checkNet(signNet(f), f), {
 *   wrong: 0,
 *   firstWrong: null,
 *   margin: 1 / Math.sqrt(2),
 *   perturbation: 0.5,
 *   euclideanPerturbation: 1 / Math.sqrt(2),
 *   attained: false,
 * });
 * ```
 */
export function checkNet(net: IntervalNet, f: IntervalFunction): NetCheck {
  const { dimension, lower, upper } = f;
  const split = Math.min(dimension, BLOCK_BITS);
  const [low1, low2] = net.hidden.map(({ weights }) =>
    dotTable(weights.subarray(0, split))
  ) as [Float64Array, Float64Array];
  const [high1, high2] = net.hidden.map(({ weights }) =>
    dotTable(weights.subarray(split))
  ) as [Float64Array, Float64Array];
  const [bias1, bias2] = net.hidden.map(({ bias }) => bias) as [number, number];
  const [v1, v2] = net.output.weights as unknown as [number, number];
  const activate = net.activation === "sign" ? sign : relu;
  const ones = Uint8Array.from(low1, (_, i) => countOnes(i));

  let wrong = 0;
  let firstWrong: number | null = null;
  // smallest |z| of each unit, over the inputs with output +1 and −1
  let inside1 = Infinity, inside2 = Infinity;
  let outside1 = Infinity, outside2 = Infinity;
  for (let high = 0; high < high1.length; high++) {
    const offset1 = high1[high]! + bias1;
    const offset2 = high2[high]! + bias2;
    const sumOffset = 2 * countOnes(high) - dimension;
    for (let low = 0; low < low1.length; low++) {
      const z1 = low1[low]! + offset1;
      const z2 = low2[low]! + offset2;
      const out = v1 * activate(z1) + v2 * activate(z2) + net.output.bias;
      const sum = 2 * ones[low]! + sumOffset;
      const distance1 = Math.abs(z1);
      const distance2 = Math.abs(z2);
      if (out >= 0) {
        if (distance1 < inside1) inside1 = distance1;
        if (distance2 < inside2) inside2 = distance2;
      } else {
        if (distance1 < outside1) outside1 = distance1;
        if (distance2 < outside2) outside2 = distance2;
      }
      if (out >= 0 !== (lower <= sum && sum <= upper)) {
        wrong++;
        firstWrong ??= high * low1.length + low;
      }
    }
  }
  const least = (norm: (unit: Unit) => number, ...[z1, z2]: number[]) =>
    Math.min(z1! / norm(net.hidden[0]), z2! / norm(net.hidden[1]));
  const inside = least(manhattan, inside1, inside2);
  const outside = least(manhattan, outside1, outside2);
  const margin = least(
    euclidean,
    Math.min(inside1, outside1),
    Math.min(inside2, outside2),
  );
  return {
    wrong,
    firstWrong,
    margin,
    perturbation: Math.min(inside, outside),
    euclideanPerturbation: margin,
    attained: inside < outside,
  };
}

const manhattan = ({ weights }: Unit) =>
  weights.reduce((sum, weight) => sum + Math.abs(weight), 0);

const euclidean = ({ weights }: Unit) =>
  Math.sqrt(weights.reduce((sum, weight) => sum + weight ** 2, 0));

function countOnes(bits: number): number {
  let ones = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) ones++;
  return ones;
}
