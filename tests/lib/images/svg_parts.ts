import assert from "node:assert/strict";
import { decodePng } from "../../../lib/images/png.ts";
import type { RasterImage } from "../../../lib/images/raster_image.ts";

/** An image in an SVG document, and where it is drawn. */
export interface SvgImage {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly picture: RasterImage;
}

/**
 * The images of an SVG document, in their order.
 *
 * @param svg the document
 */
export function imagesOf(svg: string | Uint8Array): SvgImage[] {
  assert.ok(typeof svg === "string");
  return [...svg.matchAll(/<image [^>]*>/g)].map(([element]) => {
    const attribute = (name: string) =>
      new RegExp(` ${name}="([^"]*)"`).exec(element)![1]!;
    const [kind, base64] = attribute("href").split(",");
    assert.equal(kind, "data:image/png;base64");
    return {
      x: Number(attribute("x")),
      y: Number(attribute("y")),
      width: Number(attribute("width")),
      height: Number(attribute("height")),
      picture: decodePng(Uint8Array.fromBase64(base64!), "an image"),
    };
  });
}

/** The lines of text of an SVG document, as they are read. */
export function textsOf(svg: string | Uint8Array): string[] {
  assert.ok(typeof svg === "string");
  return [...svg.matchAll(/<text [^>]*>([^<]*)<\/text>/g)].map(([, text]) =>
    text!.replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)))
  );
}

/**
 * The pixels of a picture of which each pixel is some squared: the one in the
 * middle of each square.
 */
export function pixelsOf(
  { width, height, channels, data }: RasterImage,
  scale: number,
): number[] {
  const pixels: number[] = [];
  for (let y = scale >> 1; y < height; y += scale) {
    for (let x = scale >> 1; x < width; x += scale) {
      for (let k = 0; k < channels; k++) {
        pixels.push(data[(y * width + x) * channels + k]!);
      }
    }
  }
  return pixels;
}
