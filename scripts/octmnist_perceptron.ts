/**
 * Report 3, "Deep Learning, Homework 1" (Faria, Silva, 2023), section 1.1.1,
 * figure 2 and table 1: a multi-class perceptron on OctMNIST, by hand, one
 * example at a time. The step is in
 * lib/reports/3_homework_1/by_hand/perceptron.ts, to be read beside the report;
 * kernels/perceptron_epoch.ts does the same, faster, to the last bit.
 *
 *   deno task data octmnist         # once; without it: Fashion-MNIST
 *   deno task octmnist-perceptron
 *   deno task octmnist-perceptron --dataset pneumoniamnist
 *
 * Expect accuracies that jump from epoch to epoch by up to 8 points, since no
 * weights separate the classes: 80 % of Fashion-MNIST's test images in the end.
 * A few seconds.
 *
 * Where it deviates from the report: DEVIATIONS, below.
 */
import { maxOf, minOf } from "../lib/base/statistics.ts";
import {
  accuracyFigure,
  accuracyRows,
  type ByHandRow,
} from "../lib/reports/3_homework_1/by_hand/by_hand_rows.ts";
import {
  byHandFlags,
  runByHand,
} from "../lib/reports/3_homework_1/by_hand/run_by_hand.ts";
import { flag, integer } from "../lib/cli/flags.ts";
import { runMain } from "../lib/cli/run_main.ts";
import { createPerceptronModel } from "../lib/reports/3_homework_1/by_hand/perceptron_epoch.ts";
import type { Claim } from "../lib/reporting/report.ts";
import { PERCEPTRON_REPORTED } from "../lib/reports/3_homework_1/reported.ts";

const TASK = "octmnist-perceptron";

const DEVIATIONS = [
  "The report gives no seed, no initial weights, and does not say whether there " +
  "is a bias or how pixels are scaled: seed 0, weights 0, a bias, the examples " +
  "in another order each epoch, of equal scores the first class.",
  "The learning rate is 1, as in the report, and there is no flag for it: from " +
  "weights of 0 on it is a factor of all scores and changes no prediction, and " +
  "neither does the scale of the pixels. So pixels stay whole numbers from 0 to " +
  "255, the bias' input is 255, and no result is rounded.",
  "A perceptron has no loss: `train_loss` is empty.",
  "The report's test accuracies are whole multiples of 1/529, as 0.3422 = 181/529: " +
  "its test images were not OctMNIST's 1,000. Here they are all of them.",
];

const FLAGS = {
  epochs: flag(integer({ min: 1 }), {
    default: 20,
    describe: "passes over the training images (§1.1.1)",
  }),
  ...byHandFlags(TASK),
};

const FIGURE = "accuracy.svg";

/** §1.1.1: "couldn't find an optimal solution … isn't linearly separable". */
function claims([epochs]: readonly (readonly ByHandRow[])[]): Claim[] {
  const train = epochs!.map((row) => row.trainAccuracy);
  const changes = train.slice(1).map((accuracy, i) =>
    Math.abs(accuracy - train[i]!)
  );
  const largest = maxOf([0, ...changes]);
  return [{
    claim:
      "does not converge, since no weights separate the classes (§1.1.1); held: " +
      "mistakes on the training images after every epoch, which shows that they " +
      "were not separated, not that they cannot be",
    verdict: maxOf(train) < 1 ? "held" : "did not hold",
    measured: `training accuracy ${minOf(train).toFixed(4)} to ${
      maxOf(train).toFixed(4)
    } over the epochs, by up to ${largest.toFixed(4)} from one to the next`,
  }];
}

async function main() {
  await runByHand({
    name: TASK,
    summary: "Trains report 3's perceptron by hand, one example at a time.",
    title: "Report 3, table 1: a perceptron by hand",
    flags: FLAGS,
    plans: () => [{ model: "perceptron", learningRate: 1 }],
    createModel: (_plan, sizes) => createPerceptronModel(sizes),
    loss: "none",
    figureFiles: () => [FIGURE],
    figures: ([epochs]) => [
      accuracyFigure(FIGURE, "Figure 2: a perceptron's accuracy", epochs!),
    ],
    rows: ([epochs]) => accuracyRows(epochs!.at(-1)!, "", PERCEPTRON_REPORTED),
    claims,
    deviations: DEVIATIONS,
  });
}

if (import.meta.main) await runMain(main);
