import type * as tf from "@tensorflow/tfjs";

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
