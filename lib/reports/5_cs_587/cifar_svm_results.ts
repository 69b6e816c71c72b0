import * as tf from "@tensorflow/tfjs";
import { startBackend } from "../../backend/start_backend.ts";
import type { ComparisonRow, ReportTable } from "../../reporting/report.ts";
import { formatPercent, formatPoints } from "../../base/format.ts";
import type { ValidatedDataset } from "../../data/splits.ts";
import type { Hinge } from "./linear_svm.ts";
import { searchEpochs, type SvmSearch } from "./search_svms.ts";
import {
  BEST_COMBINATION,
  otherHinge,
  REPORTED_ACCURACY,
  type SvmCombination,
  VALIDATION_COUNT,
} from "./reported.ts";
import type { SvmResult } from "./train_svms.ts";
import type { ImageDataset } from "../../data/image_dataset.ts";
import {
  confusionAccuracy,
  confusionMatrix,
} from "../../reporting/confusion_matrix.ts";
import { predict } from "../../train/evaluate.ts";
import { createSvmNet } from "./_svm_net.ts";

/** All classifiers of a run. */
export interface SvmResults {
  /** Those of the run's plans, in their order. */
  readonly all: readonly SvmResult[];
  /** Section 3's. */
  readonly first: SvmResult;
  /** The report's best combination, by the hinge. */
  readonly best: Readonly<Record<Hinge, SvmResult>>;
  /** The hinge of all others. */
  readonly hinge: Hinge;
  /** The eight combinations; null: not tuned. */
  readonly tuned: readonly SvmResult[] | null;
  /** What section 5 is about: the best of the eight, or the report's. */
  readonly final: SvmResult;
  /** null: no search. */
  readonly search: SvmSearch | null;
  /** Of those that were tested. */
  readonly tests: SvmTests;
  /** Whether this is the report's data, all of it. */
  readonly comparable: boolean;
}

/**
 * Says which of a run's classifiers is what.
 *
 * @param all in the order of `svmPlans`
 * @param settings.tune whether they are all eight
 * @param dataset what they were trained on
 * @returns the classifiers before their test
 */
export function chooseSvms(
  all: readonly SvmResult[],
  { hinge, tune, search }: {
    readonly hinge: Hinge;
    readonly tune: boolean;
    readonly search: SvmSearch | null;
  },
  { name, train, validation, test }: ValidatedDataset,
): Omit<SvmResults, "tests"> {
  const [first, bestOfOther, ...own] = all as [SvmResult, ...SvmResult[]];
  const bestOfOwn = tune ? own[BEST_COMBINATION]! : own[0]!;
  const best = { [hinge]: bestOfOwn, [otherHinge(hinge)]: bestOfOther! };
  // Combinations that diverged come last.
  const final = own.toSorted((a, b) =>
    (b.validationAccuracy ?? -1) - (a.validationAccuracy ?? -1)
  )[0]!;
  return {
    all,
    first,
    hinge,
    final,
    search,
    best: best as SvmResults["best"],
    tuned: tune ? own : null,
    comparable: name === "cifar-10" && train.count === 49_000 &&
      validation.count === VALIDATION_COUNT && test.count === 10_000,
  };
}

/** As `38.0 %`; `diverged` for null. */
export function accuracyText(accuracy: number | null): string {
  return accuracy === null ? "diverged" : formatPercent(accuracy, 1);
}

/** As `3e-7`, `36` and `1.76e3`, with all digits and no plus sign. */
export function powerText(value: number): string {
  return value >= 0.001 && value < 1000
    ? String(value)
    : value.toExponential().replace("+", "");
}

/** As `lr 3e-7, λ 1e4, L2, batch 400`. */
export function combinationText(
  { learningRate, lambda, regularization, batchSize }: SvmCombination,
): string {
  return [
    `lr ${powerText(learningRate)}`,
    `λ ${powerText(lambda)}`,
    regularization.toUpperCase(),
    `batch ${batchSize}`,
  ].join(", ");
}

/**
 * The report's accuracies beside ours: its best combination with both hinges,
 * and the best of the eight and of the search, where there are some.
 *
 * @param results of a run
 * @returns rows without `difference` where the data are others
 */
export function svmComparison(results: SvmResults): ComparisonRow[] {
  const row = (
    quantity: string,
    split: keyof typeof REPORTED_ACCURACY,
    result: SvmResult,
  ): ComparisonRow => {
    const ours = split === "test"
      ? testAccuracy(results.tests, result)
      : result[`${split}Accuracy`];
    const reported = REPORTED_ACCURACY[split];
    return {
      quantity,
      reported: accuracyText(reported),
      ours: accuracyText(ours),
      difference: results.comparable && ours !== null
        ? formatPoints(ours - reported, 1)
        : "",
    };
  };
  const { hinge, best, tuned, search, final } = results;
  const hinges = hinge === "max"
    ? ["max", "sum"] as const
    : ["sum", "max"] as const;
  return [
    ...hinges.flatMap((hinge) => [
      row(`training accuracy, ${hinge} (§4.2)`, "train", best[hinge]),
      row(`validation accuracy, ${hinge} (§4.2)`, "validation", best[hinge]),
      row(`test accuracy, ${hinge} (§5.2)`, "test", best[hinge]),
    ]),
    ...tuned === null ? [] : [
      row("validation accuracy, best of the eight", "validation", final),
      row("test accuracy, best of the eight", "test", final),
    ],
    ...!search?.winner ? [] : [
      row("validation accuracy, search", "validation", search.winner),
      row("test accuracy, search", "test", search.winner),
    ],
  ];
}

/**
 * The tables of the tuning and of the search.
 *
 * @param results of a run
 * @returns those that the run has
 */
export function svmTables(
  { tuned, hinge, search }: SvmResults,
): ReportTable[] {
  return [
    ...tuned === null ? [] : [{
      title: `The eight combinations (§4.1), ${hinge}`,
      columns: ["", "lr", "λ", "R", "batch", "training", "validation"],
      rows: tuned.map(({ plan, trainAccuracy, validationAccuracy }, i) => [
        String(i + 1),
        ...[plan.learningRate, plan.lambda].map(powerText),
        plan.regularization.toUpperCase(),
        String(plan.batchSize),
        accuracyText(trainAccuracy),
        accuracyText(validationAccuracy),
      ]),
    }],
    ...search === null ? [] : [{
      title: `The search's rungs, ${hinge}: the best candidate of each`,
      columns: ["epochs", "nets", "diverged", "lr", "λ", "validation"],
      rows: search.rungs.map(({ index, entries }) => {
        const ended = entries.filter(({ score }) => !Number.isNaN(score));
        const [top] = ended.toSorted((a, b) => b.score - a.score);
        return [
          String(searchEpochs(index)),
          String(entries.length),
          String(entries.length - ended.length),
          ...top
            ? [
              ...[top.candidate.learningRate, top.candidate.lambda].map(
                powerText,
              ),
              accuracyText(top.score),
            ]
            : ["", "", ""],
        ];
      }),
    }],
  ];
}

/**
 * What a reader of the numbers should know.
 *
 * @param results of a run
 * @param dataset that they are of
 * @returns paragraphs
 */
export function svmNotes(
  { final, comparable }: SvmResults,
  { name, train, validation, test, remarks }: ValidatedDataset,
): string[] {
  const errors = [validation, test].map(({ count }) =>
    (100 * Math.sqrt(0.38 * 0.62 / count)).toFixed(1)
  );
  return [
    ...comparable ? [] : [
      `The reported numbers are of all of CIFAR-10, ours of ${train.count} training images of ${name}; the claims are put to ours unless they say what they need.`,
    ],
    ...remarks.map((remark) => `${remark}.`),
    "An independent numpy program, on all of CIFAR-10 with the report's best " +
    "combination, gave 33.2, 31.5 and 31.8 % (training, validation, test) " +
    "with the worst class alone, 38.3, 38.4 and 37.8 % with the sum.",
    `The final classifier is ${final.plan.name}: ${
      combinationText(final.plan)
    }. One standard error of an accuracy of 38 % is ${
      errors.join(" and ")
    } points with ${validation.count} validation and ${test.count} test ` +
    "images. Every flag is in config.json, every net in sweep.csv.",
  ];
}

/** Confusion matrices of the test images, a row per class, by classifier. */
export type SvmTests = ReadonlyMap<SvmResult, readonly (readonly number[])[]>;

/** Images at once: some 10 MB of tensors. */
const BATCH = 500;

/**
 * Tests the final classifier, the report's best combination and the search's
 * winner on the test images, each once, with a backend of one thread that it
 * starts and stops.
 *
 * @param chosen those that diverged are left out
 * @param dataset whose test images are taken
 * @param mean of the training images, float32 `[pixels]`
 * @returns the classifiers, with the confusion matrix of each
 */
export async function testSvms(
  chosen: Omit<SvmResults, "tests">,
  dataset: ImageDataset,
  mean: Float32Array,
): Promise<SvmResults> {
  const { final, best, search } = chosen;
  const backend = await startBackend({ threads: 1 });
  using cleanup = new DisposableStack();
  cleanup.defer(() => backend.stop());
  const tests = new Map<SvmResult, number[][]>();
  const { test, numClasses } = dataset;
  const winner = search?.winner ? [search.winner] : [];
  for (const result of new Set([final, best.max, best.sum, ...winner])) {
    if (result.parameters === null) continue;
    const net = createSvmNet(result.plan, mean, result.parameters);
    const predicted = predict(net, test, dataset, { batchSize: BATCH })
      .map(({ label }) => label);
    net.optimizer.dispose();
    tf.dispose([...net.variables]);
    tests.set(result, confusionMatrix(test.labels, predicted, numClasses));
  }
  return { ...chosen, tests };
}

/**
 * The accuracy of a classifier on the test images.
 *
 * @returns 0 to 1; null where it was not tested, or diverged
 */
export function testAccuracy(
  tests: SvmTests,
  result: SvmResult,
): number | null {
  const counts = tests.get(result);
  return counts ? confusionAccuracy(counts) : null;
}
