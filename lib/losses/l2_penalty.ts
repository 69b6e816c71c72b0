import type * as tf from "@tensorflow/tfjs";
import { type WeightFunction, weightPenalty } from "./weight_penalty.ts";

/**
 * λ Ω = λ/2 Σ ‖W‖² over some parameters (report 3, equation 3), with the
 * gradient λ W: plain SGD then takes (1 − ηλ) W − η ∇L (equation 4).
 *
 * @param parameters float32, any shapes
 * @param lambda λ, at least 0
 * @returns float32 scalar
 *
 * @example
 * ```ts
 * import { l2Penalty, startBackend } from "alphalab";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const backend = await startBackend({ threads: 1 });
 * console.log(l2Penalty([tf.tensor1d([1, -3])], 0.5).dataSync()[0]); // 2.5
 * backend.stop();
 * ```
 */
export function l2Penalty(
  parameters: readonly tf.Tensor[],
  lambda: number,
): tf.Scalar {
  return weightPenalty(parameters, HALF_SQUARE, lambda);
}

const HALF_SQUARE: WeightFunction = {
  value(elements) {
    let sum = 0;
    for (let i = 0; i < elements.length; i++) sum += elements[i]! ** 2;
    return sum / 2;
  },
  gradient(elements, scale, out) {
    for (let i = 0; i < out.length; i++) out[i] = scale * elements[i]!;
  },
};
