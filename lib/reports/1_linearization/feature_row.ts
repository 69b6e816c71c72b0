import { correlation } from "../../base/statistics.ts";
import { formatFixed } from "../../base/format.ts";

/** What a layer of a net makes of a test image: a row of features.csv. */
export interface FeatureRow {
  /** The image's index. */
  readonly image: number;
  /** `none` for the image itself, as a layer `input` of one channel. */
  readonly net: string;
  readonly layer: string;
  /** The channel, from 0, with the largest |r| to the image. */
  readonly inputChannel: number;
  /** Its |r|, 0 to 1. */
  readonly inputR: number;
  /** The channel with the largest |r| to {@link gradientMagnitude}. */
  readonly edgesChannel: number;
  /** Its |r|, 0 to 1. */
  readonly edgesR: number;
}

/**
 * Correlates a layer's channels with the image and with its edges.
 *
 * @param place whose channels they are
 * @param planes the channels, each `[height, width]`
 * @param pixels the image, `[height, width]`
 * @param size of all of them
 */
export function featureRow(
  place: Pick<FeatureRow, "image" | "net" | "layer">,
  planes: readonly ArrayLike<number>[],
  pixels: ArrayLike<number>,
  size: { readonly width: number; readonly height: number },
): FeatureRow {
  const input = bestChannel(planes, pixels);
  const edges = bestChannel(planes, gradientMagnitude(pixels, size));
  return {
    ...place,
    inputChannel: input.channel,
    inputR: input.r,
    edgesChannel: edges.channel,
    edgesR: edges.r,
  };
}

/** The line about a layer with that many channels above its picture. */
export function featureCaption(row: FeatureRow, channels: number): string {
  const { layer, inputChannel, inputR, edgesChannel, edgesR } = row;
  return `${layer}, channels 0–${channels - 1}: most like the image ` +
    `${inputChannel} (r ${formatFixed(inputR, 2)}), ` +
    `like its edges ${edgesChannel} (${formatFixed(edgesR, 2)})`;
}

/** The channel of a layer that is most like a plane. */
export interface BestChannel {
  /** From 0; the first of equal ones. */
  readonly channel: number;
  /** |r|, 0 to 1. */
  readonly r: number;
}

/**
 * Finds the channel with the largest |r| to a plane, Pearson's r over pixels:
 * neither the channel's scale nor its sign matters.
 *
 * @param channels each `[height, width]`, at least one
 * @param target `[height, width]`
 * @returns the channel and its |r|
 *
 * @example
 * ```ts
 * import { bestChannel } from "#lib/reports/1_linearization/feature_row.ts";
 *
 * const channels = [[0, 1, 0], [3, 2, 1]];
 * console.log(bestChannel(channels, [1, 2, 3])); // { channel: 1, r: 1 }
 * ```
 */
export function bestChannel(
  channels: readonly ArrayLike<number>[],
  target: ArrayLike<number>,
): BestChannel {
  let best: BestChannel = { channel: 0, r: -1 };
  channels.forEach((plane, channel) => {
    const r = Math.abs(correlation(plane, target));
    if (r > best.r) best = { channel, r };
  });
  return best;
}

/**
 * How steep a plane is at each pixel: √(Gx² + Gy²), where Gx and Gy are Sobel's
 * operators (Sobel, Feldman, 1968), the border's pixels repeated beyond it:
 *
 *          −1 0 1                −1 −2 −1
 *     Gx = −2 0 2 / 8,      Gy =  0  0  0 / 8.
 *          −1 0 1                 1  2  1
 *
 * @param plane `[height, width]` in row-major order
 * @returns float64 of that shape, in units of the plane per pixel: 1 inside a
 *   ramp that rises by 1 per pixel
 * @throws {RangeError} where the values do not fill the plane
 *
 * @example
 * ```ts
 * import {
 *   gradientMagnitude,
 * } from "#lib/reports/1_linearization/feature_row.ts";
 *
 * const ramp = [0, 2, 4, 0, 2, 4];
 * const size = { width: 3, height: 2 };
 * const steepness = gradientMagnitude(ramp, size);
 * console.log(steepness); // Float64Array [ 1, 2, 1, 1, 2, 1 ]
 * ```
 */
export function gradientMagnitude(
  plane: ArrayLike<number>,
  { width, height }: { readonly width: number; readonly height: number },
): Float64Array {
  if (plane.length !== width * height) {
    throw new RangeError(
      `Cannot compute the gradient: values must fill [${height},${width}]: got ${plane.length}`,
    );
  }
  const at = (x: number, y: number) => {
    const column = Math.min(width - 1, Math.max(0, x));
    const row = Math.min(height - 1, Math.max(0, y));
    return plane[row * width + column]!;
  };
  return Float64Array.from(plane, (_, i) => {
    const x = i % width;
    const y = Math.floor(i / width);
    const across = (dy: number) => at(x + 1, y + dy) - at(x - 1, y + dy);
    const down = (dx: number) => at(x + dx, y + 1) - at(x + dx, y - 1);
    return Math.hypot(
      (across(-1) + 2 * across(0) + across(1)) / 8,
      (down(-1) + 2 * down(0) + down(1)) / 8,
    );
  });
}
