import * as tf from "@tensorflow/tfjs";
import { mean } from "../../base/statistics.ts";
import { wrapText } from "../../base/wrap_text.ts";
import type { Figure } from "../../charts/figure.ts";
import {
  imageGridSvg,
  inRows,
  type LabelledImage,
} from "../../images/image_grid_svg.ts";
import type { ImageMode } from "../../images/image_text.ts";
import {
  imageFromValues,
  type RasterImage,
  valueBounds,
} from "../../images/raster_image.ts";
import { tileText } from "../../images/tile_images.ts";
import type { Layer } from "../../models/layers.ts";

/** What a layer made of an image. */
export interface FigureLayer {
  /** A line about the layer. */
  readonly caption: string;
  /** Its channels, each `[height, width]`, finite. */
  readonly channels: readonly ArrayLike<number>[];
}

/** Channels per row: 8, 16 and 32 of them fill 1, 2 and 4 rows. */
const COLUMNS = 8;
/** The width and height of a pixel in the SVG. */
const SCALE = 3;

const NOTE = "The channels of a layer share one scale of gray: black is the " +
  "smallest of their values, white the largest. Each mean over a layer's " +
  "channels, and the image, has a scale of its own. A scale of a single value " +
  "is mid gray. r is the correlation over all pixels, without its sign; edges " +
  "are where the image's gray is steep.";

/**
 * An image after each of a net's layers, as a figure: all channels as tiles,
 * and their mean. The channels of a layer share one scale of gray, from the
 * smallest to the largest of their values; each mean, and the image, has a
 * scale of its own. A scale of a single value is mid gray.
 *
 * In the SVG the image is the first row, and each layer's mean stands left of
 * its channels, which are numbered from 0.
 *
 * @param file the SVG file's name
 * @param options.title the figure's first line
 * @param options.image the input, gray, of the planes' size
 * @param options.layers from the first to the last
 * @param options.mode how a terminal shows it; characters where it takes no
 *   escape codes
 * @returns the figure
 *
 * @example
 * ```ts
 * import { layerFigure } from "#lib/reports/1_linearization/layer_figure.ts";
 * import { imageFromValues } from "alphalab/images";
 *
 * const edge = [0, 0, 1, 1];
 * const figure = layerFigure("edge.svg", {
 *   title: "An edge",
 *   image: imageFromValues(edge, { width: 4, height: 1, channels: 1 }),
 *   layers: [{ caption: "a layer", channels: [edge, [0, 1, 0, 0]] }],
 *   mode: "ascii",
 * });
 * console.log(figure.text({ width: 80, color: false }));
 * ```
 */
export function layerFigure(
  file: string,
  options: {
    readonly title: string;
    readonly image: RasterImage;
    readonly layers: readonly FigureLayer[];
    readonly mode: ImageMode;
  },
): Figure {
  const { title, image, layers } = options;
  const { width, height } = image;
  const pictures = layers.map(({ caption, channels }) => {
    const all = channels.map((plane) => valueBounds(plane));
    const [low] = valueBounds(all.map(([low]) => low));
    const [, high] = valueBounds(all.map(([, high]) => high));
    const picture = (plane: ArrayLike<number>, range?: [number, number]) =>
      imageFromValues(plane, { width, height, channels: 1, range });
    return {
      caption,
      mean: picture(meanPlane(channels)),
      channels: channels.map((plane) => picture(plane, [low, high])),
    };
  });
  return {
    file,
    title,
    text({ width, color }) {
      const mode = color ? options.mode : "ascii";
      const tiles = (images: readonly RasterImage[], columns: number) =>
        tileText(images, { columns, width, mode });
      return [
        wrapText(title, width, ""),
        "image, then each layer's mean channel:",
        tiles(
          [image, ...pictures.map(({ mean }) => mean)],
          1 + pictures.length,
        ),
        ...pictures.flatMap(({ caption, channels }) => [
          wrapText(caption, width, ""),
          tiles(channels, COLUMNS),
        ]),
      ].join("\n");
    },
    picture: () =>
      Promise.resolve(imageGridSvg({
        title,
        note: NOTE,
        blocks: [
          { rows: [[{ image, labels: ["image"] }]] },
          ...pictures.map(({ caption, mean, channels }) => ({
            heading: caption,
            rows: layerRows(mean, channels),
          })),
        ],
        scale: SCALE,
      })),
  };
}

function meanPlane(channels: readonly ArrayLike<number>[]): Float64Array {
  return Float64Array.from(
    channels[0]!,
    (_, i) => mean(channels.map((plane) => plane[i]!)),
  );
}

/** A layer's mean, with its channels to the right. */
function layerRows(
  mean: RasterImage,
  channels: readonly RasterImage[],
): (LabelledImage | null)[][] {
  const cells = channels.map((image, k) => ({ image, labels: [String(k)] }));
  return inRows(cells, COLUMNS).map((row, i) => [
    i === 0 ? { image: mean, labels: ["mean"] } : null,
    ...row,
  ]);
}

/**
 * An image after each of a net's layers.
 *
 * @param layers the net's first ones, each with an output of rank 4
 * @param image float32 `[1, height, width, channels]`
 * @returns one list per layer: its channels, each float32 `[height, width]`
 *
 * @example
 * ```ts
 * import { layerPlanes } from "#lib/reports/1_linearization/layer_figure.ts";
 * import { startBackend } from "alphalab";
 * import type { Layer } from "alphalab/models";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const backend = await startBackend({ threads: 1 });
 * const twice: Layer = {
 *   variables: [],
 *   apply: (x) => tf.concat([x, tf.neg(x)], 3),
 * };
 * const [channels] = layerPlanes([twice], tf.tensor4d([1, 2], [1, 1, 2, 1]));
 * console.log(channels); // [ Float32Array [ 1, 2 ], Float32Array [ -1, -2 ] ]
 * backend.stop();
 * ```
 */
export function layerPlanes(
  layers: readonly Layer[],
  image: tf.Tensor4D,
): Float32Array[][] {
  return tf.tidy(() => {
    let x: tf.Tensor = image;
    return layers.map((layer) => {
      x = layer.apply(x, false); // [1, height, width, channels]
      const values = x.dataSync<"float32">();
      const channels = x.shape[3]!;
      return Array.from(
        { length: channels },
        (_, k) => values.filter((_, i) => i % channels === k),
      );
    });
  });
}
