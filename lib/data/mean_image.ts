import type { ImageSplit } from "./image_dataset.ts";

/**
 * The mean of a split's images, pixel by pixel and channel by channel.
 *
 * @param split at least one image
 * @returns float32 `[height · width · channels]`, 0 to 255; summed exactly
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { meanImage } from "alphalab";
 *
 * const images = new Uint8Array([10, 20, 13, 22]); // 2 of 1×2 pixels
 * const labels = new Int32Array(2);
 * assert.deepEqual([...meanImage({ images, labels, count: 2 })], [11.5, 21]);
 * ```
 */
export function meanImage({ images, count }: ImageSplit): Float32Array {
  const size = images.length / count;
  const sums = new Float64Array(size);
  for (let start = 0; start < images.length; start += size) {
    for (let i = 0; i < size; i++) sums[i]! += images[start + i]!;
  }
  return Float32Array.from(sums, (sum) => sum / count);
}
