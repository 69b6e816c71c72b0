import * as tf from "@tensorflow/tfjs";
import { maxOf } from "../base/statistics.ts";
import { type Batch, batches } from "../data/batches.ts";
import type { ImageDataset, ImageSplit } from "../data/image_dataset.ts";
import type { Net } from "../models/classifier.ts";
import { pixelTensor } from "../ops/pixel_tensor.ts";

/** Means over a split. */
export interface Evaluation {
  /** The mean loss of an example. */
  loss: number;
  /** 0 to 1. */
  accuracy: number;
}

/** What a net takes an image for. */
export interface Prediction {
  /** The class of the largest logit, of equal ones the first. */
  readonly label: number;
  /** Its softmax, 0 to 1. */
  readonly probability: number;
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
 * @param net as it is now; dropout and the like are off
 * @param split its images and their labels
 * @param shape of an image
 * @param options.batchSize images at a time; decides memory, and nothing else
 * but the rounding of the loss's sum
 * @param options.pause called after each batch, so that signals are heard
 * @returns means over the split
 *
 * @example
 * ```ts
 * import { startBackend } from "alphalab";
 * import type { Net } from "alphalab/models";
 * import { evaluate } from "alphalab/train";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const backend = await startBackend({ threads: 1 });
 * const net: Net = {
 *   variables: [],
 *   logits: (images) => tf.reshape(images, [-1, 2]), // the pixels themselves
 *   loss: (logits) => tf.mean(logits),
 * };
 * const images = new Uint8Array([0, 255, 255, 0]);
 * const split = { images, labels: Int32Array.of(1, 1), count: 2 };
 * const shape = { height: 1, width: 2, channels: 1 };
 * console.log(await evaluate(net, split, shape, { batchSize: 1 })); // 0.5, 0.5
 * backend.stop();
 * ```
 */
export async function evaluate(
  net: Net,
  split: ImageSplit,
  shape: ImageShape,
  options: { batchSize: number; pause?: () => Promise<void> },
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
    await options.pause?.();
  }
  return { loss: loss / split.count, accuracy: correct / split.count };
}

/**
 * Counts the examples whose largest logit is their label's; of equal largest
 * logits the first counts.
 *
 * @param logits float32 `[size, numClasses]`, row-major
 * @param labels int32 `[size]`, class ids
 * @returns 0 to size
 *
 * @example
 * ```ts
 * import { countCorrect } from "#lib/train/evaluate.ts";
 *
 * const logits = new Float32Array([0.1, 0.9, 0.8, 0.2]);
 * console.log(countCorrect(logits, new Int32Array([1, 1]))); // 1
 * ```
 */
export function countCorrect(
  logits: Float32Array,
  labels: Int32Array,
): number {
  const classes = classesOf(logits, labels.length);
  let correct = 0;
  for (let row = 0; row < labels.length; row++) {
    if (classes[row] === labels[row]) correct++;
  }
  return correct;
}

/**
 * The class of each example's largest logit; of equal ones the first.
 *
 * @param logits float32 `[count, numClasses]`, row-major
 * @param count of examples
 * @returns int32 `[count]`
 */
export function classesOf(logits: Float32Array, count: number): Int32Array {
  const numClasses = logits.length / count;
  const classes = new Int32Array(count);
  for (let row = 0; row < count; row++) {
    const start = row * numClasses;
    let best = 0;
    for (let k = 1; k < numClasses; k++) {
      if (logits[start + k]! > logits[start + best]!) best = k;
    }
    classes[row] = best;
  }
  return classes;
}

/**
 * The logits that a net gives a split when it does not train.
 *
 * @param split its images; the labels are not looked at
 * @param shape of an image
 * @param options.batchSize images at a time; decides memory, and nothing else
 * @param options.progress called after each batch with the images so far
 * @returns float32 `[count, numClasses]`, row-major
 *
 * @example
 * ```ts
 * import { netLogits } from "#lib/train/evaluate.ts";
 * import { startBackend } from "alphalab";
 * import type { Net } from "alphalab/models";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const backend = await startBackend({ threads: 1 });
 * const net: Net = {
 *   variables: [],
 *   logits: (images) => tf.reshape(images, [-1, 2]), // the pixels themselves
 *   loss: () => tf.scalar(0),
 * };
 * const images = new Uint8Array([0, 255]);
 * const split = { images, labels: new Int32Array([1]), count: 1 };
 * const shape = { height: 1, width: 2, channels: 1 };
 * console.log(netLogits(net, split, shape, { batchSize: 100 })); // 0, 1
 * backend.stop();
 * ```
 */
export function netLogits(
  net: Net,
  split: ImageSplit,
  shape: ImageShape,
  options: { batchSize: number; progress?: (images: number) => void },
): Float32Array {
  const batchSize = Math.min(options.batchSize, split.count);
  let done = 0;
  const parts = [...batches(split, { batchSize })].map((batch) => {
    const logits = tf.tidy(() =>
      net.logits(batchTensors(batch, shape).images, false)
        .dataSync<"float32">()
    );
    options.progress?.(done += batch.size);
    return logits;
  });
  const numClasses = parts[0]!.length / batchSize;
  const logits = new Float32Array(split.count * numClasses);
  parts.forEach((part, i) => logits.set(part, i * batchSize * numClasses));
  return logits;
}

/**
 * Lets a net classify a split.
 *
 * @param net as it is at the end of training
 * @param split its images; the labels are not looked at
 * @param shape of an image
 * @param options.batchSize images at a time; decides memory, and nothing else
 * @param options.progress called after each batch with the images so far
 * @returns one prediction per image
 *
 * @example
 * ```ts
 * import { startBackend } from "alphalab";
 * import type { Net } from "alphalab/models";
 * import { predict } from "alphalab/train";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const backend = await startBackend({ threads: 1 });
 * const net: Net = {
 *   variables: [],
 *   logits: (images) => tf.reshape(images, [-1, 2]), // the pixels themselves
 *   loss: () => tf.scalar(0),
 * };
 * const images = new Uint8Array([0, 255]);
 * const split = { images, labels: new Int32Array([1]), count: 1 };
 * const shape = { height: 1, width: 2, channels: 1 };
 * console.log(predict(net, split, shape, { batchSize: 100 })); // label 1, 0.73
 * backend.stop();
 * ```
 */
export function predict(
  net: Net,
  split: ImageSplit,
  shape: ImageShape,
  options: { batchSize: number; progress?: (images: number) => void },
): Prediction[] {
  const logits = netLogits(net, split, shape, options);
  const numClasses = logits.length / split.count;
  return Array.from({ length: split.count }, (_, i) => {
    const row = logits.subarray(i * numClasses, (i + 1) * numClasses);
    const largest = maxOf(row);
    const sum = row.reduce((sum, x) => sum + Math.exp(x - largest), 0);
    return { label: row.indexOf(largest), probability: 1 / sum };
  });
}
