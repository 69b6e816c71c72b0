import { checkIntegers } from "../base/errors.ts";
import type { RasterImage } from "./raster_image.ts";
import { type ImageMode, imageText } from "./image_text.ts";
import { resizeImage } from "./resize_image.ts";

/**
 * Puts pictures of one size side by side, row after row, with a gap between
 * them; a last row that is not full is empty at its end.
 *
 * @param images at least one, all of one size and kind
 * @param options.columns pictures per row, at least 1
 * @param options.gap pixels between two pictures, and none around them
 * @param options.scale each pixel of a picture becomes so many squared
 * @param options.background the value of gaps and of what is empty, 0 to 255;
 *   0 by default
 * @returns one picture
 * @throws {RangeError} where there is no picture, or one of another size, or
 *   columns, scale or gap are no integers of that kind
 *
 * @example
 * ```ts
 * import { tileImages } from "alphalab/images";
 * import { deepEqual } from "node:assert/strict";
 *
 * const size = { width: 1, height: 1, channels: 1 } as const;
 * const five = { ...size, data: new Uint8Array([5]) };
 * const six = { ...size, data: new Uint8Array([6]) };
 * const tiles = tileImages([five, six], { columns: 2, gap: 1, scale: 1 });
 * deepEqual([...tiles.data], [5, 0, 6]);
 * ```
 */
export function tileImages(
  images: readonly RasterImage[],
  options: {
    readonly columns: number;
    readonly gap: number;
    readonly scale: number;
    readonly background?: number;
  },
): RasterImage {
  const [first] = images;
  if (first === undefined) {
    throw new RangeError(
      "Cannot tile images: there must be one at least: got none",
    );
  }
  const { columns, gap, scale, background = 0 } = options;
  checkIntegers("tile images", { columns, scale }, 1);
  checkIntegers("tile images", { gap }, 0);
  const { channels } = first;
  const tileWidth = first.width * scale;
  const tileHeight = first.height * scale;
  const inRow = Math.min(columns, images.length);
  const rows = Math.ceil(images.length / columns);
  const width = inRow * (tileWidth + gap) - gap;
  const height = rows * (tileHeight + gap) - gap;
  const data = new Uint8Array(width * height * channels).fill(background);
  images.forEach((image, index) => {
    if (sizeOf(image) !== sizeOf(first)) {
      throw new RangeError(
        `Cannot tile images: all must be ${sizeOf(first)}: got ${
          sizeOf(image)
        }`,
      );
    }
    const left = (index % columns) * (tileWidth + gap);
    const top = Math.floor(index / columns) * (tileHeight + gap);
    for (let y = 0; y < tileHeight; y++) {
      for (let x = 0; x < tileWidth; x++) {
        const from = Math.floor(y / scale) * image.width +
          Math.floor(x / scale);
        const to = (top + y) * width + left + x;
        for (let k = 0; k < channels; k++) {
          data[to * channels + k] = image.data[from * channels + k]!;
        }
      }
    }
  });
  return { width, height, channels, data };
}

function sizeOf({ width, height, channels }: RasterImage): string {
  return `${width}×${height}×${channels}`;
}

/** Between tiles, in pixels. */
const GAP = 1;

/**
 * Columns from one tile's left edge to the next one's, where tiles fill a
 * width.
 *
 * @param columns tiles per row
 * @param width columns of the terminal
 */
export function tilePitch(columns: number, width: number): number {
  return Math.floor((width + GAP) / columns);
}

/**
 * Pictures of one size side by side in characters, row after row. They are
 * resized one by one, so that the gaps between them stay sharp.
 *
 * @param images at least one, all of one size and kind
 * @param options.columns tiles per row
 * @param options.width columns that a full row takes at most
 * @param options.mode how the terminal shows pictures
 * @returns the lines, joined by newlines; one escape sequence for sixels
 */
export function tileText(
  images: readonly RasterImage[],
  options: { columns: number; width: number; mode: ImageMode },
): string {
  const { columns, width, mode } = options;
  let tiles = images;
  if (mode !== "sixel") {
    const tileWidth = tilePitch(columns, width) - GAP;
    const tileHeight = Math.round(
      tileWidth * images[0]!.height / images[0]!.width,
    );
    tiles = images.map((image) =>
      resizeImage(image, { width: tileWidth, height: tileHeight })
    );
  }
  const composed = tileImages(tiles, { columns, gap: GAP, scale: 1 });
  return imageText(composed, {
    width: mode === "sixel" ? width : composed.width,
    mode,
  });
}
