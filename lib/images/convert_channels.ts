import type { RasterImage } from "./raster_image.ts";

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
 * import { convertChannels } from "alphalab";
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
