import assert from "node:assert/strict";
import { readCsvLog } from "../../lib/run/csv_log.ts";
import { ROOT } from "./run_task.ts";

export const TASKS = [
  "octmnist-perceptron",
  "octmnist-logistic",
  "octmnist-mlp",
] as const;

export const SIZES = { train: 1200, validation: 150, test: 1100 };

/** Sizes with more than one call of a kernel for two of them. */
export const SMALL = "--dataset fashion-mnist --epochs 3 --seed 4 " +
  "--train-size 1200 --validation-size 150 --test-size 1100";

/** A run's metrics.csv: what a row is about, and its numbers. */
export function metricsOf(out: string) {
  return readCsvLog(`${ROOT}/${out}/metrics.csv`).map((row) => ({
    key: `${row.model},${row.learning_rate},${row.seed},${row.epoch}`,
    loss: row.train_loss!,
    accuracies: ["train", "validation", "test"].map((split) =>
      Number(row[`${split}_accuracy`])
    ),
  }));
}

/** The line of a report's claim. */
export function claimOf(report: string, start: string): string {
  const line = report.split("\n").find((line) => line.startsWith(`| ${start}`));
  assert.ok(line, `no claim ${start}`);
  return line;
}
