import { type Figure, lineFigure } from "../../charts/figure.ts";
import type { ImageDataset } from "../../data/image_dataset.ts";
import type { ImageMode } from "../../images/image_text.ts";
import { templateFigure } from "./template_figure.ts";
import type { SvmResult } from "./train_svms.ts";
import type { SvmResults } from "./cifar_svm_tables.ts";

/** The files of {@link svmFigures}. */
export const SVM_FIGURES = [
  "first-run.svg",
  "final.svg",
  "templates.png",
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
