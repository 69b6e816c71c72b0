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
 * without activation, and every α at 0 with the loss as written. That takes
 * about 7 minutes on 2 cores that other programs use too.
 * `fashion-alpha:report` trains all 13 nets of the report and of the two
 * variants of its loss (deviation 2), 57 epochs in all: 1 h 40 min on one
 * thread of such a machine.
 *
 * Where it deviates from the report: DEVIATIONS, below.
 */
import { commandLine } from "../lib/cli/command_line.ts";
import { UsageError } from "../lib/base/errors.ts";
import {
  booleanFlag,
  choice,
  flag,
  type FlagValues,
  integer,
  listFlag,
  number,
} from "../lib/cli/flags.ts";
import { createOutput } from "../lib/cli/output.ts";
import {
  datasetFlag,
  decisiveFlags,
  onnxFlag,
  refuseLargeBatch,
  runFlags,
  seedFlag,
  seedsFlag,
  seedsOf,
  splitSizeFlag,
  threadsFlag,
} from "../lib/cli/run_flags.ts";
import { runMain } from "../lib/cli/run_main.ts";
import { loadDatasetOr } from "../lib/data/load_dataset.ts";
import { takeSplits } from "../lib/data/splits.ts";
import {
  createFashionNet,
  FASHION_ACTIVATIONS,
  FASHION_ARCHITECTURES,
  type FashionNet,
} from "../lib/reports/1_linearization/fashion_net.ts";
import { exportNets, onnxFile } from "../lib/onnx/export_nets.ts";
import {
  fashionClaims,
  fashionComparison,
  type FashionPlan,
} from "../lib/reports/1_linearization/fashion_alpha_claims.ts";
import {
  fashionFigureFiles,
  fashionFigures,
  type NamedFashionPlan as Plan,
} from "../lib/reports/1_linearization/fashion_alpha_figures.ts";
import { besideReported, datasetNotes } from "../lib/reporting/report.ts";
import { completeLine } from "../lib/run/run_directory.ts";
import { parseRunFlags } from "../lib/run/parse_run_flags.ts";
import { startRun } from "../lib/run/start_run.ts";
import { trainNets } from "../lib/train/train_nets.ts";
import { netFiles } from "../lib/train/net_files.ts";
import { readCsvLog } from "../lib/run/csv_log.ts";
import { writeReport } from "../lib/reporting/write_report.ts";

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
    describe:
      "weights λ of the penalty; one ReLU_α net is trained for each (§4)",
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
  clampAlpha: booleanFlag({
    describe: "keep α in [0, 1] after each step",
  }),
  penalty: flag(choice(["l1", "none"]), {
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

/** All nets: for each seed, those of the report in its order. */
function plansOf(config: Config): Plan[] {
  const { activation, lambda, longLambda, variantLambda, longEpochs } = config;
  const { architecture, penalty, clampAlpha, alphaInit } = config;
  const { learningRate, epochs } = config;
  // What all nets share; a net without ReLU_α has no λ.
  const plain = {
    architecture,
    penalty,
    clampAlpha,
    alphaInit,
    learningRate,
    epochs,
    lambda: null,
  };
  const reluAlpha = (
    suffix: string,
    lambda: number,
    rest: Partial<FashionPlan> = {},
  ) => ({
    ...plain,
    activation: "relu-alpha" as const,
    lambda,
    ...rest,
    net: `relu-alpha-${lambda}${suffix}`,
  });
  const nets = activation.flatMap((activation): Omit<FashionPlan, "seed">[] =>
    activation !== "relu-alpha"
      ? [{ ...plain, activation, net: activation }]
      : [
        ...lambda.map((lambda) => reluAlpha("", lambda)),
        ...longLambda.map((lambda) =>
          reluAlpha(`-${longEpochs}-epochs`, lambda, { epochs: longEpochs })
        ),
        ...variantLambda.flatMap((lambda) => [
          reluAlpha("-clamped", lambda, { clampAlpha: true }),
          reluAlpha("-no-penalty", lambda, { penalty: "none" }),
        ]),
      ]
  );
  return seedsOf(config).flatMap((seed, index) =>
    nets.map((plan) => ({
      ...plan,
      seed,
      name: index === 0 ? plan.net : `${plan.net}-seed-${seed}`,
    }))
  );
}

/** α₁, α₂ or α₃ for index 0, 1 or 2; null where the net has no α. */
function alphaOf({ alphas }: FashionNet, index: number): number | null {
  return alphas[index]?.dataSync()[0] ?? null;
}

/** Columns of metrics.csv that hold no numbers. */
const TEXT_COLUMNS = new Set(["net", "activation"]);

/** Parses the flags; refuses a λ for nets that the other flags leave out. */
function parseConfig(): Config {
  const config = parseRunFlags(
    "fashion-alpha",
    "Trains report 1's nets and compares their activations.",
    FLAGS,
    Deno.args,
  );
  const { activation, longLambda, variantLambda, clampAlpha, penalty } = config;
  for (
    const [name, { length }] of [
      ["--long-lambda", longLambda],
      ["--variant-lambda", variantLambda],
    ] as const
  ) {
    if (length === 0 || activation.includes("relu-alpha")) continue;
    throw new UsageError(
      `Cannot parse ${name}: expected relu-alpha in --activation: got ${activation}`,
    );
  }
  if (variantLambda.length > 0 && (clampAlpha || penalty === "none")) {
    throw new UsageError(
      "Cannot parse --variant-lambda: expected it beside the loss as written: got a variant",
    );
  }
  return config;
}

async function main() {
  const config = parseConfig();
  const { out, live, onnx, resume } = config;
  const asked = decisiveFlags(FLAGS, config);
  const output = createOutput(config);
  const plans = plansOf(config);
  // Figures show the nets of the first seed.
  const shown = plans.filter(({ seed }) => seed === config.seed);
  const dataset = takeSplits(
    await loadDatasetOr(config.dataset, "fashion-mnist"),
    config,
  );
  const { train, test } = dataset;
  refuseLargeBatch(config, train);
  const decisive = {
    ...asked,
    dataset: dataset.name,
    trainSize: train.count,
    testSize: test.count,
  };
  using started = await startRun({
    asked,
    task: "fashion-alpha",
    flags: config,
    config: decisive,
    dataset,
    output,
    subject: plans.map(({ name }) => name).join(", "),
    lengthens: ["epochs"],
    files: [
      "metrics.csv",
      "steps.csv",
      "report.md",
      "report.html",
      ...fashionFigureFiles(shown),
      ...plans.flatMap(netFiles),
      ...plans.map(onnxFile),
    ],
  });
  const { run } = started;
  const start = performance.now();
  if (!run.finished) {
    await trainNets({
      ...config,
      run,
      plans,
      createNet: (plan: Plan, random) =>
        createFashionNet(plan, dataset, random),
      dataset,
      output,
      resumes: resume,
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
        alpha_1: ({ net }) => alphaOf(net, 0),
        alpha_2: ({ net }) => alphaOf(net, 1),
        alpha_3: ({ net }) => alphaOf(net, 2),
      },
      steps: {
        net: ({ plan }) => plan.net,
        seed: ({ plan }) => plan.seed,
        step: ({ step }) => step,
        loss: ({ loss }) => loss,
        accuracy: ({ accuracy }) => accuracy,
        alpha_1: ({ net }) => alphaOf(net, 0),
        alpha_2: ({ net }) => alphaOf(net, 1),
        alpha_3: ({ net }) => alphaOf(net, 2),
      },
      live: live
        ? (plan, steps, options) =>
          fashionFigures([plan], steps).at(-1)!.text(options)
        : undefined,
      alsoOf: ({ alphas }) =>
        alphas.length === 0
          ? undefined
          : `α ${alphas.map((a) => a.dataSync()[0]!.toFixed(2)).join(" ")}`,
    });
  }
  const seconds = (performance.now() - start) / 1000;
  // The row of each net's last epoch; then, by net, one such row per seed.
  const metrics = readCsvLog(run.file("metrics.csv"));
  const last = new Map(metrics.map((row) => [`${row.net} ${row.seed}`, row]));
  const results = Map.groupBy(last.values(), ({ net }) => net!);
  await writeReport(run, output, {
    title: `Report 1: ReLU, no activation and ReLU_α on ${dataset.name}`,
    command: commandLine("fashion-alpha", FLAGS, asked),
    rows: besideReported(
      fashionComparison(plans, results),
      dataset,
      "fashion-mnist",
    ),
    claims: fashionClaims(plans, results),
    figures: fashionFigures(shown, readCsvLog(run.file("steps.csv"))),
    deviations: DEVIATIONS,
    notes: [
      ...datasetNotes(dataset, "fashion-mnist"),
      `After each net's last epoch, ${
        config.seeds === 1
          ? `seed ${config.seed}`
          : `mean ± standard deviation over ${config.seeds} seeds; the figures are seed ${config.seed}'s`
      }; every flag is in config.json.`,
    ],
  });
  run.finish();
  const exported = onnx &&
    await exportNets({
      run,
      plans,
      createNet: (plan: Plan, random) =>
        createFashionNet(plan, dataset, random),
      dataset,
      output,
    });
  output.log(completeLine(run));
  output.result({
    task: "fashion-alpha",
    out,
    dataset: dataset.name,
    seconds,
    ...exported && { onnx: exported },
    nets: [...last.values()].map((row) => ({
      net: row.net,
      ...Object.fromEntries(
        Object.entries(row)
          .filter(([name, value]) => !TEXT_COLUMNS.has(name) && value !== "")
          .map(([name, value]) => [name, Number(value)]),
      ),
    })),
  });
}

if (import.meta.main) await runMain(main);
