import { saveCheckpoint } from "../../run/checkpoint.ts";
import { writeCsv } from "../../run/csv_log.ts";
import type { RunDirectory } from "../../run/run_directory.ts";
import { searchEpochs } from "./search_svms.ts";
import { svmTensors } from "./_svm_net.ts";
import { type SvmResults, testAccuracy } from "./cifar_svm_results.ts";

/** The files that {@link writeSvms} leaves. */
export const SVM_FILES = [
  "sweep.csv",
  "steps.csv",
  "search.csv",
  "confusion.csv",
  "final.safetensors",
] as const;

/**
 * Writes `sweep.csv`, a row per classifier; `steps.csv`, a row per point of its
 * curves; `search.csv`, a row per candidate and rung; and the final
 * classifier's `confusion.csv` and parameters.
 *
 * @param run declares {@link SVM_FILES}
 * @param svms the classifiers; without a search there is no search.csv, and
 *   where the final one diverged, no such files of it
 * @param classNames of the data set
 */
export function writeSvms(
  run: RunDirectory,
  { all, tests, search, final }: SvmResults,
  classNames: readonly string[],
): void {
  const results = search?.winner ? [...all, search.winner] : all;
  writeCsv(
    run.file("sweep.csv"),
    results.map((result) => ({
      net: result.plan.name,
      hinge: result.plan.hinge,
      learning_rate: result.plan.learningRate,
      lambda: result.plan.lambda,
      regularization: result.plan.regularization,
      batch_size: result.plan.batchSize,
      epochs: result.epochs,
      train_accuracy: result.trainAccuracy,
      validation_accuracy: result.validationAccuracy,
      test_accuracy: testAccuracy(tests, result),
      diverged_after_step: result.parameters === null ? result.fit.step : null,
    })),
  );
  writeCsv(
    run.file("steps.csv"),
    results.flatMap(({ plan, curve }) =>
      curve.map(({ step, trainLoss, validationLoss }) => ({
        net: plan.name,
        step,
        train_loss: trainLoss,
        validation_loss: validationLoss,
      }))
    ),
    ["net", "step", "train_loss", "validation_loss"], // of no points too
  );
  if (search !== null) {
    writeCsv(
      run.file("search.csv"),
      search.rungs.flatMap(({ index, entries }) =>
        entries.map(({ candidate, score }) => ({
          net: candidate.name,
          learning_rate: candidate.learningRate,
          lambda: candidate.lambda,
          epochs: searchEpochs(index),
          validation_accuracy: score,
        }))
      ),
    );
  }
  if (final.parameters === null) return;
  const counts = tests.get(final)!;
  writeCsv(
    run.file("confusion.csv"),
    counts.map((row, label) => ({
      class: classNames[label]!,
      ...Object.fromEntries(row.map((count, k) => [classNames[k]!, count])),
    })),
    ["class", ...classNames], // an object would have numbers first
  );
  saveCheckpoint(run.file("final.safetensors"), {
    state: {},
    tensors: svmTensors(final.parameters),
  });
}

/**
 * The main numbers, for `--json`.
 *
 * @param results of a run
 */
export function svmNumbers({ all, final, search, tests }: SvmResults) {
  const winner = search?.winner;
  return {
    final: final.plan.name,
    nets: all.map((result) => ({
      net: result.plan.name,
      diverged: result.parameters === null,
      trainAccuracy: result.trainAccuracy,
      validationAccuracy: result.validationAccuracy,
      testAccuracy: testAccuracy(tests, result),
    })),
    search: winner
      ? {
        learningRate: winner.plan.learningRate,
        lambda: winner.plan.lambda,
        validationAccuracy: winner.validationAccuracy,
        testAccuracy: testAccuracy(tests, winner),
      }
      : null,
  };
}
