import * as tf from "@tensorflow/tfjs";

/** A function of a parameter's elements, and its gradient. */
export interface WeightFunction {
  /** A number, in float64. */
  value(elements: Float32Array): number;
  /** Writes `scale` times the gradient; loops, as callbacks take 5 times as long. */
  gradient(elements: Float32Array, scale: number, out: Float32Array): void;
}

/**
 * λ Σ f(W) over some parameters, with the gradient μ ∇f.
 *
 * @param parameters float32, any shapes
 * @param f of one parameter
 * @param lambda λ
 * @param gradientLambda μ, λ unless the value must not be in the gradient
 * @returns float32 scalar
 */
export function weightPenalty(
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
