import { checkIntegers } from "../base/errors.ts";

/** A picture of 8-bit pixels, gray or RGB. */
export interface RasterImage {
  /** Columns, at least 1. */
  readonly width: number;
  /** Rows, at least 1. */
  readonly height: number;
  /** Values per pixel: 1 for gray, 3 for red, green and blue. */
  readonly channels: 1 | 3;
  /** 0 (dark) to 255, `[height, width, channels]` in row-major order. */
  readonly data: Uint8Array;
}

/** Of a plane that is the same everywhere. */
const MID_GRAY = 128;

/**
 * Makes a picture of numbers: `low` becomes 0, `high` 255, linearly and rounded
 * in between, and what lies beyond them as they do. Where both are the same,
 * nothing can be told apart, and the picture is mid gray.
 *
 * @param values `[height, width, channels]` in row-major order, finite
 * @param options.range `low` and `high`; the smallest and the largest of these
 *   values by default, over all channels
 * @returns the picture
 * @throws {RangeError} where the values do not fill it, or the range is not
 *   finite
 *
 * @example
 * ```ts
 * import { imageFromValues } from "alphalab/images";
 * import { deepEqual } from "node:assert/strict";
 *
 * const size = { width: 3, height: 1, channels: 1 } as const;
 * deepEqual([...imageFromValues([-1, 0, 1], size).data], [0, 128, 255]);
 * deepEqual([...imageFromValues([7, 7, 7], size).data], [128, 128, 128]);
 * ```
 */
export function imageFromValues(
  values: ArrayLike<number>,
  options: {
    readonly width: number;
    readonly height: number;
    readonly channels: 1 | 3;
    readonly range?: readonly [low: number, high: number];
  },
): RasterImage {
  const { width, height, channels, range = valueBounds(values) } = options;
  const [low, high] = range;
  if (values.length !== width * height * channels) {
    throw new RangeError(
      `Cannot make an image: values must fill [${height},${width},${channels}]: got ${values.length}`,
    );
  }
  if (!(low <= high) || !Number.isFinite(high - low)) {
    throw new RangeError(
      `Cannot make an image: the range must be finite and in order: got ${low} to ${high}`,
    );
  }
  const data = Uint8Array.from(
    values,
    (value) =>
      low === high ? MID_GRAY : Math.round(
        255 * (Math.min(high, Math.max(low, value)) - low) / (high - low),
      ),
  );
  return { width, height, channels, data };
}

/**
 * The smallest and the largest of some values.
 *
 * @param values at least one, finite
 * @returns both
 *
 * @example
 * ```ts
 * import { valueBounds } from "#lib/images/raster_image.ts";
 *
 * console.log(valueBounds([3, -1, 2])); // [ -1, 3 ]
 * ```
 */
export function valueBounds(values: ArrayLike<number>): [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (let i = 0; i < values.length; i++) {
    low = Math.min(low, values[i]!);
    high = Math.max(high, values[i]!);
  }
  return [low, high];
}

/**
 * A picture as gray or as RGB, where nothing is lost by it.
 *
 * @param image any picture
 * @param channels 1 for gray, 3 for RGB
 * @returns the picture itself where it has these channels already; null for a
 *   picture in colours that is to be gray
 *
 * @example
 * ```ts
 * import { convertChannels } from "#lib/images/raster_image.ts";
 *
 * const data = new Uint8Array([7, 7, 7]);
 * const image = { width: 1, height: 1, channels: 3, data } as const;
 * console.log(convertChannels(image, 1)?.data); // Uint8Array [ 7 ]
 * ```
 */
export function convertChannels(
  image: RasterImage,
  channels: 1 | 3,
): RasterImage | null {
  if (channels === image.channels) return image;
  const { width, height, data } = image;
  if (channels === 3) {
    const rgb = Uint8Array.from(
      { length: 3 * data.length },
      (_, i) => data[Math.floor(i / 3)]!,
    );
    return { width, height, channels, data: rgb };
  }
  const gray = data.filter((_, i) => i % 3 === 0);
  if (data.some((value, i) => value !== gray[Math.floor(i / 3)])) return null;
  return { width, height, channels, data: gray };
}

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
