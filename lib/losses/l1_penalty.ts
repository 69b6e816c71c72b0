import * as tf from "@tensorflow/tfjs";

/**
 * λ Σ |αᵢ| over scalars (report 1, section 4; report 2, equation 2), with the
 * gradient λ sign(αᵢ), 0 at αᵢ = 0 as in PyTorch; TF.js's own gradient of
 * |α| is −1 there.
 *
 * @param parameters float32 scalars
 * @param lambda λ, at least 0
 * @param options.inGradient false: the value counts, its gradient is 0
 * @returns float32 scalar
 * @throws RangeError if a parameter is no scalar
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
  const other = parameters.find(({ rank }) => rank !== 0);
  if (other) {
    throw new RangeError(
      `Cannot compute l1Penalty: parameters must be scalars: got [${other.shape}]`,
    );
  }
  const scale = options.inGradient === false ? 0 : lambda;
  const values = parameters.map((parameter) => parameter.dataSync()[0]!);
  const sum = values.reduce((total, value) => total + Math.abs(value), 0);
  const penalty = tf.customGrad(() => ({
    value: tf.scalar(lambda * sum),
    gradFunc: (dy: tf.Tensor) => {
      const [outer] = dy.dataSync();
      return values.map((v) => tf.scalar(outer! * scale * Math.sign(v)));
    },
  }));
  return penalty(...parameters) as tf.Scalar;
}
