import { checkIntegers } from "../base/errors.ts";
import type { RasterImage } from "./raster_image.ts";

/**
 * Gives a picture another size: each new pixel is the mean of the area that it
 * covers in the old picture. By a whole factor, larger ones repeat pixels and
 * smaller ones are the means of blocks.
 *
 * @param image any picture
 * @param size the new width and height, integers of at least 1
 * @returns the picture itself where it has that size already
 * @throws {RangeError} for a size that is no positive integer
 *
 * @example
 * ```ts
 * import { resizeImage } from "alphalab/images";
 * import { deepEqual } from "node:assert/strict";
 *
 * const data = new Uint8Array([0, 100, 200, 255]);
 * const image = { width: 4, height: 1, channels: 1, data } as const;
 * deepEqual([...resizeImage(image, { width: 2, height: 1 }).data], [50, 228]);
 * ```
 */
export function resizeImage(
  image: RasterImage,
  { width, height }: { readonly width: number; readonly height: number },
): RasterImage {
  checkIntegers("resize an image", { width, height }, 1);
  if (width === image.width && height === image.height) return image;
  const { channels } = image;
  const columns = coverage(image.width, width);
  const rows = coverage(image.height, height);
  const data = new Uint8Array(width * height * channels);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let k = 0; k < channels; k++) {
        let sum = 0;
        for (const row of rows[y]!) {
          for (const column of columns[x]!) {
            const from = (row.index * image.width + column.index) * channels;
            sum += row.share * column.share * image.data[from + k]!;
          }
        }
        data[(y * width + x) * channels + k] = Math.round(sum);
      }
    }
  }
  return { width, height, channels, data };
}

/** For each new pixel of a line, the old ones under it; shares add up to 1. */
function coverage(oldSize: number, newSize: number) {
  const step = oldSize / newSize;
  return Array.from({ length: newSize }, (_, i) => {
    const begin = i * step;
    const end = begin + step;
    const parts: { index: number; share: number }[] = [];
    for (
      let index = Math.floor(begin);
      index < Math.min(end, oldSize);
      index++
    ) {
      const covered = Math.min(end, index + 1) - Math.max(begin, index);
      parts.push({ index, share: covered / step });
    }
    return parts;
  });
}
