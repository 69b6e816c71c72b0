import type * as tf from "@tensorflow/tfjs";
import { type WeightFunction, weightPenalty } from "./weight_penalty.ts";

/**
 * λ Σ |w| over all elements of some parameters (report 1, section 4; report 2,
 * equation 2), with the gradient λ sign(w), 0 at w = 0 as in PyTorch; TF.js's
 * own gradient of |w| is −1 there.
 *
 * @param parameters float32, any shapes
 * @param lambda λ, at least 0
 * @param options.inGradient false: the value counts, its gradient is 0
 * @returns float32 scalar
 *
 * @example
 * ```ts
 * import { l1Penalty, startBackend } from "alphalab";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const backend = await startBackend({ threads: 1 });
 * const alphas = [tf.scalar(0.5), tf.scalar(-1)];
 * console.log(l1Penalty(alphas, 2).dataSync()[0]); // 3
 * backend.stop();
 * ```
 */
export function l1Penalty(
  parameters: readonly tf.Tensor[],
  lambda: number,
  options: { inGradient?: boolean } = {},
): tf.Scalar {
  const gradientLambda = options.inGradient === false ? 0 : lambda;
  return weightPenalty(parameters, L1, lambda, gradientLambda);
}

const L1: WeightFunction = {
  value(elements) {
    let sum = 0;
    for (let i = 0; i < elements.length; i++) sum += Math.abs(elements[i]!);
    return sum;
  },
  gradient(elements, scale, out) {
    for (let i = 0; i < out.length; i++) {
      out[i] = scale * Math.sign(elements[i]!);
    }
  },
};
