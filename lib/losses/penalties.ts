import * as tf from "@tensorflow/tfjs";

/**
 * λ Σ |w| over all elements of some parameters, with the gradient λ sign(w),
 * 0 at w = 0 as in PyTorch; TF.js's own gradient of |w| is −1 there.
 *
 * @param parameters float32, any shapes
 * @param lambda λ, at least 0
 * @param options.inGradient false: the value counts, its gradient is 0
 * @returns float32 scalar
 *
 * @example
 * ```ts
 * import { startBackend } from "alphalab";
 * import { l1Penalty } from "alphalab/losses";
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

/**
 * λ Ω = λ/2 Σ ‖W‖² over some parameters, with the gradient λ W: plain SGD then
 * takes (1 − ηλ) W − η ∇L.
 *
 * @param parameters float32, any shapes
 * @param lambda λ, at least 0
 * @returns float32 scalar
 *
 * @example
 * ```ts
 * import { startBackend } from "alphalab";
 * import { l2Penalty } from "alphalab/losses";
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

/** A function of a parameter's elements, and its gradient. */
interface WeightFunction {
  /** A number, in float64. */
  value(elements: Float32Array): number;
  /** Writes `scale` times the gradient; callbacks would take 5 times longer. */
  gradient(elements: Float32Array, scale: number, out: Float32Array): void;
}

/**
 * λ Σ f(W) over some parameters, with the gradient μ ∇f.
 *
 * @param gradientLambda μ, λ unless the value must not be in the gradient
 * @returns float32 scalar
 */
function weightPenalty(
  parameters: readonly tf.Tensor[],
  f: WeightFunction,
  lambda: number,
  gradientLambda = lambda,
): tf.Scalar {
  const values = parameters.map((parameter) => parameter.dataSync<"float32">());
  const sum = values.reduce((sum, elements) => sum + f.value(elements), 0);
  const penalty = tf.customGrad(() => ({
    value: tf.scalar(lambda * sum),
    gradFunc(dy: tf.Tensor) {
      const scale = dy.dataSync()[0]! * gradientLambda;
      return parameters.map(({ shape }, i) => {
        const out = new Float32Array(values[i]!.length);
        f.gradient(values[i]!, scale, out);
        return tf.tensor(out, shape);
      });
    },
  }));
  return penalty(...parameters) as tf.Scalar;
}
