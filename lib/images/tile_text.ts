import { type ImageMode, imageText } from "./image_text.ts";
import type { RasterImage } from "./raster_image.ts";
import { resizeImage } from "./resize_image.ts";
import { tileImages } from "./tile_images.ts";

/** Between tiles, in pixels. */
const GAP = 1;

/**
 * Columns from one tile's left edge to the next one's, where tiles fill a width.
 *
 * @param columns tiles a row
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
 * @param options.columns tiles a row
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
