import * as tf from "@tensorflow/tfjs";
import type { Random } from "../base/random.ts";
import type { Activation } from "../ops/bias_activation.ts";

/** A part of what a convolution with kernels of its own at borders computes. */
export interface BorderPiece<Values = tf.Tensor> {
  /** The first row of the padded image that it sees. */
  readonly top: number;
  /** The first column that it sees. */
  readonly left: number;
  /** Rows that it sees. */
  readonly height: number;
  /** Columns that it sees. */
  readonly width: number;
  /** Rows of the output that lie in its channels, outermost. */
  readonly rows: number;
  /** Columns of the output that lie in its channels, behind the rows. */
  readonly columns: number;
  /** `[height, width, inChannels, rows · columns · outChannels]`. */
  readonly shape: readonly number[];
  /** Of that shape. */
  readonly filter: Values;
  /** `[rows · columns · outChannels]`. */
  readonly bias: Values;
}

/**
 * A convolution whose kernels differ at the image's borders. The image is
 * padded with zeros, each piece of a grid convolves its part of that without
 * padding, and the pieces stand side by side in the output.
 */
export interface BorderedConv2d<Values = tf.Tensor> {
  /** Zeros before and after the rows, before and after the columns. */
  readonly pads: readonly [number, number, number, number];
  /** Steps from one window to the next, down and across. */
  readonly stride: number;
  /** Height and width of the image. */
  readonly sides: readonly [number, number];
  /** Height and width of the kernel inside. */
  readonly window: readonly [number, number];
  /** `[height, width, channels]` of the output. */
  readonly outShape: readonly [number, number, number];
  /** From top to bottom, each row from left to right. */
  readonly pieces: readonly (readonly BorderPiece<Values>[])[];
}

/**
 * What a layer computes when its net does not train, for whoever writes the net
 * down in another form. Names are those the layer was made with.
 */
export type LayerDescription =
  | { readonly kind: "sequential"; readonly layers: readonly Layer[] }
  | {
    readonly kind: "conv2d";
    readonly name: string;
    /** `[filterHeight, filterWidth, inChannels, outChannels]`. */
    readonly filter: tf.Tensor;
    /** `[outChannels]`. */
    readonly bias: tf.Tensor;
    readonly pad: number;
    readonly stride: number;
    readonly activation: Activation;
  }
  | {
    readonly kind: "dense";
    readonly name: string;
    /** `[inFeatures, outFeatures]`. */
    readonly weights: tf.Tensor;
    /** `[outFeatures]`. */
    readonly bias: tf.Tensor;
    readonly activation: Activation;
  }
  | {
    readonly kind: "batch-norm";
    readonly name: string;
    /** `[channels]`, as offset, mean and variance. */
    readonly scale: tf.Tensor;
    readonly offset: tf.Tensor;
    readonly mean: tf.Tensor;
    readonly variance: tf.Tensor;
    readonly epsilon: number;
  }
  | BorderedConv2d & {
    readonly kind: "bordered-conv2d";
    readonly name: string;
    readonly activation: Activation;
  }
  | { readonly kind: "activation"; readonly activation: Activation }
  | { readonly kind: "max-pool"; readonly size: number }
  | { readonly kind: "flatten" }
  | { readonly kind: "dropout" };

/**
 * A step of a net: a function of tensors with parameters of its own.
 *
 * @example
 * ```ts
 * import { startBackend } from "alphalab";
 * import { type Layer, sequential } from "alphalab/models";
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
   * Needed to export the layer, which has to be of one of these kinds then;
   * `apply` does without it.
   */
  readonly description?: LayerDescription;
  /**
   * The layer's output for a batch; `training` turns dropout on, and lets batch
   * normalization take the batch's own mean and variance.
   */
  apply(x: tf.Tensor, training: boolean): tf.Tensor;
}

/**
 * Layers one after the other: a net, or a part of one.
 *
 * @param layers each takes what the one before it gives
 * @returns a layer with the variables of all, in their order
 *
 * @example
 * ```ts
 * import { startBackend } from "alphalab";
 * import { dense, flatten, sequential } from "alphalab/models";
 * import { createRandom } from "alphalab/random";
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
    description: { kind: "sequential", layers },
    apply: (x, training) =>
      layers.reduce((input, layer) => layer.apply(input, training), x),
  };
}

/** The α of an activation that has one to train. */
export function activationVariables(activation: Activation): tf.Variable[] {
  return activation.kind === "relu-alpha" &&
      activation.alpha instanceof tf.Variable
    ? [activation.alpha]
    : [];
}

/** A parameter that starts uniform in ±bound. */
export function uniformVariable(
  name: string,
  shape: number[],
  bound: number,
  random: Random,
): tf.Variable {
  const values = new Float32Array(tf.util.sizeFromShape(shape));
  random.fillUniform(values, -bound, bound);
  return tf.tidy(() => tf.variable(tf.tensor(values, shape), true, name));
}
