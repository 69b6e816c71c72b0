import type { Figure } from "../../../charts/figure.ts";
import { wrapText } from "../../../base/wrap_text.ts";
import { imageGridSvg } from "../../../images/image_grid_svg.ts";
import { imageFromValues } from "../../../images/raster_image.ts";
import {
  countPeaks,
  featureMaps,
  KERNEL_SIZE,
  labelOfPeaks,
  PEAK,
} from "./peak_rule.ts";
import { sideBySide } from "../../../reporting/text_table.ts";
import * as tf from "@tensorflow/tfjs";
import { pixelTensor } from "../../../ops/pixel_tensor.ts";
import {
  type DiagonalCondition,
  type DiagonalImages,
  PLAIN,
  seededImages,
} from "./diagonal_images.ts";

/** Each pixel is so many squared in the SVG. */
const SCALE = 8;

const NOTE =
  "Image: dark pixels are black, lit ones white. Feature map: 0 is " +
  "black, 3 is white, each number at the middle of its 3×3 window. Peaks: " +
  "white where the map is 3.";

/**
 * An image, its feature map and the peaks of that, side by side: in characters
 * one per pixel, where the map has its numbers; in the SVG from black, 0, to
 * white, 3.
 *
 * @param file the SVG file's name
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
 * const figure = detectorFigure("one.svg", {
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
  const labels = [
    "image",
    "feature map",
    `${peaks} ${peaks === 1 ? "peak" : "peaks"}: class ${
      1 + labelOfPeaks(peaks)
    }`,
  ];
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
        rowsOf(lit, size),
        rowsOf(values, mapSize),
        rowsOf(tops, mapSize),
      ].map((rows, i) => [labels[i]!, ...rows]);
      return `${wrapText(title, width).trimStart()}\n${
        sideBySide(blocks, width)
      }`;
    },
    picture() {
      const tops = map.map((value) => value >= PEAK ? PEAK : 0);
      const square = (
        values: ArrayLike<number>,
        width: number,
        largest: number,
      ) =>
        imageFromValues(values, {
          width,
          height: width,
          channels: 1,
          range: [0, largest],
        });
      const row = [
        square(image, size, 255),
        square(map, mapSize, PEAK),
        square(tops, mapSize, PEAK),
      ].map((image, i) => ({ image, labels: [labels[i]!] }));
      return Promise.resolve(imageGridSvg({
        title,
        note: NOTE,
        blocks: [{ rows: [row] }],
        scale: SCALE,
      }));
    },
  };
}

/**
 * Chooses an image for a figure: of plain ones the first with two diagonals
 * that the rule finds, as in the report; of others the first with one that it
 * gets wrong.
 *
 * @param file the SVG file's name
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
 * const figure = exampleFigure("plain.svg", PLAIN_CONDITION.name, images, 20)!;
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

/** Rows and columns of the report's example. */
const EXAMPLE_SIZE = 20;

/** Images of the example's size to choose from. */
const EXAMPLES = 1_000;

/** Images like the report's example. */
export function exampleImages(
  condition: DiagonalCondition,
  seed: number,
): DiagonalImages & { readonly size: number } {
  const options = { seed, count: EXAMPLES, size: EXAMPLE_SIZE };
  return { ...seededImages(condition, "example", options), size: EXAMPLE_SIZE };
}

/** The file of a condition's figure. */
export function exampleFile({ name }: DiagonalCondition): string {
  return `example-${name.replaceAll(" ", "-")}.svg`;
}

/**
 * The figures of conditions, see {@linkcode exampleFigure}.
 *
 * @param conditions in their order
 * @param seed of their images
 */
export function exampleFigures(
  conditions: readonly DiagonalCondition[],
  seed: number,
): Figure[] {
  return conditions.flatMap((condition) => {
    const images = exampleImages(condition, seed);
    const file = exampleFile(condition);
    return exampleFigure(file, condition.name, images, images.size) ?? [];
  });
}
