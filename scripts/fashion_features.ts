/**
 * Report 1, "On the Linearization of Convolutional Layers for FashionMNIST
 * Dataset" (Curaba, Olivetti, 2023), section 6 and figures 15 to 23: an ankle
 * boot, a shirt and a trouser after each layer of three trained nets: with
 * ReLU, without activation, and with ReLU_α. The report remarks that linear
 * layers blur an image and leave it readable, where ReLU layers outline it.
 * This task adds numbers: how far each layer's best channel correlates with the
 * image, and with the steepness of the image's gray.
 *
 *   deno task fashion-alpha:report    # trains the nets
 *   deno task fashion-features
 *   deno task fashion-features --image 0,17 --out runs/others
 *
 * Expect the last layer's best channel to correlate more with the image in the
 * linear net than in the one with ReLU (0.8 against 0.6), and less with the
 * image's edges (0.3 against 0.4). Expect the net with ReLU_α to be like the
 * linear one, since the penalty drives its α to 0. Half a minute on 2 cores.
 *
 * A net that runs/fashion-alpha-report lacks is taken from runs/fashion-alpha,
 * if it was trained there as this task would train it. The others are trained
 * first, up to 18 epochs.
 *
 * Net, loss and optimizer: lib/reports/1_linearization/fashion_net.ts. What is
 * measured of its layers: lib/reports/1_linearization/feature_results.ts.
 *
 * Where it deviates from the report: DEVIATIONS, below.
 */
import { createRandom, type Random } from "../lib/base/random.ts";
import { wrapText } from "../lib/base/wrap_text.ts";
import {
  flag,
  type FlagValues,
  integer,
  listFlag,
  text,
} from "../lib/cli/flags.ts";
import {
  datasetFlag,
  refuseLargeBatch,
  runFlags,
  seedFlag,
  splitSizeFlag,
  threadsFlag,
} from "../lib/cli/run_flags.ts";
import { runMain } from "../lib/cli/run_main.ts";
import type { ImageDataset } from "../lib/data/image_dataset.ts";
import { takeSplits } from "../lib/data/splits.ts";
import { imageMode } from "../lib/images/image_mode.ts";
import { besideReported, datasetNotes } from "../lib/reporting/report.ts";
import {
  featureClaims,
  featureComparison,
  featureNumbers,
  featureTable,
  layerCorrelations,
} from "../lib/reports/1_linearization/fashion_features_claims.ts";
import { createFashionNet } from "../lib/reports/1_linearization/fashion_net.ts";
import { judgeTables } from "../lib/reports/1_linearization/fashion_subjects.ts";
import {
  BATCH_SIZE,
  DEFAULT_FROM,
  type FeaturePlan as Plan,
  featurePlans,
  findNets,
  netDigests,
  sourceFile,
  sourceNotes,
  trainingText,
} from "../lib/reports/1_linearization/feature_nets.ts";
import {
  featureFigureFiles,
  featureFigures,
  featureNotes,
  measureFeatures,
  refuseImages,
  type WithNet,
  writeFeatures,
} from "../lib/reports/1_linearization/feature_results.ts";
import { netFiles, withTrainedNet } from "../lib/train/net_files.ts";
import { runTask, type TaskContext } from "../lib/train/run_task.ts";
import { trainNets } from "../lib/train/train_nets.ts";

const DEVIATIONS = [
  "The report does not say which images it shows: ours are the first test " +
  "image of each class that all three nets classify right, or --image.",
  "The report's remark has no numbers. Ours are the largest |r| (Pearson's, over " +
  "the 784 pixels) of a layer's channels with the image, and with the magnitude " +
  "of its gradient by Sobel's operators.",
  "The report does not say how it scales gray. Here the channels of a layer " +
  "share one scale from their smallest to their largest value; each mean of " +
  "channels, and the image, has its own.",
];

const FLAGS = {
  image: listFlag(integer({ min: 0 }), {
    default: [],
    describe:
      "test images to show, counted from 0, instead of the report's three",
  }),
  from: flag(text(), {
    default: DEFAULT_FROM,
    describe:
      "run with trained nets; nets that the default run lacks are trained here",
  }),
  epochs: flag(integer({ min: 1 }), {
    default: 3,
    describe: "passes over the training images (§4)",
  }),
  longEpochs: flag(integer({ min: 1 }), {
    default: 12,
    describe: "passes over the training images for ReLU_α (figure 17)",
  }),
  dataset: datasetFlag("fashion-mnist"),
  trainSize: splitSizeFlag(),
  testSize: splitSizeFlag(),
  seed: seedFlag("of weights and shuffling"),
  threads: threadsFlag(),
  ...runFlags("fashion-features"),
};

/** A run's flags: what decides its results, and where and how it runs. */
type Config = FlagValues<typeof FLAGS>;

/** The nets, where trained ones are, and all files that come of it. */
async function plan(config: Config, dataset: ImageDataset) {
  const { image } = config;
  refuseImages(image, dataset);
  refuseLargeBatch({ batchSize: BATCH_SIZE }, dataset.train);
  const plans = featurePlans(config);
  const sources = findNets(config, plans, dataset);
  return {
    plans,
    sources,
    lacking: plans.filter(({ name }) => !sources.has(name)),
    createNet: (plan: Plan, random: Random) =>
      createFashionNet(plan, dataset, random),
    pinned: { nets: netDigests(sources, plans) },
    mode: await imageMode(config),
    subject: plans.map(({ name }) => name).join(", "),
    files: [
      "metrics.csv",
      "steps.csv",
      "features.csv",
      ...plans.flatMap(netFiles),
      ...featureFigureFiles(image, plans, dataset),
    ],
  };
}

type Context = TaskContext<typeof FLAGS, typeof plan>;

/** Trains those nets that no other run has. */
async function train({ config, lacking, ...task }: Context) {
  const { run, output, dataset } = task;
  if (lacking.length === 0 || run.finished) return;
  const { count } = dataset.train;
  output.log(wrapText(trainingText(lacking, config.from, count)));
  await trainNets({
    ...config,
    ...task,
    plans: lacking,
    batchSize: BATCH_SIZE,
    metrics: {
      net: ({ plan }) => plan.name,
      seed: () => config.seed,
      epoch: ({ epoch }) => epoch,
      train_loss: ({ train }) => train.loss,
      train_accuracy: ({ train }) => train.accuracy,
      test_loss: ({ test }) => test.loss,
      test_accuracy: ({ test }) => test.accuracy,
    },
    steps: {
      net: ({ plan }) => plan.name,
      seed: () => config.seed,
      step: ({ step }) => step,
      loss: ({ loss }) => loss,
      accuracy: ({ accuracy }) => accuracy,
    },
  });
}

/** What the layers make of the images, beside the report. */
async function report({ config, sources, lacking, ...task }: Context) {
  const { run, plans, createNet, dataset, mode } = task;
  const { image: images, quiet } = config;
  const withNet: WithNet = (plan, use) =>
    withTrainedNet(
      sourceFile(sources, run, plan),
      () => createNet(plan, createRandom(0)),
      use,
    );
  const features = await measureFeatures({
    ...task,
    withNet,
    images,
    quiet,
  });
  const { judges, shown, sample, rows } = features;
  if (lacking.length === 0) run.begin(); // training has begun it already
  writeFeatures(run.file("features.csv"), rows);
  const correlations = layerCorrelations(
    rows.filter(({ image }) => sample.includes(image)),
  );
  const compared = featureComparison(correlations);
  return {
    title: "Report 1: images after each layer, with and without ReLU",
    rows: besideReported(compared, dataset, "fashion-mnist"),
    claims: featureClaims(correlations),
    tables: [
      ...judgeTables(judges, shown, dataset),
      featureTable(correlations),
    ],
    figures: featureFigures(features, images, plans, dataset, mode),
    deviations: DEVIATIONS,
    notes: [
      ...datasetNotes(dataset, "fashion-mnist"),
      ...sourceNotes(sources, plans),
      ...featureNotes(features),
    ],
    numbers: { images: shown, layers: featureNumbers(correlations) },
  };
}

async function main() {
  await runTask({
    name: "fashion-features",
    summary: "Shows images after each layer of report 1's nets, with numbers.",
    flags: FLAGS,
    lengthens: ["epochs"],
    data: { reported: "fashion-mnist", take: takeSplits },
    plan,
    train,
    report,
  });
}

if (import.meta.main) await runMain(main);
