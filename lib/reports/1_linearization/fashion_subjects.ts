import { formatFixed, formatPercent } from "../../base/format.ts";
import type { ImageDataset } from "../../data/image_dataset.ts";
import type { Prediction } from "../../train/evaluate.ts";
import type { ReportTable } from "../../reporting/report.ts";
import { REPORTED } from "./fashion_net.ts";

/**
 * The classes of the images to show: the report's where the data set has them,
 * or else the data set's first three.
 *
 * @param dataset whose classes to choose from
 */
export function subjectClasses(
  { classNames }: Pick<ImageDataset, "classNames">,
): readonly string[] {
  return REPORTED.subjectClasses.every((name) => classNames.includes(name))
    ? REPORTED.subjectClasses
    : classNames.slice(0, 3);
}

/** What a trained net makes of the test images. */
export interface Judge {
  /** The net's name. */
  readonly name: string;
  /** One per test image. */
  readonly predictions: readonly Prediction[];
  /** α₁, α₂, α₃; empty where the net has none. */
  readonly alphas: readonly number[];
}

/**
 * Finds the first test image of each subject class that all nets classify
 * right; where there is none, the first of the class.
 *
 * @param dataset whose test images to choose from
 * @param right indices of the test images that all nets classify right
 * @returns one image per class; `isRight`: whether all nets classify it right
 * @throws Error if a class has no test image
 */
export function chooseSubjects(
  dataset: ImageDataset,
  right: readonly number[],
): { className: string; index: number; isRight: boolean }[] {
  const { test, classNames } = dataset;
  return subjectClasses(dataset).map((className) => {
    const label = classNames.indexOf(className);
    const found = right.find((index) => test.labels[index] === label);
    const index = found ?? test.labels.indexOf(label);
    if (index < 0) {
      throw new Error(
        `Cannot choose images: the first ${test.count} test images must hold one of class ${className}: got none`,
      );
    }
    return { className, index, isRight: found !== undefined };
  });
}

/** The nets with their accuracies, and what they take some images for. */
export function judgeTables(
  judges: readonly Judge[],
  images: readonly number[],
  { test, classNames }: ImageDataset,
): ReportTable[] {
  const correct = ({ predictions }: Judge) =>
    predictions.filter(({ label }, i) => label === test.labels[i]).length;
  return [{
    title: `The nets, on ${test.count} test images`,
    columns: ["net", "accuracy", "α₁", "α₂", "α₃"],
    rows: judges.map((judge) => [
      judge.name,
      formatPercent(correct(judge) / test.count, 1),
      ...[0, 1, 2].map((i) => {
        const alpha = judge.alphas[i];
        return alpha === undefined ? "—" : formatFixed(alpha, 3);
      }),
    ]),
  }, {
    title: "What they take the images for, and with which probability",
    columns: ["image", "class", ...judges.map(({ name }) => name)],
    rows: images.map((index) => [
      `${index}`,
      classNames[test.labels[index]!]!,
      ...judges.map(({ predictions }) => {
        const { label, probability } = predictions[index]!;
        return `${classNames[label]} ${probability.toFixed(3)}`;
      }),
    ]),
  }];
}
