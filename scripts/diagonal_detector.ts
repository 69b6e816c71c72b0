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
import type { Figure } from "../lib/charts/figure.ts";
import { commandLine } from "../lib/cli/command_line.ts";
import {
  flag,
  type FlagValues,
  integer,
  listFlag,
  number,
} from "../lib/cli/flags.ts";
import { createOutput, type Output } from "../lib/cli/output.ts";
import {
  decisiveFlags,
  refuseLargeBatch,
  runFlags,
  seedFlag,
  threadsFlag,
} from "../lib/cli/run_flags.ts";
import { runMain } from "../lib/cli/run_main.ts";
import type { ImageDataset } from "../lib/data/image_dataset.ts";
import { formatPercent } from "../lib/base/format.ts";
import { createRandom, deriveRandom, type Random } from "../lib/base/random.ts";
import {
  createDiagonalImages,
  detectorConditions,
  type DiagonalCondition,
  type DiagonalImages,
  noisyCondition,
  PLAIN_CONDITION,
} from "../lib/reports/4_csi_5138/diagonals/diagonal_images.ts";
import { exampleFigure } from "../lib/reports/4_csi_5138/diagonals/detector_figure.ts";
import { expectedPeaksOf } from "../lib/reports/4_csi_5138/diagonals/expected_peaks.ts";
import { filterFigure } from "../lib/reports/4_csi_5138/diagonals/filter_figure.ts";
import {
  countPeaks,
  patternEvidence,
  patternPeaks,
  patternTable,
} from "../lib/reports/4_csi_5138/diagonals/peak_rule.ts";
import { meanLoss } from "../lib/losses/mean_loss.ts";
import { softmaxCrossEntropy } from "../lib/losses/softmax_cross_entropy.ts";
import { classifier } from "../lib/models/classifier.ts";
import { conv2d, dense, type Layer } from "../lib/models/layers.ts";
import { Adam } from "../lib/optimizers/adam.ts";
import { clampVariables } from "../lib/optimizers/clamp_variables.ts";
import {
  accuracyOf,
  type ConditionResult,
  conditionResults,
  conditionRows,
  DETECTOR_NOTES,
  detectorClaims,
  detectorComparison,
  netTable,
  peaksTable,
  ruleTable,
} from "../lib/reports/4_csi_5138/diagonal_detector_claims.ts";
import { completeLine, type RunDirectory } from "../lib/run/run_directory.ts";
import { loadCheckpoint } from "../lib/run/checkpoint.ts";
import { writeCsv } from "../lib/run/csv_log.ts";
import { parseRunFlags } from "../lib/run/parse_run_flags.ts";
import { predict } from "../lib/train/evaluate.ts";
import { startRun } from "../lib/run/start_run.ts";
import { type NetPlan, trainNets } from "../lib/train/train_nets.ts";
import { netFile, netFiles } from "../lib/train/net_files.ts";
import { withTrainedNet } from "../lib/train/net_tensors.ts";
import { writeReport } from "../lib/reporting/write_report.ts";

const DEVIATIONS = [
  "The report does not define the distance of two diagonals. Here: the smallest " +
  "max(|Δrow|, |Δcolumn|) of their pixels, at least 3, which is the same as a " +
  "Euclidean distance of at least 3: no 3×3 window sees pixels of both.",
  "The report has one example, noise-free and of one direction. Noise, flips, " +
  "longer diagonals and the other direction are ours, and so are the nets.",
];

/** Rows and columns of an image, and of the report's example. */
const SIZE = 100, EXAMPLE_SIZE = 20;
/** Plain images of the example's size. */
const EXAMPLES = 1_000;

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
  const readout = dense(
    "readout",
    { inFeatures: FILTERS, outFeatures: 2 },
    random,
  );
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

type DetectorNet = ReturnType<typeof createNet>;

/** A net, by what it learns from. */
interface Plan extends NetPlan {
  readonly condition: DiagonalCondition;
}

function plansOf({ trainNoise }: Config): Plan[] {
  return [
    { name: "plain", condition: PLAIN_CONDITION },
    { name: "noisy", condition: noisyCondition(trainNoise) },
  ];
}

const IMAGE_SHAPE = { height: SIZE, width: SIZE, channels: 1 };

/** Images of a condition, their own for each use and seed. */
const imagesOf = (
  condition: DiagonalCondition,
  use: string,
  seed: number,
  count: number,
  size = SIZE,
) =>
  createDiagonalImages(condition, {
    count,
    size,
    random: deriveRandom(seed, `${use} ${condition.name}`),
  });

/** Test images that each epoch is judged by. */
const EPOCH_TEST_SIZE = 1_000;

function datasetOf(
  { condition }: Plan,
  { seed, trainSize, testSize }: Config,
): ImageDataset {
  const epochTestSize = Math.min(testSize, EPOCH_TEST_SIZE);
  return {
    name: condition.name,
    ...IMAGE_SHAPE,
    numClasses: 2,
    classNames: ["class 1", "class 2"],
    train: imagesOf(condition, "train", seed, trainSize),
    validation: null,
    test: imagesOf(condition, "test", seed, epochTestSize),
    sha256: {},
    remarks: [],
  };
}

function train(
  run: RunDirectory,
  plans: readonly Plan[],
  config: Config,
  output: Output,
) {
  const ready = plans.map((plan) => ({
    ...plan,
    dataset: datasetOf(plan, config),
  }));
  return trainNets({
    run,
    plans: ready,
    createNet: (_, random) => createNet(config, random),
    dataset: ready[0]!.dataset,
    output,
    ...config,
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

const exampleFile = ({ name }: DiagonalCondition) =>
  `example-${name.replaceAll(" ", "-")}.svg`;
const filterFile = ({ name }: Plan) => `filters-${name}.svg`;

/** Conditions with a picture: plain, the last noise, and other diagonals. */
function picturedOf({ noise }: Config): DiagonalCondition[] {
  const lastNoise = noisyCondition(noise.at(-1)!).name;
  return detectorConditions(noise).filter(({ name, lit }) =>
    lit === 0 || name === lastNoise
  );
}

/** The report's kernel and a net's filters. */
function learnedFigure(run: RunDirectory, plan: Plan): Figure {
  const { tensors } = loadCheckpoint(run.file(netFile(plan)));
  const title = `The report's kernel, and filters of net ${plan.name}`;
  return filterFigure(filterFile(plan), title, {
    filter: tensors["conv/filter"]!.data,
    bias: tensors["conv/bias"]!.data,
    weights: tensors["readout/weights"]!.data,
  });
}

/** What the rule makes of images, beside the labels that nets gave them. */
function measure(
  condition: DiagonalCondition,
  images: DiagonalImages,
  size: number,
  labels: Readonly<Record<string, readonly number[]>>,
): ConditionResult[] {
  const peaks = countPeaks(images, size);
  const expected = images.diagonals.map(expectedPeaksOf(condition, size));
  return conditionResults(condition.name, images, peaks, expected, labels);
}

function parseConfig(): Config {
  const config = parseRunFlags(
    "diagonal-detector",
    "Counts diagonals by report 4's kernel, and lets a conv net learn it.",
    FLAGS,
    Deno.args,
  );
  refuseLargeBatch(config, { count: config.trainSize });
  return config;
}

async function main() {
  const config = parseConfig();
  const asked = decisiveFlags(FLAGS, config);
  const { out, seed, testSize } = config;
  const output = createOutput(config);
  const plans = plansOf(config);
  const conditions = detectorConditions(config.noise);
  using started = await startRun({
    asked,
    task: "diagonal-detector",
    flags: config,
    config: asked,
    output,
    subject: "one diagonal in an image, or two?",
    lengthens: ["epochs"],
    files: [
      "metrics.csv",
      "conditions.csv",
      "report.md",
      "report.html",
      ...plans.flatMap((plan) => [...netFiles(plan), filterFile(plan)]),
      ...picturedOf(config).map(exampleFile),
    ],
  });
  const { run } = started;
  const start = performance.now();
  if (!run.finished) await train(run, plans, config, output);

  /** What each net makes of images. */
  const withNets = async <T>(use: (net: DetectorNet) => T) => {
    const results: Record<string, T> = {};
    for (const plan of plans) {
      results[plan.name] = await withTrainedNet(
        run.file(netFile(plan)),
        () => createNet(config, createRandom(0)),
        use,
      );
    }
    return results;
  };
  const results: ConditionResult[] = [];
  for (const condition of conditions) {
    const images = imagesOf(condition, "test", seed, testSize);
    const labels = await withNets((net) =>
      predict(net, images, IMAGE_SHAPE, { batchSize: 100 })
        .map(({ label }) => label)
    );
    const classes = measure(condition, images, SIZE, labels);
    const share = formatPercent(accuracyOf(classes, ({ right }) => right), 1);
    output.log(`${condition.name}: rule ${share}`);
    for (const result of classes) results.push(result);
  }
  const rows = conditionRows(results);
  writeCsv(run.file("conditions.csv"), rows);

  const examplesOf = (condition: DiagonalCondition) =>
    imagesOf(condition, "example", seed, EXAMPLES, EXAMPLE_SIZE);
  const small = examplesOf(PLAIN_CONDITION);
  await writeReport(run, output, {
    title: "Report 4, question 3: one diagonal, or two?",
    command: commandLine("diagonal-detector", FLAGS, asked),
    rows: detectorComparison(results),
    claims: detectorClaims(
      results,
      measure(PLAIN_CONDITION, small, EXAMPLE_SIZE, {}),
    ),
    tables: [
      ruleTable(results),
      peaksTable(results),
      netTable(results),
      patternTable(
        patternPeaks(SIZE),
        await withNets((net) =>
          patternEvidence((images) => net.logits(images, false), SIZE)
        ),
      ),
    ],
    figures: [
      ...picturedOf(config).flatMap((condition) => {
        const images = examplesOf(condition);
        const [file, { name }] = [exampleFile(condition), condition];
        return exampleFigure(file, name, images, EXAMPLE_SIZE) ?? [];
      }),
      ...plans.map((plan) => learnedFigure(run, plan)),
    ],
    deviations: DEVIATIONS,
    notes: DETECTOR_NOTES,
  });
  run.finish();
  const seconds = (performance.now() - start) / 1000;
  output.log(completeLine(run));
  output.result({
    task: "diagonal-detector",
    out,
    seconds,
    conditions: rows,
  });
}

if (import.meta.main) await runMain(main);
