import type * as tf from "@tensorflow/tfjs";
import type { Activation } from "../ops/bias_activation.ts";

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
    /** This and the next three: `[channels]`. */
    readonly scale: tf.Tensor;
    readonly offset: tf.Tensor;
    readonly mean: tf.Tensor;
    readonly variance: tf.Tensor;
    readonly epsilon: number;
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
  /** What it computes; a layer without one can be applied, but not exported. */
  readonly description?: LayerDescription;
  /**
   * The layer's output for a batch; `training` turns dropout on, and has a
   * batch normalized by its own statistics.
   */
  apply(x: tf.Tensor, training: boolean): tf.Tensor;
}
