import type { ImageSplit } from "./image_dataset.ts";
import type { Random } from "../base/random.ts";

/**
 * Draws images without replacement, every set with the same probability. A
 * smaller subset of a generator is the beginning of a larger one.
 *
 * @param split where to draw from
 * @param count how many to draw, 1 to `split.count`
 * @param random draws the order of all images, of which the first are taken
 * @returns copies of the images and labels, in the order drawn
 * @throws {RangeError} when count is not an integer in that range
 *
 * @example
 * ```ts
 * import { createRandom, drawSubset } from "alphalab";
 * import { equal } from "node:assert/strict";
 *
 * const images = new Uint8Array([10, 11, 12, 13]); // 4 of 1×1 pixel
 * const labels = new Int32Array([0, 1, 2, 3]);
 * const subset = drawSubset({ images, labels, count: 4 }, 2, createRandom(0));
 * equal(subset.images[1], 10 + subset.labels[1]!);
 * ```
 */
export function drawSubset(
  split: ImageSplit,
  count: number,
  random: Random,
): ImageSplit {
  if (!Number.isInteger(count) || count < 1 || count > split.count) {
    throw new RangeError(
      `Cannot draw a subset: count must be an integer from 1 to ${split.count}: got ${count}`,
    );
  }
  const order = Uint32Array.from({ length: split.count }, (_, i) => i);
  random.shuffle(order);
  const imageSize = split.images.length / split.count;
  const images = new Uint8Array(count * imageSize);
  const labels = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    const from = order[i]! * imageSize;
    images.set(split.images.subarray(from, from + imageSize), i * imageSize);
    labels[i] = split.labels[order[i]!]!;
  }
  return { images, labels, count };
}
