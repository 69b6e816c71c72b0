import { checkIntegers } from "../base/errors.ts";
import { type RasterImage, resizeImage } from "./raster_image.ts";
import { type ImageMode, imageText } from "./image_text.ts";

/**
 * Puts pictures of one size side by side, row after row, with a gap between
 * them; a last row that is not full is empty at its end.
 *
 * @param images at least one, all of one size and kind
 * @param options.columns pictures per row, at least 1
 * @param options.gap pixels of value 0 between two pictures, and none around
 *   them
 * @returns one picture
 * @throws {RangeError} where there is no picture, or one of another size, or
 *   columns or gap are no integers of that kind
 *
 * @example
 * ```ts
 * import { tileImages } from "alphalab/images";
 * import { deepEqual } from "node:assert/strict";
 *
 * const size = { width: 1, height: 1, channels: 1 } as const;
 * const five = { ...size, data: new Uint8Array([5]) };
 * const six = { ...size, data: new Uint8Array([6]) };
 * const tiles = tileImages([five, six], { columns: 2, gap: 1 });
 * deepEqual([...tiles.data], [5, 0, 6]);
 * ```
 */
export function tileImages(
  images: readonly RasterImage[],
  options: { readonly columns: number; readonly gap: number },
): RasterImage {
  const [first] = images;
  if (first === undefined) {
    throw new RangeError(
      "Cannot tile images: there must be one at least: got none",
    );
  }
  const { columns, gap } = options;
  checkIntegers("tile images", { columns }, 1);
  checkIntegers("tile images", { gap }, 0);
  const { width: tileWidth, height: tileHeight, channels } = first;
  const inRow = Math.min(columns, images.length);
  const rows = Math.ceil(images.length / columns);
  const width = inRow * (tileWidth + gap) - gap;
  const height = rows * (tileHeight + gap) - gap;
  const data = new Uint8Array(width * height * channels);
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
    const size = tileWidth * channels;
    for (let y = 0; y < tileHeight; y++) {
      const row = image.data.subarray(y * size, (y + 1) * size);
      data.set(row, ((top + y) * width + left) * channels);
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
  const composed = tileImages(tiles, { columns, gap: GAP });
  return imageText(composed, {
    width: mode === "sixel" ? width : composed.width,
    mode,
  });
}
