import type * as tf from "@tensorflow/tfjs";
import { checkIntegers } from "../base/errors.ts";
import type { Random } from "../base/random.ts";
import type { Activation } from "../ops/bias_activation.ts";
import { fusedConv2d } from "../ops/fused_conv2d.ts";
import { activationVariables, type Layer, uniformVariable } from "./layer.ts";

/**
 * Convolution with bias and activation: y = f(x ⋆ filter + bias), see
 * `fusedConv2d`. Filter and bias start uniform in
 * ±1 / √(filterSize² · inChannels), which is PyTorch's default.
 *
 * @param name prefix of the variables' names, which TF.js wants unique
 * @param options.inChannels channels of an image that comes in
 * @param options.outChannels channels of what goes out: how many filters
 * @param options.filterSize height and width of each filter, pixels
 * @param options.pad zeros on each side; 0 by default
 * @param options.stride 1 by default
 * @param options.activation f; none by default. Its α is trained too
 * @param random what the weights and the bias are drawn from
 * @returns float32 `[batch, height, width, inChannels]` →
 * `[batch, …, outChannels]`
 * @throws {RangeError} for a size or stride that is no positive integer, or a
 * pad below 0
 *
 * @example
 * ```ts
 * import { startBackend } from "alphalab";
 * import { conv2d } from "alphalab/models";
 * import { createRandom } from "alphalab/random";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const backend = await startBackend({ threads: 1 });
 * const size = { inChannels: 1, outChannels: 8, filterSize: 5, pad: 2 };
 * const layer = conv2d(
 *   "conv1",
 *   { ...size, activation: { kind: "relu" } },
 *   createRandom(0),
 * );
 * const y = layer.apply(tf.ones([2, 28, 28, 1]), false);
 * console.log(y.shape); // [ 2, 28, 28, 8 ]
 * backend.stop();
 * ```
 */
export function conv2d(
  name: string,
  options: {
    inChannels: number;
    outChannels: number;
    filterSize: number;
    pad?: number;
    stride?: number;
    activation?: Activation;
  },
  random: Random,
): Layer {
  const { inChannels, outChannels, filterSize, pad = 0, stride = 1 } = options;
  const { activation = { kind: "linear" } } = options;
  const action = `make conv2d layer ${name}`;
  const sizes = { inChannels, outChannels, filterSize, stride };
  checkIntegers(action, sizes, 1);
  checkIntegers(action, { pad }, 0);
  const bound = 1 / Math.sqrt(filterSize ** 2 * inChannels);
  const filter = uniformVariable(
    `${name}/filter`,
    [filterSize, filterSize, inChannels, outChannels],
    bound,
    random,
  );
  const bias = uniformVariable(`${name}/bias`, [outChannels], bound, random);
  return {
    variables: [filter, bias, ...activationVariables(activation)],
    description: {
      kind: "conv2d",
      name,
      filter,
      bias,
      pad,
      stride,
      activation,
    },
    apply: (x) =>
      fusedConv2d(
        x as tf.Tensor4D,
        filter as tf.Tensor as tf.Tensor4D,
        bias as tf.Tensor as tf.Tensor1D,
        { pad, stride, activation },
      ),
  };
}
