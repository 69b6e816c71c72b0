import {
  type Matrix,
  matrixProduct,
  transposed,
} from "../../../matrices/matrix.ts";
import { softmaxColumns } from "./softmax_columns.ts";

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
 * import { crossEntropy, matrixOf } from "alphalab";
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
