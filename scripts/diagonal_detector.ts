/**
 * Report 4, "CSI 5138, Homework Exercise 2" (Lioutas, 2018), question 3: is
 * there one diagonal of three pixels in a 100×100 image, or are there two? The
 * report lets a 3×3 kernel pass over the image, keeps the places where the
 * feature map is 3, and counts them: 1 is class 1, any other number class 2.
 * Here that rule gets 10,000 images, plain ones and such as it was not made
 * for; beside it, a small conv net learns the task, from plain images and from
 * noisy ones.
 *
 *   deno task diagonal-detector
 *   deno task diagonal-detector --noise 0.005,0.02 --train-noise 0.005
 *
 * Expect 100 % for the rule on plain images; 50 % with longer diagonals (one of
 * length n has n − 2 peaks) and with both directions (a falling one has none);
 * and in noise the numbers that a Markov chain gives in advance, such as 97.1 %
 * for class 1 where a pixel of a hundred is lit. The net that learned from
 * plain images answers to lit pixels however they lie, and fails in noise; the
 * one that learned from noisy images finds the report's kernel, and is as good
 * as the rule. 1 min 47 s of processor time; 4 minutes on 2 cores that other
 * programs use too.
 *
 * Where it deviates from the report: DEVIATIONS, below.
 */
import * as tf from "@tensorflow/tfjs";
import type { Random } from "../lib/base/random.ts";
import {
  flag,
  type FlagValues,
  integer,
  listFlag,
  number,
} from "../lib/cli/flags.ts";
import { runFlags, seedFlag, threadsFlag } from "../lib/cli/run_flags.ts";
import { runMain } from "../lib/cli/run_main.ts";
import { meanLoss } from "../lib/losses/mean_loss.ts";
import { softmaxCrossEntropy } from "../lib/losses/softmax_cross_entropy.ts";
import { classifier } from "../lib/models/classifier.ts";
import { conv2d, dense, type Layer } from "../lib/models/layers.ts";
import { Adam } from "../lib/optimizers/adam.ts";
import { clampVariables } from "../lib/optimizers/clamp_variables.ts";
import {
  conditionRows,
  DETECTOR_NOTES,
  detectorClaims,
  detectorComparison,
  netTable,
  peaksTable,
  ruleTable,
} from "../lib/reports/4_csi_5138/diagonal_detector_claims.ts";
import {
  detectorFigureFiles,
  detectorFigures,
  measureDetectors,
  measureExamples,
  measurePatterns,
  type WithNets,
} from "../lib/reports/4_csi_5138/diagonals/detector_results.ts";
import {
  diagonalDataset,
  noisyCondition,
  PLAIN_CONDITION,
} from "../lib/reports/4_csi_5138/diagonals/diagonal_images.ts";
import { writeCsv } from "../lib/run/csv_log.ts";
import { netFiles, withTrainedNets } from "../lib/train/net_files.ts";
import { runTask, type TaskContext } from "../lib/train/run_task.ts";
import { trainNets } from "../lib/train/train_nets.ts";

const DEVIATIONS = [
  "The report does not define the distance of two diagonals. Here: the smallest " +
  "max(|Δrow|, |Δcolumn|) of their pixels, at least 3, which is the same as a " +
  "Euclidean distance of at least 3: no 3×3 window sees pixels of both.",
  "The report has one example, noise-free and of one direction. Noise, flips, " +
  "longer diagonals and the other direction are ours, and so are the nets.",
];

const FLAGS = {
  noise: listFlag(number({ greaterThan: 0, max: 0.5 }), {
    default: [0.003, 0.01, 0.03],
    describe:
      "probabilities that a background pixel is lit; each is a condition",
  }),
  testSize: flag(integer({ min: 2 }), {
    default: 10_000,
    unit: "images",
    describe: "test images per condition, half of them of each class",
  }),
  trainSize: flag(integer({ min: 2 }), {
    default: 4_000,
    unit: "images",
    describe: "training images of each net",
  }),
  trainNoise: flag(number({ greaterThan: 0, max: 0.5 }), {
    default: 0.01,
    describe:
      "probability that a background pixel is lit in the images that the second net learns from",
  }),
  epochs: flag(integer({ min: 1 }), {
    default: 10,
    describe: "passes over the training images",
  }),
  batchSize: flag(integer({ min: 1 }), {
    default: 50,
    unit: "images",
    describe: "images per step",
  }),
  learningRate: flag(number({ greaterThan: 0 }), {
    default: 0.01,
    describe: "learning rate of Adam",
  }),
  seed: seedFlag("of images, weights and shuffling"),
  threads: threadsFlag(),
  ...runFlags("diagonal-detector"),
};

/** What decides a run's results, and where and how it runs. */
type Config = FlagValues<typeof FLAGS>;

/** Filters of a net: with one or four, some seeds only detect pairs. */
const FILTERS = 8;

/**
 * The rule's own form with everything learned: a convolution, a threshold, a
 * sum over all places, and a decision by that sum. With the report's kernel,
 * bias −2 and one filter, the sum is the number of peaks.
 *
 * Filters start positive, in [0, 1/3), with bias −0.6, so that one pixel alone
 * passes no threshold, and more of anything speaks for class 2. Biases stay at
 * most 0: a dark window adds nothing, where a bias of 0.01 would add 96.
 */
function createNet({ learningRate }: Config, random: Random) {
  // [batch, 100, 100, 1] → [batch, 98, 98, FILTERS]
  const conv = conv2d("conv", {
    inChannels: 1,
    outChannels: FILTERS,
    filterSize: 3,
    activation: { kind: "relu" },
  }, random);
  // [batch, FILTERS] → [batch, 2]
  const size = { inFeatures: FILTERS, outFeatures: 2 };
  const readout = dense("readout", size, random);
  const [filter, bias] = conv.variables as [tf.Variable, tf.Variable];
  const [weights] = readout.variables as [tf.Variable, tf.Variable];
  tf.tidy(() => {
    filter.assign(tf.abs(filter));
    bias.assign(tf.fill([FILTERS], -0.6));
    weights.assign(tf.tile(tf.tensor2d([[-0.25, 0.25]]), [FILTERS, 1]));
  });
  return classifier({
    layers: [conv, sumOverPlaces, readout],
    loss: (logits, labels) => meanLoss(softmaxCrossEntropy(logits, labels)),
    optimizer: new Adam({ learningRate }),
    project: () => clampVariables([bias], -Infinity, 0),
  });
}

/** `[batch, height, width, channels]` → `[batch, channels]`. */
const sumOverPlaces: Layer = {
  variables: [],
  apply: (x) => tf.sum(x, [1, 2]),
};

/** The two nets, by what they learn from, and all files that come of them. */
function plan(config: Config) {
  const plans = [
    { name: "plain", condition: PLAIN_CONDITION },
    { name: "noisy", condition: noisyCondition(config.trainNoise) },
  ];
  return {
    plans,
    createNet: (_plan: unknown, random: Random) => createNet(config, random),
    subject: "one diagonal in an image, or two?",
    files: [
      "metrics.csv",
      "conditions.csv",
      ...plans.flatMap(netFiles),
      ...detectorFigureFiles(plans, config.noise),
    ],
  };
}

type Context = TaskContext<typeof FLAGS, typeof plan>;

/** Trains the nets one after the other, and keeps each epoch. */
async function train({ config, ...task }: Context) {
  if (task.run.finished) return; // before images are made for nothing
  const plans = task.plans.map((plan) => ({
    ...plan,
    dataset: diagonalDataset(plan.condition, config),
  }));
  await trainNets({
    ...config,
    ...task,
    plans,
    dataset: plans[0]!.dataset,
    metrics: {
      net: ({ plan }) => plan.name,
      seed: () => config.seed,
      epoch: ({ epoch }) => epoch,
      train_loss: ({ train }) => train.loss,
      train_accuracy: ({ train }) => train.accuracy,
      test_loss: ({ test }) => test.loss,
      test_accuracy: ({ test }) => test.accuracy,
    },
  });
}

/** What the rule and the nets make of each condition, beside the report. */
async function report({ config, ...task }: Context) {
  const withNets: WithNets = (use) => withTrainedNets(task, use);
  const results = await measureDetectors(config, withNets, task.output);
  const rows = conditionRows(results);
  writeCsv(task.run.file("conditions.csv"), rows);
  return {
    title: "Report 4, question 3: one diagonal, or two?",
    rows: detectorComparison(results),
    claims: detectorClaims(results, measureExamples(config.seed)),
    tables: [
      ruleTable(results),
      peaksTable(results),
      netTable(results),
      await measurePatterns(withNets),
    ],
    figures: detectorFigures(task.run, task.plans, config),
    deviations: DEVIATIONS,
    notes: DETECTOR_NOTES,
    numbers: { conditions: rows },
  };
}

async function main() {
  await runTask({
    name: "diagonal-detector",
    summary:
      "Counts diagonals by report 4's kernel, and lets a conv net learn it.",
    flags: FLAGS,
    lengthens: ["epochs"],
    plan,
    train,
    report,
  });
}

if (import.meta.main) await runMain(main);
