/**
 * Report 4, "CSI 5138 R00 Homework Exercise 2" (Lioutas, 2018), question 4:
 * softmax regression, a multilayer perceptron and a conv net on MNIST, their
 * training loss, test loss and test accuracy after each of ten epochs.
 *
 *   deno task mnist-models
 *   deno task mnist-models --model softmax,mlp --seeds 3
 *   deno task mnist-models --dataset pneumoniamnist
 *   deno task mnist-models --onnx --resume
 *
 * Expect of MNIST (`deno task data mnist`) a test accuracy of 92.2 to 92.7 %
 * from softmax, of 98 % or more from the MLP, and of 98 % after one epoch and
 * 99 % after ten from the ConvNet, which takes nearly all of the time: at most
 * 15 minutes on 2 cores.
 *
 * The training loss is the mean over an epoch's batches as they were trained
 * on: while the weights improve, and with dropout. That is why it may lie above
 * the test loss, which is of the weights after the epoch, without dropout.
 *
 * The nets and their loss are in lib/reports/4_csi_5138/mnist_nets.ts:
 *
 *   softmax   784 → 10
 *   mlp       784 → 512 → 512 → 10, with dropout
 *   convnet   28×28×1 → conv 3×3 to 32 → conv 3×3 to 64 → max pool 2×2
 *             → dense to 128 → dense to 10, with dropout
 *   mean cross entropy, minimized by Adadelta
 *
 * The loop over epochs and batches is in lib/train/fit.ts.
 *
 * Where it deviates from the report: DEVIATIONS, below.
 */
import { fileURLToPath } from "node:url";
import { formatDuration } from "../lib/base/format.ts";
import type { Random } from "../lib/base/random.ts";
import { wrapText } from "../lib/base/wrap_text.ts";
import {
  choice,
  flag,
  type FlagValues,
  integer,
  listFlag,
} from "../lib/cli/flags.ts";
import {
  datasetFlag,
  onnxFlag,
  runFlags,
  seedFlag,
  seedsFlag,
  seedsOf,
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
  mnistClaims,
  mnistComparison,
  mnistFigureFiles,
  mnistFigures,
  mnistNumbers,
  mnistTable,
  reportedAccuracies,
} from "../lib/reports/4_csi_5138/mnist_models_claims.ts";
import {
  createMnistNet,
  MNIST_MODELS,
  type MnistModel,
} from "../lib/reports/4_csi_5138/mnist_nets.ts";
import { readCsvLog } from "../lib/run/csv_log.ts";
import { netSeconds } from "../lib/run/run_logs.ts";
import { netFiles } from "../lib/train/net_files.ts";
import { runTask, type TaskContext } from "../lib/train/run_task.ts";
import { type NetPlan, trainNets } from "../lib/train/train_nets.ts";

const DEVIATIONS = [
  "The report gives no seed and no initial weights: seeds from 0 on, PyTorch's " +
  "default initialization. Nets of one seed see the batches in orders of their " +
  "own, as their weights are drawn from the same generator before.",
  "The report does not say how pixels were scaled: here by 1/255, to 0 to 1. " +
  "Its MLP and ConvNet are, layer by layer and with its batch size, those of " +
  "Keras's examples `mnist_mlp.py` and `mnist_cnn.py`, which scale so. " +
  "PyTorch's MNIST example, which subtracts 0.1307 and divides by 0.3081, had " +
  "a smaller net (10 and 20 channels, 5×5) and SGD at the time.",
  "“Default settings for Adadelta” are taken to be PyTorch's: learning rate 1, " +
  "ρ = 0.9, ε = 1e-6. Keras's were ρ = 0.95, ε = 1e-7.",
];

const FLAGS = {
  model: listFlag(choice(MNIST_MODELS), {
    default: MNIST_MODELS,
    describe: "nets to train (question 4)",
  }),
  dataset: datasetFlag("mnist"),
  epochs: flag(integer({ min: 1 }), {
    default: 10,
    describe: "passes over the training images (question 4)",
  }),
  batchSize: flag(integer({ min: 1 }), {
    default: 128,
    unit: "images",
    describe: "images per step (question 4)",
  }),
  trainSize: splitSizeFlag(),
  testSize: splitSizeFlag(),
  seed: seedFlag("of weights, shuffling and dropout"),
  seeds: seedsFlag(),
  onnx: onnxFlag(),
  threads: threadsFlag(),
  ...runFlags("mnist-models"),
};

/** What decides a run's results, and where and how it runs. */
type Config = FlagValues<typeof FLAGS>;

/** A net of the run. */
interface Plan extends NetPlan {
  readonly model: MnistModel;
  readonly seed: number;
}

/** The nets of one seed after those of the other, in the report's order. */
function plansOf(config: Config): Plan[] {
  return seedsOf(config).flatMap((seed, index) =>
    config.model.map((model) => ({
      model,
      seed,
      name: index === 0 ? model : `${model}-seed-${seed}`,
    }))
  );
}

/** Test accuracies of the report's figures and text. */
const REPORTED = "../data/reported/mnist_curves.csv";

/** What there is to train, and all files that come of it. */
function plan(config: Config, dataset: ImageDataset) {
  const plans = plansOf(config);
  return {
    plans,
    // Layers, loss and optimizer.
    createNet: ({ model }: Plan, random: Random) =>
      createMnistNet(model, dataset, random),
    reported: reportedAccuracies(
      readCsvLog(fileURLToPath(new URL(REPORTED, import.meta.url))),
    ),
    subject: `${config.model.join(", ")} on ${dataset.name}`,
    files: [
      "metrics.csv",
      "times.csv",
      ...mnistFigureFiles(config.model),
      ...plans.flatMap(netFiles),
      ...plans.map(onnxFile),
    ],
  };
}

type Context = TaskContext<typeof FLAGS, typeof plan>;

/** Trains the nets one after the other, and keeps each epoch. */
function train({ config, ...task }: Context) {
  return trainNets({
    ...config,
    ...task,
    metrics: {
      model: ({ plan }) => plan.model,
      seed: ({ plan }) => plan.seed,
      epoch: ({ epoch }) => epoch,
      train_loss: ({ train }) => train.loss,
      test_loss: ({ test }) => test.loss,
      test_accuracy: ({ test }) => test.accuracy,
    },
    times: true,
  });
}

/** What the nets came to, beside the report. */
function report({ config, run, plans, reported, dataset }: Context) {
  const { name } = dataset;
  const seeds = seedsText(config);
  const metrics = readCsvLog(run.file("metrics.csv"));
  const results = Map.groupBy(metrics, ({ model }) => model as MnistModel);
  const shown = Map.groupBy(
    metrics.filter((row) => Number(row.seed) === config.seed),
    ({ model }) => model as MnistModel,
  );
  return {
    title: `Report 4: softmax regression, MLP and ConvNet on ${name}`,
    rows: besideReported(mnistComparison(results, reported), dataset, "mnist"),
    claims: mnistClaims(results, name),
    tables: [mnistTable(results)],
    figures: mnistFigures(shown, name === "mnist" ? reported : []),
    deviations: DEVIATIONS,
    notes: [
      ...datasetNotes(dataset, "mnist"),
      `${seeds[0]!.toUpperCase()}${
        seeds.slice(1)
      }. The ± of a reported accuracy is how closely its figure can be read; ` +
      "without one, the text states it. Training loss is the mean over an " +
      "epoch's batches as they were trained on, with dropout. Every flag is " +
      "in config.json, what each epoch took in times.csv.",
    ],
    numbers: { nets: mnistNumbers(plans, results, netSeconds(run)) },
  };
}

/** Says what each net took, and writes the ONNX files that were asked for. */
async function finish({ config, ...task }: Context) {
  const onnx = config.onnx ? await exportNets(task) : undefined;
  const seconds = [...netSeconds(task.run)];
  task.output.log(wrapText(
    seconds.map(([net, value]) => `${net} ${formatDuration(value)}`).join(", "),
  ));
  return onnx ? { onnx } : {};
}

async function main() {
  await runTask({
    name: "mnist-models",
    summary: "Trains report 4's three nets on MNIST and compares them.",
    flags: FLAGS,
    lengthens: ["epochs"],
    data: {
      reported: "mnist",
      // The report chooses nothing by validation images: they are left alone.
      take: (whole, config) =>
        takeSplits({ ...whole, validation: null }, config),
    },
    plan,
    train,
    report,
    finish,
  });
}

if (import.meta.main) await runMain(main);
