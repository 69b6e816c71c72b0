import * as tf from "@tensorflow/tfjs";
import { checkIntegers } from "../base/errors.ts";
import type { Random } from "../base/random.ts";
import type { Activation } from "../ops/bias_activation.ts";
import { dropout } from "../ops/dropout.ts";
import { fusedConv2d } from "../ops/fused_conv2d.ts";
import { fusedDense } from "../ops/fused_dense.ts";
import { reluAlpha } from "../ops/relu_alpha.ts";
import { activationVariables, type Layer, uniformVariable } from "./layer.ts";

export * from "./batch_norm.ts";
export {
  type BorderedConv2d,
  type BorderPiece,
  type Layer,
  type LayerDescription,
  sequential,
} from "./layer.ts";

/**
 * An activation as a layer of its own, for nets with something between the sums
 * and the activation; `conv2d` and `dense` fuse theirs.
 *
 * @param f nothing, ReLU or ReLU_α, whose α is trained if it is a variable
 * @returns any shape → the same shape
 *
 * @example
 * ```ts
 * import { startBackend } from "alphalab";
 * import { activation } from "alphalab/models";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const backend = await startBackend({ threads: 1 });
 * const layer = activation({ kind: "relu-alpha", alpha: tf.scalar(0.75) });
 * console.log(layer.apply(tf.tensor1d([-2, 3]), false).dataSync()); // -0.5 3
 * backend.stop();
 * ```
 */
export function activation(f: Activation): Layer {
  return {
    variables: activationVariables(f),
    description: { kind: "activation", activation: f },
    apply(x) {
      if (f.kind === "linear") return x;
      return f.kind === "relu"
        ? tf.relu(x)
        : reluAlpha(x, f.alpha as tf.Scalar);
    },
  };
}

/**
 * Inverted dropout while training, see `dropout` of lib/ops; nothing
 * otherwise. Each call draws one number from the generator.
 *
 * @param rate probability of 0, in [0, 1)
 * @param random what each call's number is drawn from
 * @returns any shape → the same shape
 * @throws {RangeError} for a rate out of range
 *
 * @example
 * ```ts
 * import { startBackend } from "alphalab";
 * import { dropoutLayer } from "alphalab/models";
 * import { createRandom } from "alphalab/random";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const backend = await startBackend({ threads: 1 });
 * const layer = dropoutLayer(0.5, createRandom(0));
 * console.log(layer.apply(tf.ones([6]), true).dataSync()); // zeros and twos
 * console.log(layer.apply(tf.ones([6]), false).dataSync()); // ones
 * backend.stop();
 * ```
 */
export function dropoutLayer(rate: number, random: Random): Layer {
  if (!(rate >= 0 && rate < 1)) {
    throw new RangeError(
      `Cannot make dropout: rate must be in [0, 1): got ${rate}`,
    );
  }
  return {
    variables: [],
    description: { kind: "dropout" },
    apply: (x, training) =>
      training ? dropout(x, rate, random.uniformInt(2 ** 32)) : x,
  };
}

/**
 * Rows of features.
 *
 * @returns `[batch, …]` → `[batch, features]`
 *
 * @example
 * ```ts
 * import { startBackend } from "alphalab";
 * import { flatten } from "alphalab/models";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const backend = await startBackend({ threads: 1 });
 * console.log(flatten().apply(tf.ones([2, 3, 4]), false).shape); // [ 2, 12 ]
 * backend.stop();
 * ```
 */
export function flatten(): Layer {
  return {
    variables: [],
    description: { kind: "flatten" },
    apply: (x) => {
      const [batch, ...rest] = x.shape;
      return tf.reshape(x, [batch!, tf.util.sizeFromShape(rest)]);
    },
  };
}

/**
 * Largest value of each `size` × `size` window, `size` apart.
 *
 * @param size pixels, at least 1; what is left at the end is dropped
 * @returns `[batch, height, width, channels]` → `[batch, ⌊height / size⌋,
 * ⌊width / size⌋, channels]`
 * @throws {RangeError} for a size that is no positive integer
 *
 * @example
 * ```ts
 * import { startBackend } from "alphalab";
 * import { maxPool } from "alphalab/models";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const backend = await startBackend({ threads: 1 });
 * const x = tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1]);
 * console.log(maxPool(2).apply(x, false).dataSync()); // Float32Array [ 4 ]
 * backend.stop();
 * ```
 */
export function maxPool(size: number): Layer {
  checkIntegers("make max pooling", { size }, 1);
  return {
    variables: [],
    description: { kind: "max-pool", size },
    apply: (x) => tf.maxPool(x as tf.Tensor4D, size, size, "valid"),
  };
}

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
