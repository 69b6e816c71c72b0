/**
 * Report 1, "On the Linearization of Convolutional Layers for FashionMNIST
 * Dataset" (Curaba, Olivetti, 2023), sections 3 to 6, figures 1 to 14: does a
 * small conv net need its activations, and where does a trained α of
 * ReLU_α(x) = ReLU(x) − (1 − α) ReLU(−x) go when the loss has λ Σ |α| added to
 * its cross entropy? α = 1 is ReLU, α = 0 no activation at all.
 *
 *   deno task fashion-alpha
 *   deno task fashion-alpha --activation relu-alpha --lambda 0.1,0.5,0.9
 *   deno task fashion-alpha --architecture batch-norm-pool
 *   deno task fashion-alpha --onnx --resume
 *   deno task fashion-alpha:report
 *
 * Expect about 90 % test accuracy with ReLU after 3 epochs, 6 to 7 points less
 * without activation, and every α at 0 with the loss as written, in about 7
 * minutes on 2 cores that other programs use too. `fashion-alpha:report` trains
 * all 13 nets of the report and of the two variants of its loss (deviation 2),
 * 57 epochs in all: 1 h 40 min on one thread of such a machine.
 *
 * The net and its loss are in lib/reports/1_linearization/fashion_net.ts, whose
 * PENALTIES is where another penalty goes:
 *
 *   28×28×1 → conv 5×5 to 8 → conv 5×5 to 16 → conv 3×3 to 32 → dense to 10
 *   mean cross entropy + λ (|α₁| + |α₂| + |α₃|), minimized by Adam
 *
 * The loop over epochs and batches is in lib/train/fit.ts. Where it deviates
 * from the report: DEVIATIONS, below.
 */
import type { Random } from "../lib/base/random.ts";
import { givenFlags } from "../lib/cli/command_line.ts";
import {
  booleanFlag,
  choice,
  flag,
  type FlagValues,
  integer,
  listFlag,
  number,
} from "../lib/cli/flags.ts";
import {
  datasetFlag,
  onnxFlag,
  runFlags,
  seedFlag,
  seedsFlag,
  splitSizeFlag,
  threadsFlag,
} from "../lib/cli/run_flags.ts";
import { runMain } from "../lib/cli/run_main.ts";
import type { ImageDataset } from "../lib/data/image_dataset.ts";
import { takeSplits } from "../lib/data/splits.ts";
import { exportNets, onnxFile } from "../lib/onnx/export_nets.ts";
import {
  besideReported,
  datasetNotes,
  seedsText,
} from "../lib/reporting/report.ts";
import {
  fashionClaims,
  fashionComparison,
  fashionFigureFiles,
  fashionFigures,
  fashionNumbers,
  fashionResults,
} from "../lib/reports/1_linearization/fashion_alpha_claims.ts";
import {
  ALPHA_COLUMNS,
  alphasText,
  createFashionNet,
  FASHION_ACTIVATIONS,
  FASHION_ARCHITECTURES,
  FASHION_PENALTIES,
} from "../lib/reports/1_linearization/fashion_net.ts";
import { fashionPlans } from "../lib/reports/1_linearization/fashion_plans.ts";
import { readCsvLog } from "../lib/run/csv_log.ts";
import { netFiles } from "../lib/train/net_files.ts";
import { runTask, type TaskContext } from "../lib/train/run_task.ts";
import { trainNets } from "../lib/train/train_nets.ts";

const DEVIATIONS = [
  "The report gives no seed and no distribution of the initial weights: seeds " +
  "from 0 on, PyTorch's default initialization. All nets of a seed start from " +
  "the same weights and see the batches in the same order.",
  "The report's figures show α₂ and α₃ rising to 1 under a penalty of λ ≥ 0.1; " +
  "the loss as written does not do that. Two variants stand beside it: α " +
  "clamped to [0, 1] after each step, and the penalty left out of the gradient.",
  "Losses of ReLU_α nets include the penalty, on the test images too.",
  "The report does not say how batch norm and max pool were placed in the " +
  "architecture that it discarded: convolution, batch norm, activation, 2×2 " +
  "max pool, so that the last layer has 288 inputs.",
];

const FLAGS = {
  activation: listFlag(choice(FASHION_ACTIVATIONS), {
    default: FASHION_ACTIVATIONS,
    describe: "activations; one net is trained for each (§5)",
  }),
  lambda: listFlag(number({ min: 0, max: 1e6 }), {
    default: [0.5],
    describe: "weights λ of the penalty, with a ReLU_α net for each (§4)",
  }),
  longLambda: listFlag(number({ min: 0, max: 1e6 }), {
    default: [],
    describe:
      "weights λ of further ReLU_α nets, trained for --long-epochs (§4)",
  }),
  longEpochs: flag(integer({ min: 1 }), {
    default: 12,
    describe: "passes over the training images for nets of --long-lambda (§4)",
  }),
  variantLambda: listFlag(number({ min: 0, max: 1e6 }), {
    default: [],
    describe:
      "weights λ of further ReLU_α nets: one with --clamp-alpha, one with --penalty none",
  }),
  architecture: flag(choice(FASHION_ARCHITECTURES), {
    default: "plain",
    describe: "layers of the nets; batch-norm-pool is what §3 discarded",
  }),
  alphaInit: flag(number({ min: 0, max: 2 }), {
    default: 0.5,
    describe: "α at the start (§4)",
  }),
  clampAlpha: booleanFlag({ describe: "keep α in [0, 1] after each step" }),
  penalty: flag(choice(FASHION_PENALTIES), {
    default: "l1",
    describe:
      "whether λ Σ |α| is part of the gradient; with none, the loss alone has it",
  }),
  epochs: flag(integer({ min: 1 }), {
    default: 3,
    describe: "passes over the training images (§4)",
  }),
  batchSize: flag(integer({ min: 1 }), {
    default: 100,
    unit: "images",
    describe: "images per step (§2)",
  }),
  learningRate: flag(number({ greaterThan: 0 }), {
    default: 0.001,
    describe: "learning rate of Adam (§4)",
  }),
  dataset: datasetFlag("fashion-mnist"),
  trainSize: splitSizeFlag(),
  testSize: splitSizeFlag(),
  seed: seedFlag("of weights and shuffling"),
  seeds: seedsFlag(),
  threads: threadsFlag(),
  live: booleanFlag({
    decides: false,
    describe: "redraw the last figure of the net in training",
  }),
  onnx: onnxFlag(),
  ...runFlags("fashion-alpha"),
};

/** A run's flags: what decides its results, and where and how it runs. */
type Config = FlagValues<typeof FLAGS>;

/** What there is to train, and all files that come of it. */
function plan(config: Config, dataset: ImageDataset) {
  const plans = fashionPlans(config, givenFlags(FLAGS, Deno.args));
  // Figures show the nets of the first seed.
  const shown = plans.filter(({ seed }) => seed === config.seed);
  return {
    plans,
    shown,
    // Layers, loss and optimizer.
    createNet: (plan: typeof plans[number], random: Random) =>
      createFashionNet(plan, dataset, random),
    subject: plans.map(({ name }) => name).join(", "),
    files: [
      "metrics.csv",
      "steps.csv",
      ...fashionFigureFiles(shown),
      ...plans.flatMap(netFiles),
      ...plans.map(onnxFile),
    ],
  };
}

type Context = TaskContext<typeof FLAGS, typeof plan>;

/** Trains the nets one after the other, and keeps each epoch and each step. */
function train({ config, ...task }: Context) {
  return trainNets({
    ...config,
    ...task,
    metrics: {
      net: ({ plan }) => plan.net,
      activation: ({ plan }) => plan.activation,
      lambda: ({ plan }) => plan.lambda,
      seed: ({ plan }) => plan.seed,
      epoch: ({ epoch }) => epoch,
      train_loss: ({ train }) => train.loss,
      train_accuracy: ({ train }) => train.accuracy,
      test_loss: ({ test }) => test.loss,
      test_accuracy: ({ test }) => test.accuracy,
      ...ALPHA_COLUMNS,
    },
    steps: {
      net: ({ plan }) => plan.net,
      seed: ({ plan }) => plan.seed,
      step: ({ step }) => step,
      loss: ({ loss }) => loss,
      accuracy: ({ accuracy }) => accuracy,
      ...ALPHA_COLUMNS,
    },
    live: config.live
      ? (plan, steps, options) =>
        fashionFigures([plan], steps).at(-1)!.text(options)
      : undefined,
    alsoOf: alphasText,
  });
}

/** What the nets came to, beside the report. */
function report({ config, run, plans, shown, dataset }: Context) {
  const results = fashionResults(readCsvLog(run.file("metrics.csv")));
  const rows = fashionComparison(plans, results);
  const seeds = seedsText(config);
  return {
    title: `Report 1: ReLU, no activation and ReLU_α on ${dataset.name}`,
    rows: besideReported(rows, dataset, "fashion-mnist"),
    claims: fashionClaims(plans, results),
    figures: fashionFigures(shown, readCsvLog(run.file("steps.csv"))),
    deviations: DEVIATIONS,
    notes: [
      ...datasetNotes(dataset, "fashion-mnist"),
      `After each net's last epoch, ${seeds}; every flag is in config.json.`,
    ],
    numbers: { nets: fashionNumbers(plans, results) },
  };
}

async function main() {
  await runTask({
    name: "fashion-alpha",
    summary: "Trains report 1's nets and compares their activations.",
    flags: FLAGS,
    lengthens: ["epochs"],
    data: { reported: "fashion-mnist", take: takeSplits },
    plan,
    train,
    report,
    finish: async ({ config, ...task }) =>
      config.onnx ? { onnx: await exportNets(task) } : {},
  });
}

if (import.meta.main) await runMain(main);
