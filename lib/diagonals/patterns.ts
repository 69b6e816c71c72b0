import type { ImageSplit } from "../data/image_dataset.ts";

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

/**
 * An image without a lit pixel, and one of each pattern in its middle.
 *
 * @param patterns what is lit
 * @param size rows and columns of an image
 * @returns pixels of 0 and 255; the labels say nothing
 *
 * @example
 * ```ts
 * import { PATTERNS, patternSplit } from "alphalab";
 *
 * const { count, images } = patternSplit(PATTERNS, 10);
 * console.log(count, images.filter((pixel) => pixel > 0).length); // 7 16
 * ```
 */
export function patternSplit(
  patterns: readonly Pattern[],
  size: number,
): ImageSplit {
  const count = patterns.length + 1;
  const images = new Uint8Array(count * size * size);
  const middle = size >> 1;
  patterns.forEach(({ pixels }, index) => {
    for (const [row, column] of pixels) {
      const at = (middle + row) * size + middle + column;
      images[(index + 1) * size * size + at] = 255;
    }
  });
  return { images, labels: new Int32Array(count), count };
}
