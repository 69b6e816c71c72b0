import { maxOf } from "../../../base/statistics.ts";
import {
  elementwise,
  type Matrix,
  matrixProduct,
  transposed,
} from "../../../matrices/matrix.ts";
import {
  centeredColumns,
  type Factors,
  productOf,
  softmaxColumns,
} from "./hypotheses.ts";

/** Examples, a column each, and their classes. */
export interface LabelledColumns {
  /** X, `[m, N]`. */
  readonly inputs: Matrix;
  /** `[N]`, 0 to K − 1. */
  readonly labels: Uint8Array;
}

/**
 * Mean cross entropy of softmax(W x) and its gradient,
 *
 *     L = −(1/N) Σₙ log softmax(W xₙ)[yₙ],  dW = (1/N) (softmax(W X) − Y) Xᵀ
 *
 * with Y the one-hot labels. L is convex in W, so dW = 0 means that no W has a
 * smaller loss. Each column of dW adds up to 0.
 *
 * @param W `[K, m]`
 * @param data X, `[m, N]`, and labels below K
 * @returns the loss, a mean, and dW, `[K, m]`
 *
 * @example
 * ```ts
 * import { matrixOf } from "#lib/matrices/matrix.ts";
 * import {
 *   crossEntropy,
 * } from "#lib/reports/4_csi_5138/families/train_family.ts";
 * import { equal } from "node:assert/strict";
 *
 * const { loss, dW } = crossEntropy(matrixOf(2, 1, () => 7), {
 *   inputs: matrixOf(1, 1, () => 3),
 *   labels: Uint8Array.of(0),
 * });
 * equal(loss, Math.log(2));
 * equal(dW.values[0], -1.5);
 * ```
 */
export function crossEntropy(
  W: Matrix,
  { inputs, labels }: LabelledColumns,
): { loss: number; dW: Matrix } {
  const N = labels.length;
  const dz = softmaxColumns(matrixProduct(W, inputs));
  let loss = 0;
  labels.forEach((label, n) => {
    loss -= Math.log(dz.values[label * N + n]!) / N;
    dz.values[label * N + n]! -= 1;
  });
  const dW = matrixProduct(dz, transposed(inputs));
  return { loss, dW: { ...dW, values: dW.values.map((sum) => sum / N) } };
}

/** A model for gradient descent, by what it makes of W's gradient. */
export interface Family<P> {
  /** W, `[K, m]`. */
  readonly product: (parameters: P) => Matrix;
  /** The gradient for each parameter, from W's, in the order of `parts`. */
  readonly gradients: (parameters: P, dW: Matrix) => readonly Matrix[];
  /** The parameters as a list; they are changed in place. */
  readonly parts: (parameters: P) => readonly Matrix[];
}

/** H₁: the parameter is W itself, and so is the gradient. */
export const DIRECT: Family<Matrix> = {
  product: (W) => W,
  gradients: (_, dW) => [dW],
  parts: (W) => [W],
};

/**
 * H₂, W = (A + B) C: dA = dB = dW Cᵀ and dC = (A + B)ᵀ dW. To first order, a
 * step of η moves W by −η (2 dW CᵀC + (A + B)(A + B)ᵀ dW), not by −η dW: the
 * family is the same, the path is not. A − B stays as it is.
 */
export const FACTORED: Family<Factors> = {
  product: productOf,
  gradients({ A, B, C }, dW) {
    const dA = matrixProduct(dW, transposed(C));
    const sum = elementwise((a, b) => a + b, A, B);
    return [dA, dA, matrixProduct(transposed(sum), dW)];
  },
  parts: ({ A, B, C }) => [A, B, C],
};

/** How gradient descent runs. */
export interface DescentOptions {
  /** η. */
  readonly learningRate: number;
  /** The descent has converged where no parameter's gradient is above it. */
  readonly tolerance: number;
  /** After so many it stops in any case. */
  readonly maxSteps: number;
}

/** What a descent found, and its way there. */
export interface Descent {
  /** The mean loss before each step, and at the end; `[steps + 1]`. */
  readonly losses: number[];
  /**
   * The entries (1, 1) and (1, 2) of P W, as many: the same for all W of a
   * hypothesis.
   */
  readonly path: [number, number][];
  /** W at the end. */
  readonly product: Matrix;
  /** The largest entry of W's gradient there; where it is 0, no W is better. */
  readonly gradient: number;
  readonly converged: boolean;
}

/**
 * Full-batch gradient descent, θ ← θ − η dL/dθ, until all gradients are small.
 *
 * @param family what the parameters are
 * @param parameters where it starts; changed in place
 * @param data the examples
 * @param options see {@linkcode DescentOptions}
 * @returns losses, path and end
 *
 * @example
 * ```ts
 * import { matrixOf } from "#lib/matrices/matrix.ts";
 * import {
 *   drawColumns,
 * } from "#lib/reports/4_csi_5138/families/draw_problem.ts";
 * import {
 *   DIRECT,
 *   trainFamily,
 * } from "#lib/reports/4_csi_5138/families/train_family.ts";
 * import { createRandom } from "alphalab/random";
 * import assert from "node:assert/strict";
 *
 * const sizes = { classes: 2, inputs: 2, count: 50 };
 * const data = drawColumns(sizes, createRandom(0));
 * const options = { learningRate: 1, tolerance: 1e-6, maxSteps: 10_000 };
 * const W = matrixOf(2, 2, () => 0);
 * const { losses, converged } = trainFamily(DIRECT, W, data, options);
 * assert.ok(Math.abs(losses[0]! - Math.log(2)) < 1e-14);
 * assert.ok(converged && losses.at(-1)! < losses[0]!);
 * ```
 */
export function trainFamily<P>(
  family: Family<P>,
  parameters: P,
  data: LabelledColumns,
  { learningRate, tolerance, maxSteps }: DescentOptions,
): Descent {
  const losses: number[] = [];
  const path: [number, number][] = [];
  const parts = family.parts(parameters);
  for (let step = 0;; step++) {
    const product = family.product(parameters);
    const { loss, dW } = crossEntropy(product, data);
    const [first, second] = centeredColumns(product).values;
    losses.push(loss);
    path.push([first!, second!]);
    const gradients = family.gradients(parameters, dW);
    const converged = maxOf(gradients.map(largest)) <= tolerance;
    if (converged || step === maxSteps || !Number.isFinite(loss)) {
      return { losses, path, product, gradient: largest(dW), converged };
    }
    parts.forEach(({ values }, i) => {
      const gradient = gradients[i]!.values;
      for (let j = 0; j < values.length; j++) {
        values[j]! -= learningRate * gradient[j]!;
      }
    });
  }
}

const largest = ({ values }: Matrix) =>
  values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
