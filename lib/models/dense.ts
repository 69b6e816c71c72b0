import type * as tf from "@tensorflow/tfjs";
import { checkIntegers } from "../base/errors.ts";
import type { Random } from "../base/random.ts";
import type { Activation } from "../ops/bias_activation.ts";
import { fusedDense } from "../ops/fused_dense.ts";
import { activationVariables, type Layer, uniformVariable } from "./layer.ts";

/**
 * Fully connected layer with activation: y = f(x · weights + bias), see
 * `fusedDense`. Weights and bias start uniform in ±1 / √inFeatures, which is
 * PyTorch's default.
 *
 * @param name prefix of the variables' names, which TF.js wants unique
 * @param options.inFeatures numbers per example that come in
 * @param options.outFeatures numbers per example that go out
 * @param options.activation f; none by default. Its α is trained too
 * @param random what the weights and the bias are drawn from
 * @returns float32 `[batch, inFeatures]` → `[batch, outFeatures]`
 * @throws {RangeError} for a size that is no positive integer
 *
 * @example
 * ```ts
 * import { startBackend } from "alphalab";
 * import { dense } from "alphalab/models";
 * import { createRandom } from "alphalab/random";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const backend = await startBackend({ threads: 1 });
 * const size = { inFeatures: 784, outFeatures: 10 };
 * const layer = dense("fc1", size, createRandom(0));
 * console.log(layer.apply(tf.ones([2, 784]), false).shape); // [ 2, 10 ]
 * backend.stop();
 * ```
 */
export function dense(
  name: string,
  options: {
    inFeatures: number;
    outFeatures: number;
    activation?: Activation;
  },
  random: Random,
): Layer {
  const { inFeatures, outFeatures } = options;
  const { activation = { kind: "linear" } } = options;
  checkIntegers(`make dense layer ${name}`, { inFeatures, outFeatures }, 1);
  const bound = 1 / Math.sqrt(inFeatures);
  const weights = uniformVariable(
    `${name}/weights`,
    [inFeatures, outFeatures],
    bound,
    random,
  );
  const bias = uniformVariable(`${name}/bias`, [outFeatures], bound, random);
  return {
    variables: [weights, bias, ...activationVariables(activation)],
    description: { kind: "dense", name, weights, bias, activation },
    apply: (x) =>
      fusedDense(
        x as tf.Tensor2D,
        weights as tf.Tensor as tf.Tensor2D,
        bias as tf.Tensor as tf.Tensor1D,
        { activation },
      ),
  };
}
