import * as tf from "@tensorflow/tfjs";
import type { Random } from "../data/random.ts";
import type { Activation } from "../kernels/bias_activation.ts";
import { BATCH_NORM_EPSILON, fusedBatchNorm } from "../kernels/batch_norm.ts";
import { dropout } from "../kernels/dropout.ts";
import { fusedConv2d } from "../kernels/fused_conv2d.ts";
import { fusedDense } from "../kernels/fused_dense.ts";
import { reluAlpha } from "../kernels/relu_alpha.ts";

/** PyTorch 1.13's default, documentation of `torch.nn.BatchNorm2d`. */
const BATCH_NORM_MOMENTUM = 0.1;

/**
 * A step of a net: a function of tensors with parameters of its own.
 *
 * @example
 * ```ts
 * import { type Layer, sequential, startBackend } from "alphalab";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const backend = await startBackend({ threads: 1 });
 * const half: Layer = { variables: [], apply: (x) => tf.div(x, 2) };
 * const net = sequential([half, half]);
 * console.log(net.apply(tf.tensor1d([8]), false).dataSync()[0]); // 2
 * backend.stop();
 * ```
 */
export interface Layer {
  /** float32 parameters to train, in a fixed order. */
  readonly variables: readonly tf.Variable[];
  /** float32 parameters that are not trained, saved with the net. */
  readonly buffers?: readonly tf.Variable[];
  /**
   * The layer's output for a batch; `training` turns dropout on, and has a
   * batch normalized by its own statistics.
   */
  apply(x: tf.Tensor, training: boolean): tf.Tensor;
}

/**
 * Layers one after the other: a net, or a part of one.
 *
 * @example
 * ```ts
 * import {
 *   createRandom,
 *   dense,
 *   flatten,
 *   sequential,
 *   startBackend,
 * } from "alphalab";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const backend = await startBackend({ threads: 1 });
 * const net = sequential([
 *   flatten(),
 *   dense("fc1", { inFeatures: 784, outFeatures: 10 }, createRandom(0)),
 * ]);
 * console.log(net.apply(tf.ones([2, 28, 28, 1]), false).shape); // [ 2, 10 ]
 * backend.stop();
 * ```
 */
export function sequential(layers: readonly Layer[]): Layer {
  return {
    variables: layers.flatMap(({ variables }) => variables),
    buffers: layers.flatMap(({ buffers = [] }) => buffers),
    apply: (x, training) =>
      layers.reduce((input, layer) => layer.apply(input, training), x),
  };
}

/**
 * Convolution with bias and activation: y = f(x ⋆ filter + bias), see
 * `fusedConv2d`. Filter and bias start uniform in
 * ±1 / √(filterSize² · inChannels), which is PyTorch's default.
 *
 * @param name prefix of the variables' names, which TF.js wants unique
 * @param options.pad zeros on each side; 0 by default
 * @param options.stride 1 by default
 * @param options.activation f; none by default. Its α is trained too
 * @returns float32 `[batch, height, width, inChannels]` → `[batch, …, outChannels]`
 *
 * @example
 * ```ts
 * import { conv2d, createRandom, startBackend } from "alphalab";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const backend = await startBackend({ threads: 1 });
 * const layer = conv2d("conv1", {
 *   ...{ inChannels: 1, outChannels: 8, filterSize: 5, pad: 2 },
 *   activation: { kind: "relu" },
 * }, createRandom(0));
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
  const { inChannels, outChannels, filterSize, ...rest } = options;
  const bound = 1 / Math.sqrt(filterSize ** 2 * inChannels);
  const filter = uniformVariable(
    `${name}/filter`,
    [filterSize, filterSize, inChannels, outChannels],
    bound,
    random,
  );
  const bias = uniformVariable(`${name}/bias`, [outChannels], bound, random);
  return {
    variables: [filter, bias, ...activationVariables(rest.activation)],
    apply: (x) =>
      fusedConv2d(
        x as tf.Tensor4D,
        filter as tf.Tensor as tf.Tensor4D,
        bias as tf.Tensor as tf.Tensor1D,
        rest,
      ),
  };
}

/**
 * Fully connected layer with activation: y = f(x · weights + bias), see
 * `fusedDense`. Weights and bias start uniform in ±1 / √inFeatures, which is
 * PyTorch's default.
 *
 * @param name prefix of the variables' names, which TF.js wants unique
 * @param options.activation f; none by default. Its α is trained too
 * @returns float32 `[batch, inFeatures]` → `[batch, outFeatures]`
 *
 * @example
 * ```ts
 * import { createRandom, dense, startBackend } from "alphalab";
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
  const { inFeatures, outFeatures, activation } = options;
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
    apply: (x) =>
      fusedDense(
        x as tf.Tensor2D,
        weights as tf.Tensor as tf.Tensor2D,
        bias as tf.Tensor as tf.Tensor1D,
        { activation },
      ),
  };
}

/**
 * Batch normalization of each channel, the last axis: y = scale ·
 * (x − mean) / √(variance + 1e-5) + offset, see `fusedBatchNorm`, by the batch's
 * own statistics while training, by running ones otherwise. A training call
 * moves these: running ← 0.9 · running + 0.1 · the batch's, whose variance is
 * then the one divided by n − 1. Scale and running variance start at 1, offset
 * and running mean at 0. All of it as PyTorch's BatchNorm2d has it by default.
 *
 * @param name prefix of the variables' names, which TF.js wants unique
 * @param options.channels numbers along the last axis
 * @returns float32 `[batch, …, channels]` → the same shape; running mean and
 * variance are its buffers
 * @throws RangeError from `apply`, if x has other channels, or, in training,
 * one value a channel
 *
 * @example
 * ```ts
 * import { batchNorm, startBackend } from "alphalab";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const backend = await startBackend({ threads: 1 });
 * const layer = batchNorm("norm1", { channels: 1 });
 * const y = layer.apply(tf.tensor2d([[1], [3]]), true);
 * console.log(y.dataSync()); // -1 and 1, but for 1e-5
 * const [mean, variance] = layer.buffers!.map((b) => b.dataSync()[0]);
 * console.log(mean, variance); // 0.2 and 0.9 · 1 + 0.1 · 2, in float32
 * backend.stop();
 * ```
 */
export function batchNorm(name: string, options: { channels: number }): Layer {
  const { channels } = options;
  const filled = (what: string, value: number, trained: boolean) =>
    tf.tidy(() =>
      tf.variable(tf.fill([channels], value), trained, `${name}/${what}`)
    ) as tf.Tensor as tf.Variable<tf.Rank.R1>;
  const scale = filled("scale", 1, true);
  const offset = filled("offset", 0, true);
  const runningMean = filled("runningMean", 0, false);
  const runningVariance = filled("runningVariance", 1, false);
  const move = (running: tf.Variable, batch: tf.Tensor, factor: number) => {
    const values = batch.dataSync();
    const moved = running.dataSync<"float32">().map((value, i) =>
      (1 - BATCH_NORM_MOMENTUM) * value +
      BATCH_NORM_MOMENTUM * factor * values[i]!
    );
    tf.tidy(() => running.assign(tf.tensor1d(moved)));
  };
  return {
    variables: [scale, offset],
    buffers: [runningMean, runningVariance],
    apply(x, training) {
      const count = x.size / channels;
      if (x.shape.at(-1) !== channels || training && count < 2) {
        const values = training ? " with at least 2 values each" : "";
        throw new RangeError(
          `Cannot apply ${name}: x must have ${channels} channels${values}: got [${x.shape}]`,
        );
      }
      if (!training) {
        return tf.batchNorm(
          x as tf.Tensor4D,
          ...[runningMean, runningVariance, offset, scale] as const,
          BATCH_NORM_EPSILON,
        );
      }
      const { y, mean, variance } = fusedBatchNorm(x, scale, offset);
      move(runningMean, mean, 1);
      move(runningVariance, variance, count / (count - 1));
      tf.dispose([mean, variance]);
      return y;
    },
  };
}

/**
 * An activation on its own, where something is between it and the sums; `conv2d`
 * and `dense` fuse theirs.
 *
 * @param f nothing, ReLU or ReLU_α, whose α is trained if it is a variable
 *
 * @example
 * ```ts
 * import { activation, startBackend } from "alphalab";
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
    apply(x) {
      if (f.kind === "linear") return x;
      return f.kind === "relu"
        ? tf.relu(x)
        : reluAlpha(x, f.alpha as tf.Scalar);
    },
  };
}

/**
 * Largest value of each `size` × `size` window, `size` apart.
 *
 * @example
 * ```ts
 * import { maxPool, startBackend } from "alphalab";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const backend = await startBackend({ threads: 1 });
 * const x = tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1]);
 * console.log(maxPool(2).apply(x, false).dataSync()); // Float32Array [ 4 ]
 * backend.stop();
 * ```
 */
export function maxPool(size: number): Layer {
  return {
    variables: [],
    apply: (x) => tf.maxPool(x as tf.Tensor4D, size, size, "valid"),
  };
}

/**
 * Inverted dropout while training, see `dropout` of lib/kernels; nothing
 * otherwise. Each call draws one number from the generator.
 *
 * @param rate probability of 0, in [0, 1)
 *
 * @example
 * ```ts
 * import { createRandom, dropoutLayer, startBackend } from "alphalab";
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
  return {
    variables: [],
    apply: (x, training) =>
      training ? dropout(x, rate, random.uniformInt(2 ** 32)) : x,
  };
}

/**
 * Rows of features: `[batch, …]` → `[batch, features]`.
 *
 * @example
 * ```ts
 * import { flatten, startBackend } from "alphalab";
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
    apply: (x) => {
      const [batch, ...rest] = x.shape;
      return tf.reshape(x, [batch!, tf.util.sizeFromShape(rest)]);
    },
  };
}

/** α, where an activation has one to train. */
function activationVariables(activation?: Activation): tf.Variable[] {
  return activation?.kind === "relu-alpha" &&
      activation.alpha instanceof tf.Variable
    ? [activation.alpha]
    : [];
}

function uniformVariable(
  name: string,
  shape: number[],
  bound: number,
  random: Random,
): tf.Variable {
  const values = new Float32Array(tf.util.sizeFromShape(shape));
  random.fillUniform(values, -bound, bound);
  return tf.tidy(() => tf.variable(tf.tensor(values, shape), true, name));
}
