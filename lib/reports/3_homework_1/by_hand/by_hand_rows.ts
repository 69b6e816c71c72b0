import { type Figure, lineFigure } from "../../../charts/figure.ts";
import type { ComparisonRow } from "../../../reporting/report.ts";
import { formatSigned } from "../../../base/format.ts";
import type { ByHandPlan } from "./_train_by_hand.ts";
import type { ReportedAccuracies } from "../reported.ts";

/** A row of metrics.csv. */
export interface ByHandRow {
  readonly model: string;
  readonly learningRate: number;
  readonly seed: number;
  readonly epoch: number;
  /** null where the model has no loss. */
  readonly trainLoss: number | null;
  /** 0 to 1. */
  readonly trainAccuracy: number;
  readonly validationAccuracy: number;
  readonly testAccuracy: number;
}

/**
 * The rows of metrics.csv by model.
 *
 * @param rows as the file has them
 * @param plans the run's models
 * @param epochs of each
 * @returns for each plan its epochs, in their order
 * @throws {Error} if rows are missing
 */
export function byHandRows(
  rows: readonly Readonly<Record<string, string>>[],
  plans: readonly ByHandPlan[],
  epochs: number,
): ByHandRow[][] {
  const parsed = rows.map((row): ByHandRow => ({
    model: row.model!,
    learningRate: Number(row.learning_rate),
    seed: Number(row.seed),
    epoch: Number(row.epoch),
    trainLoss: row.train_loss === "" ? null : Number(row.train_loss),
    trainAccuracy: Number(row.train_accuracy),
    validationAccuracy: Number(row.validation_accuracy),
    testAccuracy: Number(row.test_accuracy),
  }));
  return plans.map(({ model, learningRate }) => {
    const own = parsed.filter((row) =>
      row.model === model && row.learningRate === learningRate
    );
    if (own.length === epochs) return own;
    throw new Error(
      `Cannot report ${model}, learning rate ${learningRate}: metrics.csv must have its ${epochs} epochs: got ${own.length}`,
    );
  });
}

/**
 * A model's accuracies after its last epoch beside the report's.
 *
 * @param last the row of that epoch
 * @param what stands after the quantity, as `η 0.01`; may be empty
 * @param reported null where the report has none
 * @returns a row per split
 */
export function accuracyRows(
  last: ByHandRow,
  what: string,
  reported: ReportedAccuracies | null,
): ComparisonRow[] {
  return (["train", "validation", "test"] as const).map((split) => {
    const ours = last[`${split}Accuracy`];
    const theirs = reported?.[split];
    return {
      quantity: `${split} accuracy${what && `, ${what}`}`,
      reported: theirs?.toFixed(4) ?? "",
      ours: ours.toFixed(4),
      difference: theirs === undefined ? "" : formatSigned(ours - theirs, 4),
    };
  });
}

/**
 * A model's accuracies over the epochs.
 *
 * @param file the figure's file
 * @param title the figure's title
 * @param epochs the model's rows
 */
export function accuracyFigure(
  file: string,
  title: string,
  epochs: readonly ByHandRow[],
): Figure {
  return lineFigure(file, {
    title,
    xLabel: "epoch",
    yLabel: "accuracy, 0 to 1",
    series: (["train", "validation", "test"] as const).map((split) => ({
      name: split,
      values: epochs.map((row) => row[`${split}Accuracy`]),
    })),
  });
}
