import * as tf from "@tensorflow/tfjs";
import type { Figure } from "../../../charts/figure.ts";
import { pixelTensor } from "../../../ops/pixel_tensor.ts";
import { PLAIN } from "./conditions.ts";
import { detectorFigure } from "./detector_figure.ts";
import type { DiagonalImages } from "./diagonal_images.ts";
import { countPeaks, featureMaps, labelOfPeaks } from "./peak_rule.ts";

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
 *   createDiagonalImages,
 *   createRandom,
 *   exampleFigure,
 *   PLAIN_CONDITION,
 *   startBackend,
 * } from "alphalab";
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
