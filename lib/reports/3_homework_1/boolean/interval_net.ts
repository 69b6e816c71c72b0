import type { IntervalFunction, Sign } from "./interval_function.ts";

/** One unit: z = w · x + b. */
export interface Unit {
  readonly weights: Float64Array;
  readonly bias: number;
}

/** A net with one hidden layer of two units; it puts out the sign of z_out. */
export interface IntervalNet {
  readonly activation: "sign" | "relu";
  /** Over the inputs. */
  readonly hidden: readonly [Unit, Unit];
  /** Over the activations of the hidden units. */
  readonly output: Unit;
}

/** Report 3, equation 6: 0 counts as positive. */
export function sign(z: number): Sign {
  return z >= 0 ? 1 : -1;
}

/** Report 3, equation 16. */
export function relu(z: number): number {
  return z > 0 ? z : 0;
}

/**
 * (1 + (−1)^(D + bound)) / 2: 1 where the bound is a sum that inputs can have,
 * or has its parity.
 */
function extension(dimension: number, bound: number): number {
  return (1 + (-1) ** (dimension + bound)) / 2;
}

function unit(weight: number, dimension: number, bias: number): Unit {
  return { weights: new Float64Array(dimension).fill(weight), bias };
}

/** +1 where h₁ + h₂ = 2, which is the most that it can be (equation 11). */
const BOTH: Unit = { weights: Float64Array.of(1, 1), bias: -2 };

/** +1 where h₁ + h₂ = 0, which is the least that it can be (equation 20). */
const NEITHER: Unit = { weights: Float64Array.of(-1, -1), bias: 0 };

/**
 * The net with sign activations before its bounds are extended, equations 9 to
 * 11: b₁ = −A, b₂ = B. An input whose sum is A or B lies on a hyperplane.
 *
 * @param f what the net is to compute
 * @returns the net, its weights ±1
 */
export function plainSignNet(
  { dimension, lower, upper }: IntervalFunction,
): IntervalNet {
  return {
    activation: "sign",
    hidden: [unit(1, dimension, -lower), unit(-1, dimension, upper)],
    output: BOTH,
  };
}

/**
 * The net with sign activations, equations 11, 14 and 15:
 * b₁ = e(A) − A, b₂ = e(B) + B with e(n) = (1 + (−1)^(D + n)) / 2, so that each
 * hyperplane lies between two sums that inputs can have.
 *
 * @param f what the net is to compute
 * @returns the net, its weights ±1
 *
 * @example
 * ```ts
 * import {
 *   inputVector,
 *   intervalFunction,
 * } from "#lib/reports/3_homework_1/boolean/interval_function.ts";
 * import {
 *   netOutput,
 *   signNet,
 * } from "#lib/reports/3_homework_1/boolean/interval_net.ts";
 * import { deepEqual } from "node:assert/strict";
 *
 * const net = signNet(intervalFunction(2, 0, 0));
 * deepEqual(net.hidden.map(({ bias }) => bias), [1, 1]);
 * deepEqual(
 *   [0b00, 0b01, 0b10, 0b11].map((i) => netOutput(net, inputVector(i, 2))),
 *   [-1, 1, 1, -1],
 * );
 * ```
 */
export function signNet(
  { dimension, lower, upper }: IntervalFunction,
): IntervalNet {
  const bias1 = extension(dimension, lower) - lower;
  const bias2 = extension(dimension, upper) + upper;
  return {
    activation: "sign",
    hidden: [unit(1, dimension, bias1), unit(-1, dimension, bias2)],
    output: BOTH,
  };
}

/**
 * The net with ReLU activations, equations 18 to 20: the hyperplanes of
 * {@linkcode signNet} turned around, so that both units are 0 where f is +1.
 *
 * @param f what the net is to compute
 * @returns the net, its weights ±1
 */
export function reluNet(
  { dimension, lower, upper }: IntervalFunction,
): IntervalNet {
  const bias1 = lower - extension(dimension, lower);
  const bias2 = -(upper + extension(dimension, upper));
  return {
    activation: "relu",
    hidden: [unit(-1, dimension, bias1), unit(1, dimension, bias2)],
    output: NEITHER,
  };
}

/**
 * A net with the hidden layer of {@linkcode signNet} and ReLU, which section
 * 3.1.3 takes for too intricate: h₁ + h₂ is b₁ + b₂ between the hyperplanes,
 * and at least 1 more for every input beyond them; the output unit compares it
 * with b₁ + b₂ + ½.
 *
 * @param f what the net is to compute
 * @returns the net
 */
export function sameHiddenReluNet(f: IntervalFunction): IntervalNet {
  const { hidden } = signNet(f);
  const bias = hidden[0].bias + hidden[1].bias + 0.5;
  return {
    activation: "relu",
    hidden,
    output: { weights: NEITHER.weights, bias },
  };
}

/**
 * A unit's pre-activation, equation 5.
 *
 * @param unit its weights `[D]` and its bias
 * @param x float64 `[D]`, any real values
 * @returns w · x + b
 */
export function preActivation(
  { weights, bias }: Unit,
  x: Float64Array,
): number {
  return weights.reduce((sum, weight, i) => sum + weight * x[i]!, 0) + bias;
}

/**
 * What a net says of one input.
 *
 * @param net the net
 * @param x float64 `[D]`, any real values
 * @returns −1 or +1
 */
export function netOutput(net: IntervalNet, x: Float64Array): Sign {
  const activate = net.activation === "sign" ? sign : relu;
  const h = Float64Array.from(
    net.hidden,
    (unit) => activate(preActivation(unit, x)),
  );
  return sign(preActivation(net.output, h));
}
