import * as tf from "@tensorflow/tfjs";
import { type Batch, batches } from "../data/batches.ts";
import type { ImageDataset, ImageSplit } from "../data/image_dataset.ts";
import { pixelTensor } from "../ops/pixel_tensor.ts";
import { countCorrect } from "./count_correct.ts";

/** The net as the training loop sees it. */
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

/** Means over a split. */
export interface Evaluation {
  loss: number;
  /** 0 to 1. */
  accuracy: number;
}

/** Height, width and channels of a data set's images. */
export type ImageShape = Pick<ImageDataset, "height" | "width" | "channels">;

/** Pixels / 255 and labels of a batch as tensors, for the enclosing tidy. */
export function batchTensors(batch: Batch, shape: ImageShape) {
  const { height, width, channels } = shape;
  return {
    images: pixelTensor(batch.images, [batch.size, height, width, channels]),
    labels: tf.tensor1d(batch.labels, "int32"),
  };
}

/**
 * Loss and accuracy of a net on a split, each example with the same weight.
 *
 * @param pause called between batches, so that signals are heard
 */
export async function evaluate(
  net: Net,
  split: ImageSplit,
  shape: ImageShape,
  options: { batchSize: number; pause: () => Promise<void> },
): Promise<Evaluation> {
  const batchSize = Math.min(options.batchSize, split.count);
  let loss = 0;
  let correct = 0;
  for (const batch of batches(split, { batchSize })) {
    tf.tidy(() => {
      const { images, labels } = batchTensors(batch, shape);
      const logits = net.logits(images, false);
      loss += net.loss(logits, labels).dataSync()[0]! * batch.size;
      correct += countCorrect(
        logits.dataSync() as Float32Array,
        batch.labels,
      );
    });
    await options.pause();
  }
  return { loss: loss / split.count, accuracy: correct / split.count };
}
