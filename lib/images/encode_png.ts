import { encode } from "fast-png";
import type { RasterImage } from "./raster_image.ts";

/**
 * A picture as a PNG file, 8 bits a channel, without loss.
 *
 * @param image gray or RGB
 * @returns the file's bytes, the same for equal pictures
 *
 * @example
 * ```ts
 * import { encodePng } from "alphalab";
 *
 * const data = new Uint8Array([0, 255]);
 * const png = encodePng({ width: 2, height: 1, channels: 1, data });
 * console.log(new TextDecoder().decode(png.subarray(1, 4))); // PNG
 * ```
 */
export function encodePng(image: RasterImage): Uint8Array {
  return encode({ ...image, depth: 8 });
}
