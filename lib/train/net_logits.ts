import * as tf from "@tensorflow/tfjs";
import { batches } from "../data/batches.ts";
import type { ImageSplit } from "../data/image_dataset.ts";
import { batchTensors, type ImageShape, type Net } from "./evaluate.ts";

/**
 * The logits that a net gives a split when it does not train.
 *
 * @param split its images; the labels are not looked at
 * @param shape of an image
 * @param options.batchSize images at a time; decides memory, and nothing else
 * @returns float32 `[count, numClasses]`, row-major
 *
 * @example
 * ```ts
 * import { type Net, netLogits, startBackend } from "alphalab";
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
  options: { batchSize: number },
): Float32Array {
  const batchSize = Math.min(options.batchSize, split.count);
  const parts = [...batches(split, { batchSize })].map((batch) =>
    tf.tidy(() =>
      net.logits(batchTensors(batch, shape).images, false)
        .dataSync<"float32">()
    )
  );
  const numClasses = parts[0]!.length / batchSize;
  const logits = new Float32Array(split.count * numClasses);
  parts.forEach((part, i) => logits.set(part, i * batchSize * numClasses));
  return logits;
}
