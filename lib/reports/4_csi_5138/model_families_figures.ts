import { maxOf, minOf } from "../../base/statistics.ts";
import { type Figure, lineFigure, scatterFigure } from "../../charts/figure.ts";
import type { Descent } from "./families/train_family.ts";
import {
  lossOf,
  nameOf,
  neededBy,
  type ShapeResult,
  stepsOf,
} from "./model_families_claims.ts";

/**
 * The models in a figure: W, r = K, the smallest r that is enough, the largest
 * that is not.
 */
function shownModels(shape: ShapeResult): { name: string; descent: Descent }[] {
  const needed = neededBy(shape);
  return [
    { name: "W", descent: shape.direct },
    ...shape.factored.filter(({ inner }) =>
      [shape.classes, needed, needed - 1].includes(inner)
    ).map(({ inner, descent }) => ({
      name: `(A + B) C, r = ${inner}`,
      descent,
    })).reverse(),
  ];
}

/** A loss this little above the smallest is rounding. */
const SMALLEST_EXCESS = 1e-13;

/**
 * How far each model's loss is above the smallest, by the step.
 *
 * @param file the figure's file
 * @param shape the models
 * @returns a line chart
 */
export function lossFigure(file: string, shape: ShapeResult): Figure {
  const least = minOf(
    [shape.direct, ...shape.factored.map(({ descent }) => descent)].map(lossOf),
  );
  const models = shownModels(shape);
  return lineFigure(file, {
    title: `${nameOf(shape)}: loss above the smallest`,
    xLabel: "step",
    yLabel: "log₁₀ of the difference",
    xRange: [0, maxOf(models.map(({ descent }) => stepsOf(descent)))],
    series: models.map(({ name, descent }) => ({
      name,
      values: descent.losses.map((loss) =>
        loss - least < SMALLEST_EXCESS ? NaN : Math.log10(loss - least)
      ),
    })),
  });
}

/** Of each path so many steps are drawn, ever farther apart. */
const GROWTH = 1.25;

/**
 * The ways of two entries of P W, from one start.
 *
 * @param file the figure's file
 * @param shape the models
 * @returns a scatter plot
 */
export function pathFigure(file: string, shape: ShapeResult): Figure {
  return scatterFigure(file, {
    title: `${nameOf(shape)}: two entries of P W on their way from 0`,
    xLabel: "(P W)₁₁",
    yLabel: "(P W)₁₂",
    series: shownModels(shape).map(({ name, descent: { path } }) => ({
      name,
      points: drawnSteps(path.length).map((step) => path[step]!),
    })),
  });
}

/** 0, 1, 2, … and then each a quarter farther, and the last. */
function drawnSteps(count: number): number[] {
  const steps = [0];
  for (let next = 1; next < count - 1; next = Math.ceil(next * GROWTH)) {
    steps.push(next);
  }
  return count > 1 ? [...steps, count - 1] : steps;
}
