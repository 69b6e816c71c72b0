import type { Figure } from "../../../charts/figure.ts";
import { sideBySide } from "../../../reporting/text_table.ts";
import { formatFixed } from "../../../base/format.ts";
import { wrapText } from "../../../base/wrap_text.ts";
import { correlation } from "../../../base/statistics.ts";
import { imageGridSvg, inRows } from "../../../images/image_grid_svg.ts";
import { imageFromValues, valueBounds } from "../../../images/raster_image.ts";
import { loadCheckpoint } from "../../../run/checkpoint.ts";
import type { RunDirectory } from "../../../run/run_directory.ts";
import { netFile } from "../../../train/net_files.ts";
import { DIAGONAL_KERNEL, KERNEL_SIZE } from "./peak_rule.ts";

/** A detector's learned numbers. */
export interface DetectorWeights {
  /** `[3, 3, 1, filters]`. */
  readonly filter: ArrayLike<number>;
  /** `[filters]`. */
  readonly bias: ArrayLike<number>;
  /** Of the readout, `[filters, 2]`. */
  readonly weights: ArrayLike<number>;
}

/** Each weight is so many pixels squared in the SVG. */
const SCALE = 24;
/** Filters per row of the SVG. */
const COLUMNS = 3;

const NOTE = "Each filter has a scale of its own, from black, −m, to white, " +
  "m, where m is its largest |weight|; mid gray is 0. r is the correlation " +
  "with the report's kernel; bias and weights are in units of a lit pixel; " +
  "out is what the filter's sum adds to the logit of class 2 less that of " +
  "class 1.";

/**
 * The report's kernel, and a net's filters beside it, those that correlate most
 * with it first: their weights as aligned numbers, each with its correlation r,
 * its bias, and with what its sum adds to the logit of class 2 less that of
 * class 1. In the SVG as grays, each from −m, black, to m, white, of its own
 * largest |weight| m.
 *
 * @param file the SVG file's name
 * @param title the figure's first line
 * @param net what it learned
 * @returns the figure
 *
 * @example
 * ```ts
 * import {
 *   filterFigure,
 * } from "#lib/reports/4_csi_5138/diagonals/filter_figure.ts";
 *
 * const figure = filterFigure("filters.svg", "A filter", {
 *   filter: [0, 0, 2, 0, 2, 0, 2, 0, 0],
 *   bias: [-4],
 *   weights: [0, 1],
 * });
 * console.log(figure.text({ width: 80, color: false }));
 * ```
 */
export function filterFigure(
  file: string,
  title: string,
  net: DetectorWeights,
): Figure {
  const filters = [
    { caption: ["the report's", "threshold 3"], values: DIAGONAL_KERNEL },
    ...learnedFilters(net),
  ];
  return {
    file,
    title,
    text({ width }) {
      const blocks = filters.map(({ caption, values }) => [
        ...caption,
        ...rowsOf(values).map((row) =>
          row.map((weight) => formatFixed(weight, 2).padStart(6)).join("")
        ),
      ]);
      return `${wrapText(title, width).trimStart()}\n${
        sideBySide(blocks, width)
      }`;
    },
    picture() {
      const cells = filters.map(({ caption, values }) => {
        const [low, high] = valueBounds(values);
        const largest = Math.max(-low, high);
        const image = imageFromValues(values, {
          width: KERNEL_SIZE,
          height: KERNEL_SIZE,
          channels: 1,
          range: [-largest, largest],
        });
        return { image, labels: caption };
      });
      return Promise.resolve(imageGridSvg({
        title,
        note: NOTE,
        blocks: [{ rows: inRows(cells, COLUMNS) }],
        scale: SCALE,
      }));
    },
  };
}

/** The file of a net's {@linkcode learnedFigure}. */
export function filterFile({ name }: { readonly name: string }): string {
  return `filters-${name}.svg`;
}

/**
 * The report's kernel, and the filters of a net of a run.
 *
 * @param run has the net's file
 * @param plan the net's, whose convolution is `conv` and whose last layer
 *   `readout`
 */
export function learnedFigure(
  run: Pick<RunDirectory, "file">,
  plan: { readonly name: string },
): Figure {
  const { tensors } = loadCheckpoint(run.file(netFile(plan)));
  const title = `The report's kernel, and filters of net ${plan.name}`;
  return filterFigure(filterFile(plan), title, {
    filter: tensors["conv/filter"]!.data,
    bias: tensors["conv/bias"]!.data,
    weights: tensors["readout/weights"]!.data,
  });
}

/** A net's filters with captions, the most similar to the kernel first. */
function learnedFilters({ filter, bias, weights }: DetectorWeights) {
  const count = bias.length;
  return Array.from({ length: count }, (_, k) => {
    const values = DIAGONAL_KERNEL.map((_, i) => filter[i * count + k]!);
    const r = correlation(values, DIAGONAL_KERNEL);
    const out = weights[2 * k + 1]! - weights[2 * k]!;
    const caption = [
      `filter ${k + 1}, r ${formatFixed(r, 2)}`,
      `bias ${formatFixed(bias[k]!, 2)}, out ${formatFixed(out, 2)}`,
    ];
    return { r, caption, values };
  }).toSorted((a, b) => b.r - a.r);
}

function rowsOf(values: readonly number[]): number[][] {
  return Array.from(
    { length: KERNEL_SIZE },
    (_, row) => values.slice(row * KERNEL_SIZE, (row + 1) * KERNEL_SIZE),
  );
}
