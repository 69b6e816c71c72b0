import * as tf from "@tensorflow/tfjs";
import { batches } from "../../../data/batches.ts";
import type { ImageSplit } from "../../../data/image_dataset.ts";
import { batchTensors } from "../../../train/evaluate.ts";
import { pixelTensor } from "../../../ops/pixel_tensor.ts";
import { formatFixed } from "../../../base/format.ts";
import type { ReportTable } from "../../../reporting/report.ts";

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
 * import { featureMaps } from "#lib/reports/4_csi_5138/diagonals/peak_rule.ts";
 * import { startBackend } from "alphalab";
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
 * @returns one count per image
 *
 * @example
 * ```ts
 * import { countPeaks } from "#lib/reports/4_csi_5138/diagonals/peak_rule.ts";
 * import { startBackend } from "alphalab";
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
 * import {
 *   labelOfPeaks,
 * } from "#lib/reports/4_csi_5138/diagonals/peak_rule.ts";
 *
 * console.log([0, 1, 2, 3].map(labelOfPeaks)); // [ 1, 0, 1, 1 ]
 * ```
 */
export function labelOfPeaks(peaks: number): 0 | 1 {
  return peaks === 1 ? 0 : 1;
}

/** A few lit pixels, each as row and column. */
export interface Pattern {
  readonly name: string;
  readonly pixels: readonly (readonly [row: number, column: number])[];
}

/** What a detector of diagonals should tell apart. */
const PATTERNS: readonly Pattern[] = [
  { name: "one pixel", pixels: [[0, 0]] },
  { name: "two of a rising diagonal", pixels: [[0, 1], [1, 0]] },
  { name: "three of a rising diagonal", pixels: [[0, 2], [1, 1], [2, 0]] },
  {
    name: "four of a rising diagonal",
    pixels: [[0, 3], [1, 2], [2, 1], [3, 0]],
  },
  { name: "three of a falling diagonal", pixels: [[0, 0], [1, 1], [2, 2]] },
  { name: "three in a row", pixels: [[0, 0], [0, 1], [0, 2]] },
];

/** An image without a lit pixel, and one of each pattern in its middle. */
function patternSplit(size: number): ImageSplit {
  const count = PATTERNS.length + 1;
  const images = new Uint8Array(count * size * size);
  const middle = size >> 1;
  PATTERNS.forEach(({ pixels }, index) => {
    for (const [row, column] of pixels) {
      const at = (middle + row) * size + middle + column;
      images[(index + 1) * size * size + at] = 255;
    }
  });
  return { images, labels: new Int32Array(count), count };
}

/**
 * The peaks of each pattern, alone in an image.
 *
 * @param size rows and columns of the image
 * @returns one count per pattern, in the order of {@linkcode PATTERNS}
 *
 * @example
 * ```ts
 * import {
 *   patternPeaks,
 * } from "#lib/reports/4_csi_5138/diagonals/peak_rule.ts";
 * import { startBackend } from "alphalab";
 *
 * const backend = await startBackend({ threads: 1 });
 * console.log(patternPeaks(10)); // [ 0, 0, 1, 2, 0, 0 ]
 * backend.stop();
 * ```
 */
export function patternPeaks(size: number): number[] {
  const [, ...peaks] = countPeaks(patternSplit(size), size);
  return peaks;
}

/**
 * What each pattern, alone in an image, adds to a net's (logit of class 2 −
 * logit of class 1).
 *
 * @param logitsOf a net's logits, `[batch, 2]`, for float32 images of 0 and 1,
 *   `[batch, size, size, 1]`
 * @param size rows and columns of the image
 * @returns one difference per pattern, in the order of {@linkcode PATTERNS}
 *
 * @example
 * ```ts
 * import {
 *   patternEvidence,
 * } from "#lib/reports/4_csi_5138/diagonals/peak_rule.ts";
 * import { startBackend } from "alphalab";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const backend = await startBackend({ threads: 1 });
 * const net = (images: tf.Tensor4D) => { // counts lit pixels
 *   const lit = tf.sum<tf.Tensor2D>(images, [1, 2]);
 *   return tf.concat2d([tf.zerosLike(lit), lit], 1);
 * };
 * console.log(patternEvidence(net, 10)); // [ 1, 2, 3, 4, 3, 3 ]
 * backend.stop();
 * ```
 */
export function patternEvidence(
  logitsOf: (images: tf.Tensor4D) => tf.Tensor2D,
  size: number,
): number[] {
  const { images, count } = patternSplit(size);
  return tf.tidy(() => {
    const logits = logitsOf(pixelTensor(images, [count, size, size, 1]));
    const [dark, ...lit] = logits.arraySync().map(([one, two]) => two! - one!);
    return lit.map((difference) => difference - dark!);
  });
}

/**
 * What the rule and the nets count.
 *
 * @param peaks of each pattern
 * @param evidence of each pattern, by net: what it adds to (logit of class 2 −
 *   logit of class 1)
 */
export function patternTable(
  peaks: readonly number[],
  evidence: Readonly<Record<string, readonly number[]>>,
): ReportTable {
  return {
    title: "What lit pixels add: to the rule's peaks, to a net's logits",
    columns: ["pixels", "rule", ...Object.keys(evidence)],
    rows: PATTERNS.map(({ name }, i) => [
      name,
      String(peaks[i]!),
      ...Object.values(evidence).map((added) => formatFixed(added[i]!, 2)),
    ]),
  };
}
