import * as tf from "@tensorflow/tfjs";
import type { ImageSplit } from "../../../data/image_dataset.ts";
import { pixelTensor } from "../../../ops/pixel_tensor.ts";
import { countPeaks } from "./peak_rule.ts";

/** A few lit pixels, each as row and column. */
export interface Pattern {
  readonly name: string;
  readonly pixels: readonly (readonly [row: number, column: number])[];
}

/** What a detector of diagonals should tell apart. */
export const PATTERNS: readonly Pattern[] = [
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
 * @returns one count a pattern, in the order of {@linkcode PATTERNS}
 *
 * @example
 * ```ts
 * import { patternPeaks, startBackend } from "alphalab";
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
 * @returns one difference a pattern, in the order of {@linkcode PATTERNS}
 *
 * @example
 * ```ts
 * import { patternEvidence, startBackend } from "alphalab";
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
