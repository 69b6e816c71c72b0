import { type Figure, lineFigure } from "../../charts/figure.ts";
import type { ImageDataset } from "../../data/image_dataset.ts";
import type { ImageMode } from "../../images/image_text.ts";
import type { SvmResult } from "./train_svms.ts";
import type { SvmResults } from "./cifar_svm_results.ts";
import { imageGridSvg, inRows } from "../../images/image_grid_svg.ts";
import { imageFromValues } from "../../images/raster_image.ts";
import { tilePitch, tileText } from "../../images/tile_images.ts";

/** The files of {@link svmFigures}. */
export const SVM_FIGURES = [
  "first-run.svg",
  "final.svg",
  "templates.svg",
] as const;

/**
 * Report 5's figures 2 to 4: the losses of the first run and of the final
 * classifier, and the weights of the latter's classes.
 *
 * @param results of a run
 * @param dataset the images' shape and the classes' names
 * @param mode how a terminal shows pictures
 * @returns the figures, without the weights where it diverged
 */
export function svmFigures(
  { first, final }: SvmResults,
  dataset: ImageDataset,
  mode: ImageMode,
): Figure[] {
  const [firstFile, finalFile, templatesFile] = SVM_FIGURES;
  const curves = [
    curveFigure(firstFile, "Figure 2: loss of the first run", first),
    curveFigure(finalFile, `Figure 3: loss of ${final.plan.name}`, final),
  ];
  if (final.parameters === null) return curves;
  const { height, width, numClasses, classNames } = dataset;
  const { weights } = final.parameters;
  return [
    ...curves,
    templateFigure(templatesFile, {
      title: `Figure 4: weights of ${final.plan.name}`,
      height,
      width,
      channels: dataset.channels as 1 | 3,
      mode,
      templates: classNames.map((name, label) => ({
        name,
        weights: weights.filter((_, i) => i % numClasses === label),
      })),
    }),
  ];
}

function curveFigure(file: string, title: string, { curve }: SvmResult) {
  return lineFigure(file, {
    title,
    xLabel: "step",
    yLabel: "loss",
    xRange: [0, Math.max(1, curve.at(-1)?.step ?? 0)],
    series: [
      {
        name: "training",
        values: curve.map(({ trainLoss }) => trainLoss ?? NaN),
      },
      {
        name: "validation",
        values: curve.map(({ validationLoss }) => validationLoss),
      },
    ],
  });
}

/** A class's weights. */
export interface ClassTemplate {
  readonly name: string;
  /** `[height, width, channels]` in row-major order, finite. */
  readonly weights: ArrayLike<number>;
}

/** Templates per row: ten fill two rows. */
const COLUMNS = 5;
/** Each pixel is so many squared in the SVG. */
const SCALE = 4;

const NOTE = "What an image should look like to score highest in a class. " +
  "Each class has a scale of its own, over all channels: its smallest weight " +
  "is 0, its largest is 255.";

/**
 * The weights of a linear classifier as pictures, one per class: what an image
 * should look like to score highest. The smallest weight of a class is 0 and
 * its largest 255, over all channels, each class on its own scale.
 *
 * @param file the SVG file's name
 * @param options.title the figure's first line, at most 40 characters; in
 *   documents the classes' names follow it
 * @param options.templates the classes, in the pictures' order
 * @param options.mode how a terminal shows it; characters where it takes no
 *   escape codes
 * @returns the figure
 *
 * @example
 * ```ts
 * import { templateFigure } from "#lib/reports/5_cs_587/cifar_svm_figures.ts";
 *
 * const figure = templateFigure("templates.svg", {
 *   title: "Templates",
 *   width: 2,
 *   height: 1,
 *   channels: 1,
 *   mode: "ascii",
 *   templates: [
 *     { name: "left", weights: [1, 0] },
 *     { name: "right", weights: [0, 1] },
 *   ],
 * });
 * console.log(figure.text({ width: 80, color: false }));
 * ```
 */
export function templateFigure(
  file: string,
  options: {
    readonly title: string;
    readonly templates: readonly ClassTemplate[];
    readonly width: number;
    readonly height: number;
    readonly channels: 1 | 3;
    readonly mode: ImageMode;
  },
): Figure {
  const { templates } = options;
  const names = templates.map(({ name }) => name);
  const title = `${options.title}: ${names.join(", ")}`;
  const images = templates.map(({ weights }) =>
    imageFromValues(weights, options)
  );
  return {
    file,
    title,
    text({ width, color }) {
      const mode = color ? options.mode : "ascii";
      // Odd, so that tiles without their gap fill whole lines of two pixels.
      const pitch = tilePitch(COLUMNS, width) - 1 | 1;
      const lines = [options.title];
      for (let first = 0; first < names.length; first += COLUMNS) {
        const row = images.slice(first, first + COLUMNS);
        const captions = names.slice(first, first + COLUMNS)
          .map((name) => name.slice(0, pitch - 1).padEnd(pitch));
        lines.push(
          captions.join("").trimEnd(),
          // A last row that is not full keeps the size of the others.
          tileText(
            row,
            { columns: row.length, width: pitch * row.length - 1, mode },
          ),
        );
      }
      return lines.join("\n");
    },
    picture() {
      const cells = images.map((image, i) => ({ image, labels: [names[i]!] }));
      return Promise.resolve(imageGridSvg({
        title: options.title,
        note: NOTE,
        blocks: [{ rows: inRows(cells, COLUMNS) }],
        scale: SCALE,
      }));
    },
  };
}
