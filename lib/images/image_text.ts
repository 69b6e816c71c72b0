import { FINALIZER, image2sixel, introducer, sixelEncode } from "sixel";
import { mean } from "../base/statistics.ts";
import { type RasterImage, resizeImage } from "./raster_image.ts";

/** How a terminal shows a picture, from the plainest to the finest. */
export type ImageMode = "ascii" | "half-block" | "sixel";

/** Ten characters by their ink: on a dark screen, more of it is brighter. */
const RAMP = " .:-=+*#%@";

/** Pixels of a column that sixels are drawn for: a narrow font of today. */
const SIXELS_PER_COLUMN = 8;

/**
 * A picture in characters. A character is taken to be twice as high as wide.
 *
 * - `ascii`: a character shows the luminance of two pixels, one above the
 *   other.
 * - `half-block`: a character is two pixels, one above the other, in the
 *   nearest of the 256 colours of xterm, which terminals without 24-bit colour
 *   have too.
 * - `sixel`: the pixels themselves, in 256 colours where they have more.
 *
 * @param image any picture; it is resized to the width
 * @param options.width columns that the picture takes, at least 1
 * @returns ⌈height / 2⌉ lines for the resized picture's height, joined by
 *   newlines; one escape sequence for sixels
 *
 * @example
 * ```ts
 * import { imageText } from "alphalab/images";
 *
 * const data = new Uint8Array([0, 128, 255, 0, 128, 255]);
 * const image = { width: 3, height: 2, channels: 1, data } as const;
 * console.log(imageText(image, { width: 3, mode: "ascii" })); // " +@"
 * ```
 */
export function imageText(
  image: RasterImage,
  { width, mode }: { readonly width: number; readonly mode: ImageMode },
): string {
  const pixels = mode === "sixel" ? width * SIXELS_PER_COLUMN : width;
  const height = Math.round(pixels * image.height / image.width);
  const resized = resizeImage(image, {
    width: pixels,
    height: Math.max(1, height),
  });
  if (mode === "sixel") return sixelText(resized);
  const line = mode === "ascii" ? asciiLine : halfBlockLine;
  return Array.from(
    { length: Math.ceil(resized.height / 2) },
    (_, row) => line(resized, 2 * row),
  ).join("\n");
}

type Color = readonly [red: number, green: number, blue: number];

const BLACK: Color = [0, 0, 0];

/** The pixel at a place; null below the last row. */
function colorAt(image: RasterImage, x: number, y: number): Color | null {
  if (y >= image.height) return null;
  const at = (y * image.width + x) * image.channels;
  const [red, green, blue] = image.data.subarray(at, at + image.channels);
  return image.channels === 1 ? [red!, red!, red!] : [red!, green!, blue!];
}

/** ITU-R BT.601, 0 to 255. */
function luminance([red, green, blue]: Color): number {
  return 0.299 * red + 0.587 * green + 0.114 * blue;
}

function asciiLine(image: RasterImage, y: number): string {
  let line = "";
  for (let x = 0; x < image.width; x++) {
    const upper = luminance(colorAt(image, x, y)!);
    const lower = luminance(colorAt(image, x, y + 1) ?? BLACK);
    line += RAMP[Math.floor((upper + lower) / 2 / 256 * RAMP.length)];
  }
  return line.trimEnd();
}

function halfBlockLine(image: RasterImage, y: number): string {
  let line = "";
  let before = "";
  for (let x = 0; x < image.width; x++) {
    const upper = colorAt(image, x, y)!;
    const lower = colorAt(image, x, y + 1);
    const below = lower === null ? "49" : `48;5;${paletteIndex(lower)}`;
    const codes = `\x1b[38;5;${paletteIndex(upper)};${below}m`;
    line += codes === before ? "▀" : `${codes}▀`;
    before = codes;
  }
  return `${line}\x1b[0m`;
}

/** Of one side of xterm's 6×6×6 cube, which is 16 to 231. */
const CUBE_LEVELS = [0, 95, 135, 175, 215, 255];
/** Its grays, 232 to 255. */
const GRAY_LEVELS = Array.from({ length: 24 }, (_, i) => 8 + 10 * i);

/**
 * The nearest of xterm's 256 colours; the first 16 differ between terminals.
 */
function paletteIndex(color: Color): number {
  const cube = color.map((value) => nearest(CUBE_LEVELS, value));
  const gray = nearest(GRAY_LEVELS, mean(color));
  const error = (levels: readonly number[]) =>
    levels.reduce((sum, level, k) => sum + (level - color[k]!) ** 2, 0);
  const inCube = error(cube.map((index) => CUBE_LEVELS[index]!));
  const asGray = error(new Array(3).fill(GRAY_LEVELS[gray]!));
  return asGray < inCube
    ? 232 + gray
    : 16 + 36 * cube[0]! + 6 * cube[1]! + cube[2]!;
}

function nearest(levels: readonly number[], value: number): number {
  let best = 0;
  for (let i = 1; i < levels.length; i++) {
    const closer =
      Math.abs(levels[i]! - value) < Math.abs(levels[best]! - value);
    if (closer) best = i;
  }
  return best;
}

function sixelText(image: RasterImage): string {
  const { width, height } = image;
  const rgba = new Uint8Array(4 * width * height);
  for (let i = 0; i < width * height; i++) {
    rgba.set(
      [...colorAt(image, i % width, Math.floor(i / width))!, 255],
      4 * i,
    );
  }
  const palette = [...new Set(new Uint32Array(rgba.buffer))];
  // image2sixel mixes colours even where they are few enough.
  return palette.length > 256
    ? image2sixel(rgba, width, height)
    : introducer(0) + sixelEncode(rgba, width, height, palette) + FINALIZER;
}
