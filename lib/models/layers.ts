import * as tf from "@tensorflow/tfjs";
import type { Random } from "../data/random.ts";
import { reluAlpha } from "../kernels/relu_alpha.ts";

/** A step of a net: a function of tensors with parameters of its own. */
export interface Layer {
  /** float32 parameters to train, in a fixed order. */
  readonly variables: readonly tf.Variable[];
  /** The layer's output for a batch. */
  apply(x: tf.Tensor): tf.Tensor;
}

/** Layers one after the other: a net, or a part of one. */
export function sequential(layers: readonly Layer[]): Layer {
  return {
    variables: layers.flatMap(({ variables }) => variables),
    apply: (x) => layers.reduce((input, layer) => layer.apply(input), x),
  };
}

/**
 * Convolution with bias: y = x ⋆ filter + bias. Parameters start uniform in
 * ±1 / √(filterSize² · inChannels), which is PyTorch's default.
 *
 * @param name prefix of the variables' names, which TF.js wants unique
 * @param options.pad zeros on each side; 0 by default
 * @param options.stride 1 by default
 * @returns float32 `[batch, height, width, inChannels]` → `[batch, …, outChannels]`
 */
export function conv2d(
  name: string,
  options: {
    inChannels: number;
    outChannels: number;
    filterSize: number;
    pad?: number;
    stride?: number;
  },
  random: Random,
): Layer {
  const { inChannels, outChannels, filterSize, pad = 0, stride = 1 } = options;
  const bound = 1 / Math.sqrt(filterSize ** 2 * inChannels);
  const filter = uniformVariable(
    `${name}/filter`,
    [filterSize, filterSize, inChannels, outChannels],
    bound,
    random,
  );
  const bias = uniformVariable(`${name}/bias`, [outChannels], bound, random);
  return {
    variables: [filter, bias],
    apply: (x) =>
      tf.add(
        tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, stride, pad),
        bias,
      ),
  };
}

/**
 * Fully connected layer: y = x · weights + bias. Parameters start uniform in
 * ±1 / √inFeatures, which is PyTorch's default.
 *
 * @param name prefix of the variables' names, which TF.js wants unique
 * @returns float32 `[batch, inFeatures]` → `[batch, outFeatures]`
 */
export function dense(
  name: string,
  options: { inFeatures: number; outFeatures: number },
  random: Random,
): Layer {
  const { inFeatures, outFeatures } = options;
  const bound = 1 / Math.sqrt(inFeatures);
  const weights = uniformVariable(
    `${name}/weights`,
    [inFeatures, outFeatures],
    bound,
    random,
  );
  const bias = uniformVariable(`${name}/bias`, [outFeatures], bound, random);
  return {
    variables: [weights, bias],
    apply: (x) => tf.add(tf.matMul(x, weights), bias),
  };
}

/** Rows of features: `[batch, …]` → `[batch, features]`. */
export function flatten(): Layer {
  return {
    variables: [],
    apply: (x) => tf.reshape(x, [x.shape[0]!, -1]),
  };
}

/** ReLU(x) = max(x, 0). */
export function relu(): Layer {
  return { variables: [], apply: (x) => tf.relu(x) };
}

/** ReLU_α with one α to train; see `reluAlpha`. */
export function reluAlphaLayer(alpha: tf.Variable): Layer {
  return {
    variables: [alpha],
    apply: (x) => reluAlpha(x, alpha as tf.Tensor as tf.Scalar),
  };
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
