import * as tf from "@tensorflow/tfjs";
import type { Random } from "../data/random.ts";
import type { Activation } from "../kernels/bias_activation.ts";
import { dropout } from "../kernels/dropout.ts";
import { fusedConv2d } from "../kernels/fused_conv2d.ts";
import { fusedDense } from "../kernels/fused_dense.ts";

/** A step of a net: a function of tensors with parameters of its own. */
export interface Layer {
  /** float32 parameters to train, in a fixed order. */
  readonly variables: readonly tf.Variable[];
  /** The layer's output for a batch; `training` turns dropout on. */
  apply(x: tf.Tensor, training: boolean): tf.Tensor;
}

/** Layers one after the other: a net, or a part of one. */
export function sequential(layers: readonly Layer[]): Layer {
  return {
    variables: layers.flatMap(({ variables }) => variables),
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

/** Largest value of each `size` × `size` window, `size` apart. */
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
 */
export function dropoutLayer(rate: number, random: Random): Layer {
  return {
    variables: [],
    apply: (x, training) =>
      training ? dropout(x, rate, random.uniformInt(2 ** 32)) : x,
  };
}

/** Rows of features: `[batch, …]` → `[batch, features]`. */
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
