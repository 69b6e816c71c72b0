import type { Figure } from "../../../charts/figure.ts";
import { wrapText } from "../../../base/wrap_text.ts";
import { encodePng } from "../../../images/png.ts";
import type { RasterImage } from "../../../images/raster_image.ts";
import { tileImages } from "../../../images/tile_images.ts";
import {
  countPeaks,
  featureMaps,
  KERNEL_SIZE,
  labelOfPeaks,
  PEAK,
} from "./peak_rule.ts";
import { sideBySide } from "../../../reporting/side_by_side.ts";
import * as tf from "@tensorflow/tfjs";
import { pixelTensor } from "../../../ops/pixel_tensor.ts";
import { type DiagonalImages, PLAIN } from "./diagonal_images.ts";

/** Each pixel is so many squared in the PNG. */
const SCALE = 8;
/** Around the tiles of the PNG: apart from 0, 1, 2 and 3 as grays. */
const BACKGROUND = 40;

/**
 * An image, its feature map and the peaks of that, side by side: in characters
 * one per pixel, where the map has its numbers; as a PNG from black, 0, to
 * white.
 *
 * @param file the PNG's name
 * @param options.title the figure's first line
 * @param options.image pixels of 0 and 255, `[size, size]`
 * @param options.map its feature map, `[size − 2, size − 2]`, 0 to 3
 * @param options.size rows and columns of the image
 * @returns the figure
 *
 * @example
 * ```ts
 * import {
 *   detectorFigure,
 * } from "#lib/reports/4_csi_5138/diagonals/detector_figure.ts";
 *
 * const figure = detectorFigure("one.png", {
 *   title: "One diagonal",
 *   image: new Uint8Array([0, 0, 255, 0, 255, 0, 255, 0, 0]),
 *   map: [3],
 *   size: 3,
 * });
 * console.log(figure.text({ width: 80, color: false }));
 * ```
 */
export function detectorFigure(
  file: string,
  options: {
    readonly title: string;
    readonly image: Uint8Array;
    readonly map: ArrayLike<number>;
    readonly size: number;
  },
): Figure {
  const { title, image, size } = options;
  const mapSize = size - KERNEL_SIZE + 1;
  const map = Array.from(options.map);
  const peaks = map.filter((value) => value >= PEAK).length;
  const rowsOf = (cells: readonly string[], width: number) =>
    Array.from(
      { length: width },
      (_, row) => cells.slice(row * width, (row + 1) * width).join(""),
    );
  return {
    file,
    title,
    text({ width }) {
      const lit = Array.from(image, (pixel) => pixel > 0 ? "█" : "·");
      const values = map.map((value) => value === 0 ? "·" : String(value));
      const tops = map.map((value) => value >= PEAK ? "●" : "·");
      const blocks = [
        ["image", ...rowsOf(lit, size)],
        ["feature map", ...rowsOf(values, mapSize)],
        [
          `${peaks} ${peaks === 1 ? "peak" : "peaks"}: class ${
            1 + labelOfPeaks(peaks)
          }`,
          ...rowsOf(tops, mapSize),
        ],
      ];
      return `${wrapText(title, width).trimStart()}\n${
        sideBySide(blocks, width)
      }`;
    },
    picture() {
      const grays = map.map((value) => Math.round(value * 255 / PEAK));
      const tops = map.map((value) => value >= PEAK ? 255 : 0);
      const tiles = [
        framed(image, size, size),
        framed(grays, mapSize, size),
        framed(tops, mapSize, size),
      ];
      return Promise.resolve(encodePng(tileImages(tiles, {
        columns: tiles.length,
        gap: 1,
        scale: SCALE,
        background: BACKGROUND,
      })));
    },
  };
}

/** A plane in the middle of a frame, each pixel of the map at its window's. */
function framed(
  plane: ArrayLike<number>,
  size: number,
  frame: number,
): RasterImage {
  const data = new Uint8Array(frame * frame).fill(BACKGROUND);
  const border = (frame - size) / 2;
  for (let i = 0; i < plane.length; i++) {
    const row = border + Math.floor(i / size), column = border + i % size;
    data[row * frame + column] = plane[i]!;
  }
  return { width: frame, height: frame, channels: 1, data };
}

/**
 * Chooses an image for a figure: of plain ones the first with two diagonals
 * that the rule finds, as in the report; of others the first with one that it
 * gets wrong.
 *
 * @param file the PNG's name
 * @param condition the images' condition, for the title
 * @param images to choose from
 * @param size rows and columns of an image
 * @returns the figure; none where the rule gets no image wrong
 *
 * @example
 * ```ts
 * import {
 *   exampleFigure,
 * } from "#lib/reports/4_csi_5138/diagonals/detector_figure.ts";
 * import {
 *   createDiagonalImages,
 *   PLAIN_CONDITION,
 * } from "#lib/reports/4_csi_5138/diagonals/diagonal_images.ts";
 * import { startBackend } from "alphalab";
 * import { createRandom } from "alphalab/random";
 *
 * const backend = await startBackend({ threads: 1 });
 * const options = { count: 2, size: 20, random: createRandom(0) };
 * const images = createDiagonalImages(PLAIN_CONDITION, options);
 * const figure = exampleFigure("plain.png", PLAIN_CONDITION.name, images, 20)!;
 * console.log(figure.text({ width: 80, color: false }));
 * backend.stop();
 * ```
 */
export function exampleFigure(
  file: string,
  condition: string,
  images: DiagonalImages,
  size: number,
): Figure | undefined {
  const peaks = countPeaks(images, size);
  const label = condition === PLAIN ? 1 : 0;
  const index = [...peaks.keys()].find((i) =>
    images.labels[i] === label && labelOfPeaks(peaks[i]!) === 1
  );
  if (index === undefined) return undefined;
  const image = images.images.subarray(index * size ** 2).subarray(
    0,
    size ** 2,
  );
  const map = tf.tidy(() =>
    featureMaps(pixelTensor(image, [1, size, size, 1])).dataSync().slice()
  );
  const what = label === 1 ? "two diagonals, right" : "one diagonal, wrong";
  return detectorFigure(file, {
    title: `${condition}: ${what}`,
    image,
    map,
    size,
  });
}
