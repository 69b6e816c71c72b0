import { type Figure, lineFigure } from "../../charts/figure.ts";
import type { NamedFashionPlan } from "./fashion_plans.ts";

const curvesFile = ({ name }: NamedFashionPlan) => `curves-${name}.svg`;
const alphaFile = ({ name }: NamedFashionPlan) => `alpha-${name}.svg`;

/** The files of `fashionFigures`. */
export function fashionFigureFiles(
  plans: readonly NamedFashionPlan[],
): string[] {
  return plans.flatMap((plan) =>
    plan.lambda === null
      ? [curvesFile(plan)]
      : [curvesFile(plan), alphaFile(plan)]
  );
}

/**
 * Figures 1 to 14 of report 1: loss and accuracy of every net at each step,
 * then α, if it has ReLU_α.
 *
 * @param plans the nets to draw
 * @param steps rows of steps.csv
 * @returns one or two figures per net, in the order of `plans`
 */
export function fashionFigures(
  plans: readonly NamedFashionPlan[],
  steps: readonly Readonly<Record<string, string>>[],
): Figure[] {
  const byNet = Map.groupBy(steps, ({ net, seed }) => `${net} ${seed}`);
  return plans.flatMap((plan) => {
    const rows = byNet.get(`${plan.net} ${plan.seed}`) ?? [];
    const series = (name: string, column: string) => ({
      name,
      values: rows.map((row) => Number(row[column])),
    });
    const curves = lineFigure(curvesFile(plan), {
      title: `Loss and accuracy of ${plan.name}, training batches`,
      xLabel: "step",
      yLabel: "loss; accuracy, 0 to 1",
      series: [series("loss", "loss"), series("accuracy", "accuracy")],
    });
    if (plan.lambda === null) return [curves];
    return [
      curves,
      lineFigure(alphaFile(plan), {
        title: `α of ${plan.name}`,
        xLabel: "step",
        yLabel: "α",
        series: ["₁", "₂", "₃"].map((index, i) =>
          series(`α${index}`, `alpha_${i + 1}`)
        ),
      }),
    ];
  });
}
