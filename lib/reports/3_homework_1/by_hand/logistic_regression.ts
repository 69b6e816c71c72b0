import { descend, linearScores } from "../../../matrices/linear_scores.ts";
import { maxOf } from "../../../base/statistics.ts";

/** What an example's scores come to. */
export interface SoftmaxLoss {
  /** −log of the label's probability. */
  readonly loss: number;
  /** d loss / d z = probabilities − oneHot(label), `[numClasses]`. */
  readonly dz: Float64Array;
}

/**
 * Softmax cross entropy of one example (report 3, equation 1):
 *
 *     loss = log Σₖ exp(zₖ) − z_label
 *
 * The largest zₖ is taken out of both terms, so that no exponential overflows.
 *
 * @param z a score for each class
 * @param label the right class
 * @returns the loss and its gradient
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import {
 *   softmaxLoss,
 * } from "#lib/reports/3_homework_1/by_hand/logistic_regression.ts";
 *
 * const { loss, dz } = softmaxLoss(new Float64Array([0, 0]), 1);
 * assert.equal(loss, Math.log(2));
 * assert.deepEqual([...dz], [0.5, -0.5]);
 * ```
 */
export function softmaxLoss(z: Float64Array, label: number): SoftmaxLoss {
  const largest = maxOf(z);
  const powers = z.map((score) => Math.exp(score - largest));
  const sum = powers.reduce((total, power) => total + power);
  return {
    loss: Math.log(sum) - (z[label]! - largest),
    dz: powers.map((power, k) => power / sum - (k === label ? 1 : 0)),
  };
}

/**
 * Loss and gradient of softmax regression on one example (report 3, section
 * 1.1.2, equation 1):
 *
 *     z = W x,  loss = log Σₖ exp(zₖ) − z_y
 *     dW = (softmax(z) − oneHot(y)) xᵀ
 *
 * @param weights W, `[numClasses, inputs]`, row-major
 * @param x `[inputs]`, the last one 1, for the bias
 * @param label y
 * @returns the loss, and dW as W lies
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import {
 *   logisticGradient,
 * } from "#lib/reports/3_homework_1/by_hand/logistic_regression.ts";
 *
 * const weights = new Float64Array(4);
 * const { loss, dWeights } = logisticGradient(weights, [0.5, 1], 0);
 * assert.equal(loss, Math.log(2));
 * assert.deepEqual([...dWeights], [-0.25, -0.5, 0.25, 0.5]);
 * ```
 */
export function logisticGradient(
  weights: Float64Array,
  x: ArrayLike<number>,
  label: number,
): { loss: number; dWeights: Float64Array } {
  const { loss, dz } = softmaxLoss(linearScores(weights, x), label);
  const dWeights = weights.map((_, i) =>
    dz[Math.floor(i / x.length)]! * x[i % x.length]!
  );
  return { loss, dWeights };
}

/**
 * A step of stochastic gradient descent on one example: W ← W − η dW.
 *
 * @param weights W, changed in place
 * @param learningRate η, above 0
 * @returns the loss before the step
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import {
 *   logisticStep,
 * } from "#lib/reports/3_homework_1/by_hand/logistic_regression.ts";
 *
 * const weights = new Float64Array(4);
 * logisticStep(weights, [0.5, 1], 0, 0.1);
 * assert.deepEqual([...weights], [0.025, 0.05, -0.025, -0.05]);
 * ```
 */
export function logisticStep(
  weights: Float64Array,
  x: ArrayLike<number>,
  label: number,
  learningRate: number,
): number {
  const { loss, dWeights } = logisticGradient(weights, x, label);
  descend(weights, dWeights, learningRate);
  return loss;
}
