/**
 * Report 3, "Deep Learning, Homework 1" (Faria, Silva, 2023), section 1.1.2,
 * figure 3 and table 2: logistic regression on OctMNIST at two learning rates,
 * by hand, one example at a time. Loss, gradient and step are in
 * lib/reports/3_homework_1/by_hand/logistic_regression.ts, to be read beside
 * the report; kernels/logistic_regression_epoch.ts does the same, faster.
 *
 *   deno task data octmnist        # once; without it: Fashion-MNIST
 *   deno task octmnist-logistic
 *   deno task octmnist-logistic --learning-rate 0.1,0.0001 --epochs 20
 *
 * Expect the smaller learning rate to end a little higher and to jump less from
 * epoch to epoch: 84 and 82 % of Fashion-MNIST's test images. Half a minute.
 *
 * Where it deviates from the report: DEVIATIONS, below.
 */
import {
  accuracyFigure,
  accuracyRows,
  type ByHandRow,
} from "../lib/reports/3_homework_1/by_hand/by_hand_rows.ts";
import {
  byHandFlags,
  runByHand,
} from "../lib/reports/3_homework_1/by_hand/run_by_hand.ts";
import { flag, integer, listFlag, number } from "../lib/cli/flags.ts";
import { runMain } from "../lib/cli/run_main.ts";
import { standardDeviation } from "../lib/base/statistics.ts";
import { createLogisticRegressionModel } from "../lib/reports/3_homework_1/by_hand/logistic_regression_epoch.ts";
import type { Claim } from "../lib/reporting/report.ts";
import { LOGISTIC_REPORTED } from "../lib/reports/3_homework_1/reported.ts";

const TASK = "octmnist-logistic";

const DEVIATIONS = [
  "The report gives no seed, no initial weights, and does not say whether there " +
  "is a bias or how pixels are scaled: seed 0, weights 0, a bias, pixel / 255, " +
  "the examples in another order each epoch.",
  "The report computes in float64, as numpy does; the kernel in float32. After " +
  "600 steps of a small problem its weights are within 3e-6 of float64's.",
  "`train_loss` is the mean over the epoch of each example's loss before its " +
  "step; the report shows none. Accuracies are taken after the epoch.",
  "The report's test accuracies are whole multiples of 1/529, as 0.5784 = 306/529: " +
  "its test images were not OctMNIST's 1,000. Here they are all of them.",
];

const FLAGS = {
  learningRate: listFlag(number({ greaterThan: 0 }), {
    default: [0.01, 0.001],
    describe: "learning rates; one model is trained for each (table 2)",
  }),
  epochs: flag(integer({ min: 1 }), {
    default: 50,
    describe: "passes over the training images (§1.1.2)",
  }),
  ...byHandFlags(TASK),
};

type Epochs = readonly (readonly ByHandRow[])[];

const figureFile = (learningRate: number) => `accuracy-${learningRate}.svg`;

/** §1.1.2, on the learning rates that it compares. */
function claims(models: Epochs): Claim[] {
  const [large, small] = [0.01, 0.001].map((rate) =>
    models.find((epochs) => epochs[0]!.learningRate === rate)
  );
  if (!large || !small || large.length < 4) return [];
  /** Over the later half, when the rise at the beginning is over. */
  const swing = (epochs: readonly ByHandRow[]) =>
    standardDeviation(
      epochs.slice(epochs.length >> 1).map((row) => row.validationAccuracy),
    );
  const [first, last] = [large[0]!.trainLoss!, large.at(-1)!.trainLoss!];
  return [{
    claim:
      "η = 0.01 oscillates more than η = 0.001 (figure 3); held: a larger s.d. " +
      "of the validation accuracy over the later half of the epochs",
    verdict: swing(large) > swing(small) ? "held" : "did not hold",
    measured: `${swing(large).toFixed(4)} and ${swing(small).toFixed(4)}`,
  }, {
    claim:
      "η = 0.01 diverges (§1.1.2); held: a larger loss in the last epoch than " +
      "in the first",
    verdict: last > first ? "held" : "did not hold",
    measured: `${first.toFixed(4)}, then ${last.toFixed(4)}`,
  }];
}

async function main() {
  await runByHand({
    name: TASK,
    summary:
      "Trains report 3's logistic regression by hand, one example at a time.",
    title: "Report 3, table 2: logistic regression by hand",
    flags: FLAGS,
    plans: (config) =>
      config.learningRate.map((learningRate) => ({
        model: "logistic",
        learningRate,
      })),
    createModel: ({ learningRate }, sizes) =>
      createLogisticRegressionModel({ ...sizes, learningRate }),
    loss: "mean",
    figureFiles: (plans) =>
      plans.map(({ learningRate }) => figureFile(learningRate)),
    figures: (models) =>
      models.map((epochs) => {
        const { learningRate } = epochs[0]!;
        return accuracyFigure(
          figureFile(learningRate),
          `Figure 3: logistic regression's accuracy, η = ${learningRate}`,
          epochs,
        );
      }),
    rows: (models) =>
      models.flatMap((epochs) => {
        const last = epochs.at(-1)!;
        const reported = LOGISTIC_REPORTED[last.learningRate] ?? null;
        const what = `η ${last.learningRate}`;
        return accuracyRows(last, what, reported);
      }),
    claims,
    deviations: DEVIATIONS,
  });
}

if (import.meta.main) await runMain(main);
