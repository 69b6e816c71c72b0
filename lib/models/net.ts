import type * as tf from "@tensorflow/tfjs";

/** A classifier of images as evaluation sees it: parameters, logits, loss. */
export interface Net {
  /** Parameters under unique names. */
  readonly variables: readonly tf.Variable[];
  /** Parameters that are not trained, such as running means; saved too. */
  readonly buffers?: readonly tf.Variable[];
  /**
   * float32 `[batch, height, width, channels]` → logits `[batch, numClasses]`;
   * `training` turns dropout on.
   */
  logits(images: tf.Tensor4D, training: boolean): tf.Tensor2D;
  /** The batch's scalar loss, as it is minimized and reported. */
  loss(logits: tf.Tensor2D, labels: tf.Tensor1D): tf.Scalar;
  /** A scalar that is minimized too, and not reported. */
  penalty?(): tf.Scalar;
}

/** A net that can be trained. */
export interface TrainableNet extends Net {
  /** What makes the updates. */
  readonly optimizer: tf.Optimizer;
  /** Called after each update, to project parameters. */
  afterUpdate?(): void;
}
