import * as tf from "@tensorflow/tfjs";
import { batches } from "../data/batches.ts";
import type { ImageSplit } from "../data/image_dataset.ts";
import { batchTensors, type ImageShape, type Net } from "./evaluate.ts";

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
  const batchSize = Math.min(options.batchSize, split.count);
  const predictions: Prediction[] = [];
  for (const batch of batches(split, { batchSize })) {
    tf.tidy(() => {
      const { images } = batchTensors(batch, shape);
      for (const logits of net.logits(images, false).arraySync()) {
        const largest = Math.max(...logits);
        const sum = logits.reduce((sum, x) => sum + Math.exp(x - largest), 0);
        const label = logits.indexOf(largest);
        predictions.push({ label, probability: 1 / sum });
      }
    });
  }
  return predictions;
}
