import { stringify } from "csv-stringify/sync";
import { saveCheckpoint } from "../../run/checkpoint.ts";
import type { RunDirectory } from "../../run/run_directory.ts";
import { writeAtomically } from "../../base/write_atomically.ts";
import { searchEpochs, type SvmSearch } from "./search_svms.ts";
import { svmTensors } from "./svm_net.ts";
import { type SvmTests, testAccuracy } from "./test_svms.ts";
import type { SvmResult } from "./train_svms.ts";

/** The files that {@link writeSvms} leaves. */
export const SVM_FILES = [
  ...["sweep.csv", "steps.csv", "search.csv"],
  ...["confusion.csv", "final.safetensors"],
] as const;

/**
 * Writes `sweep.csv`, a row a classifier; `steps.csv`, a row a point of its
 * curves; `search.csv`, a row a candidate and rung; and the final classifier's
 * `confusion.csv` and parameters.
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
  const write = (
    file: string,
    columns: readonly string[],
    rows: readonly (readonly (string | number | null)[])[],
  ) => writeAtomically(run.file(file), stringify([columns, ...rows]));
  write(
    "sweep.csv",
    [
      ...["net", "hinge", "learning_rate", "lambda", "regularization"],
      ...["batch_size", "epochs", "train_accuracy", "validation_accuracy"],
      ...["test_accuracy", "diverged_after_step"],
    ],
    results.map((result) => [
      ...[result.plan.name, result.plan.hinge, result.plan.learningRate],
      ...[
        result.plan.lambda,
        result.plan.regularization,
        result.plan.batchSize,
      ],
      ...[result.epochs, result.trainAccuracy, result.validationAccuracy],
      testAccuracy(tests, result),
      result.parameters === null ? result.fit.step : null,
    ]),
  );
  write(
    "steps.csv",
    ["net", "step", "train_loss", "validation_loss"],
    results.flatMap(({ plan, curve }) =>
      curve.map(({ step, trainLoss, validationLoss }) => [
        ...[plan.name, step, trainLoss, validationLoss],
      ])
    ),
  );
  if (search !== null) {
    write(
      "search.csv",
      ["net", "learning_rate", "lambda", "epochs", "validation_accuracy"],
      search.rungs.flatMap(({ index, entries }) =>
        entries.map(({ candidate, score }) => [
          ...[candidate.name, candidate.learningRate, candidate.lambda],
          ...[searchEpochs(index), score],
        ])
      ),
    );
  }
  if (final.parameters === null) return;
  const counts = tests.get(final)!;
  write(
    "confusion.csv",
    ["class", ...classNames],
    counts.map((row, label) => [classNames[label]!, ...row]),
  );
  saveCheckpoint(run.file("final.safetensors"), {
    state: {},
    tensors: svmTensors(final.parameters),
  });
}
