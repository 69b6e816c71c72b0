import { convertIndexedToRgb, decode, type DecodedPng, encode } from "fast-png";
import type { RasterImage } from "./raster_image.ts";

/** Where the file's header has its interlace method. */
const INTERLACE_AT = 28;

/**
 * A PNG file as a picture of 8 bits per channel: gray or RGB as the file has
 * it, a palette as RGB; 16 bits are rounded to 8, fewer are stretched to 0 to
 * 255, and what is transparent lies over black. A single transparent colour
 * (tRNS without a palette), gamma and colour profiles are left aside.
 *
 * @param bytes the whole file
 * @param name the file's name, for errors
 * @returns the picture, gray or RGB
 * @throws {Error} `Cannot read <name>: …` where it is no PNG file, is damaged,
 *   or is interlaced with fewer than 8 bits per pixel
 *
 * @example
 * ```ts
 * import { decodePng, encodePng } from "alphalab/images";
 *
 * const data = new Uint8Array([0, 255]);
 * const png = encodePng({ width: 2, height: 1, channels: 1, data });
 * console.log(decodePng(png, "two.png").data); // Uint8Array [ 0, 255 ]
 * ```
 */
export function decodePng(bytes: Uint8Array, name: string): RasterImage {
  let png;
  let samples;
  try {
    png = decode(bytes, { checkCrc: true });
    if (png.width * png.height === 0) throw new RangeError("no pixels");
    samples = samplesOf(png);
  } catch (error) {
    throw new Error(
      `Cannot read ${name}: it must be a PNG file: got other or damaged content`,
      { cause: error },
    );
  }
  const { width, height, depth } = png;
  if (depth < 8 && bytes[INTERLACE_AT] === 1) {
    throw new Error(
      `Cannot read ${name}: an interlaced PNG must have 8 bits per channel or more: got ${depth}`,
    );
  }
  const { values, channels } = samples;
  const hasAlpha = channels % 2 === 0;
  const colors = hasAlpha ? channels - 1 : channels;
  const data = new Uint8Array(width * height * colors);
  for (let i = 0; i < data.length; i++) {
    const at = Math.floor(i / colors) * channels;
    const alpha = hasAlpha ? values[at + colors]! : 255;
    data[i] = Math.round(values[at + i % colors]! * alpha / 255);
  }
  return { width, height, channels: colors === 1 ? 1 : 3, data };
}

/** All values, 0 to 255, unrounded; an even count of channels ends in alpha. */
function samplesOf(png: DecodedPng) {
  const { width, height, depth, channels, data, palette } = png;
  if (palette) {
    return { values: convertIndexedToRgb(png), channels: palette[0]!.length };
  }
  if (depth >= 8) {
    const values = depth === 8 ? data : Float32Array.from(data, (v) => v / 257);
    return { values, channels };
  }
  // gray, whose rows begin at whole bytes
  const largest = 2 ** depth - 1;
  const rowBytes = Math.ceil(width * depth / 8);
  const values = Float32Array.from({ length: width * height }, (_, i) => {
    const bit = i % width * depth;
    const byte = data[Math.floor(i / width) * rowBytes + (bit >> 3)]!;
    return ((byte >> (8 - depth - bit % 8)) & largest) * 255 / largest;
  });
  return { values, channels };
}

/**
 * A picture as a PNG file, 8 bits per channel, without loss.
 *
 * @param image gray or RGB
 * @returns the file's bytes, the same for equal pictures
 *
 * @example
 * ```ts
 * import { encodePng } from "alphalab/images";
 *
 * const data = new Uint8Array([0, 255]);
 * const png = encodePng({ width: 2, height: 1, channels: 1, data });
 * console.log(new TextDecoder().decode(png.subarray(1, 4))); // PNG
 * ```
 */
export function encodePng(image: RasterImage): Uint8Array {
  return encode({ ...image, depth: 8 });
}
