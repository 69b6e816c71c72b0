import { maxOf } from "../base/statistics.ts";
import type { ImageSplit } from "../data/image_dataset.ts";
import type { ImageShape, Net } from "./evaluate.ts";
import { netLogits } from "./net_logits.ts";

/** What a net takes an image for. */
export interface Prediction {
  /** The class of the largest logit, of equal ones the first. */
  readonly label: number;
  /** Its softmax, 0 to 1. */
  readonly probability: number;
}

/**
 * Lets a net classify a split.
 *
 * @param net as it is at the end of training
 * @param split its images; the labels are not looked at
 * @param shape of an image
 * @param options.batchSize images at a time; decides memory, and nothing else
 * @returns one prediction an image
 *
 * @example
 * ```ts
 * import { type Net, predict, startBackend } from "alphalab";
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
  options: { batchSize: number },
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
