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
 * import { softmaxLoss } from "alphalab";
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
