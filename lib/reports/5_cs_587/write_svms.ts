import { saveCheckpoint } from "../../run/checkpoint.ts";
import { writeCsv } from "../../run/csv_log.ts";
import type { RunDirectory } from "../../run/run_directory.ts";
import { searchEpochs, type SvmSearch } from "./search_svms.ts";
import { svmTensors } from "./_svm_net.ts";
import { type SvmTests, testAccuracy } from "./cifar_svm_results.ts";
import type { SvmResult } from "./train_svms.ts";

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
 * @param options.results the classifiers, in the files' order
 * @param options.tests of those that were tested
 * @param options.search null: none, and no such file
 * @param options.final no such files where it diverged
 */
export function writeSvms(
  run: RunDirectory,
  options: {
    readonly results: readonly SvmResult[];
    readonly tests: SvmTests;
    readonly search: SvmSearch | null;
    readonly final: SvmResult;
    readonly classNames: readonly string[];
  },
): void {
  const { results, tests, search, final, classNames } = options;
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
