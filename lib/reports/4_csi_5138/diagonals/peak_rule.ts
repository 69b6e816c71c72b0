import * as tf from "@tensorflow/tfjs";
import { batches } from "../../../data/batches.ts";
import type { ImageSplit } from "../../../data/image_dataset.ts";
import { batchTensors } from "../../../train/evaluate.ts";

/** Rows and columns of the kernel. */
export const KERNEL_SIZE = 3;

/** The kernel of report 4, question 3, `[KERNEL_SIZE, KERNEL_SIZE]`. */
// deno-fmt-ignore -- as it lies in the image
export const DIAGONAL_KERNEL: readonly number[] = [
  0, 0, 1,
  0, 1, 0,
  1, 0, 0,
];

/** The feature map's value where all three pixels under the kernel are lit. */
export const PEAK = 3;

/** Images at a time: 4 MB of float32 for 100×100 pixels. */
const BATCH_SIZE = 100;

/**
 * Lets the kernel pass over images: y[i, j] = x[i, j + 2] + x[i + 1, j + 1] +
 * x[i + 2, j], without a border. Sums of zeros and ones, and so exact.
 *
 * @param images float32 `[batch, height, width, 1]`, 0 or 1
 * @returns float32 `[batch, height − 2, width − 2, 1]`, 0 to 3
 *
 * @example
 * ```ts
 * import { featureMaps, startBackend } from "alphalab";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const backend = await startBackend({ threads: 1 });
 * const image = tf.tensor4d([0, 0, 1, 0, 1, 0, 1, 0, 0], [1, 3, 3, 1]);
 * console.log(featureMaps(image).dataSync()); // Float32Array [ 3 ]
 * backend.stop();
 * ```
 */
export function featureMaps(images: tf.Tensor4D): tf.Tensor4D {
  return tf.tidy(() => {
    const shape = [KERNEL_SIZE, KERNEL_SIZE, 1, 1] as const;
    const kernel = tf.tensor4d([...DIAGONAL_KERNEL], [...shape]);
    return tf.conv2d(images, kernel, 1, "valid");
  });
}

/**
 * Counts the peaks of each image: the places of its feature map that reach 3.
 *
 * @param split pixels of 0 and 255
 * @param size rows and columns of an image
 * @returns one count an image
 *
 * @example
 * ```ts
 * import { countPeaks, startBackend } from "alphalab";
 *
 * const backend = await startBackend({ threads: 1 });
 * const images = new Uint8Array([0, 0, 255, 0, 255, 0, 255, 0, 0]);
 * const split = { images, labels: new Int32Array([0]), count: 1 };
 * console.log(countPeaks(split, 3)); // Int32Array [ 1 ]
 * backend.stop();
 * ```
 */
export function countPeaks(split: ImageSplit, size: number): Int32Array {
  const shape = { height: size, width: size, channels: 1 };
  const mapSize = (size - KERNEL_SIZE + 1) ** 2;
  const counts = new Int32Array(split.count);
  const batchSize = Math.min(BATCH_SIZE, split.count);
  let first = 0;
  for (const batch of batches(split, { batchSize })) {
    tf.tidy(() => {
      const maps = featureMaps(batchTensors(batch, shape).images).dataSync();
      for (let i = 0; i < maps.length; i++) {
        if (maps[i]! >= PEAK) counts[first + Math.floor(i / mapSize)]!++;
      }
    });
    first += batch.size;
  }
  return counts;
}

/**
 * The report's rule: one peak is class 1, any other number class 2.
 *
 * @param peaks of an image
 * @returns the label, 0 for class 1 and 1 for class 2
 *
 * @example
 * ```ts
 * import { labelOfPeaks } from "alphalab";
 *
 * console.log([0, 1, 2, 3].map(labelOfPeaks)); // [ 1, 0, 1, 1 ]
 * ```
 */
export function labelOfPeaks(peaks: number): 0 | 1 {
  return peaks === 1 ? 0 : 1;
}
