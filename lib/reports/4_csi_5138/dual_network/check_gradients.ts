import type { Random } from "../../../base/random.ts";
import { type Matrix, matrixOf } from "../../../matrices/matrix.ts";
import {
  derivativeNetwork,
  dualNetwork,
  forwardNetwork,
  type SquareParameters,
} from "./dual_network.ts";
import {
  type Bracket,
  type One,
  ONES,
  printedGradients,
} from "./printed_gradients.ts";

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
 * import { matrixOf } from "#lib/matrices/matrix.ts";
 * import {
 *   relativeError,
 * } from "#lib/reports/4_csi_5138/dual_network/check_gradients.ts";
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

/**
 * The gradient of a float64 function by central differences:
 *
 *     ∂f/∂θᵢ ≈ (f(θ + h eᵢ) − f(θ − h eᵢ)) / 2h,  h = ∛ε · max(1, |θᵢ|)
 *
 * with ε = 2⁻⁵². The formula is off by h²/6 · f‴ and f's rounding makes up to
 * ε |f| / h of error; h ∝ ∛ε is where both are of one size, about ε^⅔ = 4e-11
 * for functions whose values and derivatives are near 1. What is divided by is
 * the distance of the two points as they were rounded, not 2h.
 *
 * @param f of a matrix of θ's shape, which it must not keep
 * @param theta where the gradient is taken
 * @returns the gradient, of θ's shape
 *
 * @example
 * ```ts
 * import { matrixOf } from "#lib/matrices/matrix.ts";
 * import {
 *   differenceGradient,
 * } from "#lib/reports/4_csi_5138/dual_network/check_gradients.ts";
 * import assert from "node:assert/strict";
 *
 * const theta = matrixOf(1, 2, (_, column) => column + 1); // 1 2
 * const sumOfCubes = ({ values }: { values: Float64Array }) =>
 *   values.reduce((sum, value) => sum + value ** 3, 0);
 * const [first, second] = differenceGradient(sumOfCubes, theta).values;
 * assert.ok(Math.abs(first! - 3) < 1e-9 && Math.abs(second! - 12) < 1e-8);
 * ```
 */
export function differenceGradient(
  f: (theta: Matrix) => number,
  theta: Matrix,
): Matrix {
  const at = { ...theta, values: theta.values.slice() };
  const step = Math.cbrt(Number.EPSILON);
  const values = theta.values.map((value, i) => {
    const h = step * Math.max(1, Math.abs(value));
    const [high, low] = [value + h, value - h];
    at.values[i] = high;
    const above = f(at);
    at.values[i] = low;
    const below = f(at);
    at.values[i] = value;
    return (above - below) / (high - low);
  });
  return { ...theta, values };
}

/** Parameters and an input of report 4's network. */
export interface Example extends SquareParameters {
  /** `[n, 1]`. */
  readonly x: Matrix;
}

/** Gradients from elsewhere, of the same loss at the same place. */
export type OtherGradients = (example: Example) => SquareParameters;

/** A number for ∂L/∂A, and one for ∂L/∂B. */
export interface ErrorPair {
  readonly A: number;
  readonly B: number;
}

/** The printed formulas in one reading; null where the shape is not n × n. */
export interface ReadingError {
  readonly one: One;
  readonly bracket: Bracket;
  readonly A: number | null;
  readonly B: number | null;
}

/** What one example shows. */
export interface GradientCheck {
  /** n. */
  readonly size: number;
  /** The dual network, in float64, beside TF.js, in float32. */
  readonly handTfjs: ErrorPair;
  /** The dual network beside central differences, in float64 both. */
  readonly handDifferences: ErrorPair;
  readonly tfjsDifferences: ErrorPair;
  /**
   * The derivative network along a random direction beside the dual network's
   * gradients times it, |dL − ⟨δ, d⟩| / Σ |δᵢ dᵢ|.
   */
  readonly transposition: number;
  /** The printed formulas beside the dual network, in every reading. */
  readonly readings: readonly ReadingError[];
}

const BRACKETS: readonly Bracket[] = ["early", "late"];

/**
 * Draws an example whose float64 numbers float32 holds too, so that both
 * precisions start from the same ones.
 *
 * Sizes are uniform in [0.5, 1.2] and signs random, and A's and B's entries are
 * divided by √n, so that all activations stay near 1 for every n. For n = 1,
 * dL/dA is a multiple of 2 + y (1 − σ(y)) with y = A x, which is 0 at
 * y = −2.2; here |y| ≤ 1.44, where it is at least 0.83, and a relative error is
 * well defined.
 *
 * @param size n, at least 1
 * @param random draws A, B, then x
 * @returns the example
 *
 * @example
 * ```ts
 * import {
 *   drawExample,
 * } from "#lib/reports/4_csi_5138/dual_network/check_gradients.ts";
 * import { createRandom } from "alphalab/random";
 * import { equal } from "node:assert/strict";
 *
 * const { A, x } = drawExample(3, createRandom(0));
 * equal(A.values.length, 9);
 * equal(x.values[0], Math.fround(x.values[0]!));
 * ```
 */
export function drawExample(size: number, random: Random): Example {
  const draw = (columns: number, scale: number) =>
    matrixOf(size, columns, () => {
      const value = scale * (0.5 + 0.7 * random.uniform());
      return Math.fround(random.uniform() < 0.5 ? -value : value);
    });
  return {
    A: draw(size, 1 / Math.sqrt(size)),
    B: draw(size, 1 / Math.sqrt(size)),
    x: draw(1, 1),
  };
}

/**
 * Compares all gradients of one example: dual network, TF.js and central
 * differences with each other, the printed formulas and the derivative network
 * with the dual network.
 *
 * @param example A, B and x
 * @param tfjs gives TF.js's gradients
 * @param random draws the derivative network's direction
 * @returns the relative errors, as {@linkcode relativeError} measures them
 *
 * @example
 * ```ts
 * import {
 *   checkGradients,
 *   drawExample,
 * } from "#lib/reports/4_csi_5138/dual_network/check_gradients.ts";
 * import {
 *   dualNetwork,
 *   forwardNetwork,
 * } from "#lib/reports/4_csi_5138/dual_network/dual_network.ts";
 * import { createRandom } from "alphalab/random";
 * import assert from "node:assert/strict";
 *
 * const random = createRandom(0);
 * const check = checkGradients(
 *   drawExample(3, random),
 *   ({ x, ...parameters }) => // in TF.js's place
 *     dualNetwork(parameters, forwardNetwork(parameters, x), 1),
 *   random,
 * );
 * assert.equal(check.handTfjs.A, 0);
 * assert.ok(check.handDifferences.A < 1e-8);
 * ```
 */
export function checkGradients(
  example: Example,
  tfjs: OtherGradients,
  random: Random,
): GradientCheck {
  const { x, ...parameters } = example;
  const { A, B } = parameters;
  const activations = forwardNetwork(parameters, x);
  const hand = dualNetwork(parameters, activations, 1);
  const differences = {
    A: differenceGradient((A) => forwardNetwork({ A, B }, x).loss, A),
    B: differenceGradient((B) => forwardNetwork({ A, B }, x).loss, B),
  };
  const library = tfjs(example);
  const errors = (a: SquareParameters, b: SquareParameters) => ({
    A: relativeError(a.A, b.A),
    B: relativeError(a.B, b.B),
  });
  const pair = (a: SquareParameters, b: SquareParameters) => {
    const { A, B } = errors(a, b);
    return { A: A!, B: B! }; // of one shape
  };
  const direction = {
    A: matrixOf(A.rows, A.columns, () => random.normal()),
    B: matrixOf(B.rows, B.columns, () => random.normal()),
  };
  const terms = [...hand.A.values].map((one, i) => one * direction.A.values[i]!)
    .concat([...hand.B.values].map((one, i) => one * direction.B.values[i]!));
  const dL = derivativeNetwork(parameters, activations, direction);
  const sum = terms.reduce((sum, term) => sum + term, 0);
  const size = terms.reduce((sum, term) => sum + Math.abs(term), 0);
  return {
    size: x.rows,
    handTfjs: pair(hand, library),
    handDifferences: pair(hand, differences),
    tfjsDifferences: pair(library, differences),
    transposition: Math.abs(dL - sum) / size,
    readings: ONES.flatMap((one) =>
      BRACKETS.map((bracket) => ({
        one,
        bracket,
        ...errors(
          printedGradients(parameters, activations, { one, bracket }),
          hand,
        ),
      }))
    ),
  };
}
