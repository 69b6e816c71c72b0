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
 * Where it deviates from the report: DEVIATIONS, below.
 */
import { createHash } from "node:crypto";
import { resolve } from "node:path";
import { commandLine } from "../lib/cli/command_line.ts";
import { explainIoError, UsageError } from "../lib/base/errors.ts";
import { escapeMarkdown, formatDuration } from "../lib/base/format.ts";
import {
  flag,
  type FlagValues,
  integer,
  listFlag,
  text,
} from "../lib/cli/flags.ts";
import { createOutput, type Output } from "../lib/cli/output.ts";
import { createProgress } from "../lib/cli/progress.ts";
import {
  datasetFlag,
  decisiveFlags,
  refuseLargeBatch,
  runFlags,
  seedFlag,
  splitSizeFlag,
  threadsFlag,
} from "../lib/cli/run_flags.ts";
import { wrapText } from "../lib/base/wrap_text.ts";
import { runMain } from "../lib/cli/run_main.ts";
import { takeSplits } from "../lib/data/splits.ts";
import { besideReported, datasetNotes } from "../lib/reporting/report.ts";
import { completeLine, type RunDirectory } from "../lib/run/run_directory.ts";
import { parseRunFlags } from "../lib/run/parse_run_flags.ts";
import { readRunRecord } from "../lib/run/run_record.ts";
import { mean } from "../lib/base/statistics.ts";
import { loadDatasetOr } from "../lib/data/load_dataset.ts";
import type { ImageDataset } from "../lib/data/image_dataset.ts";
import { createRandom } from "../lib/base/random.ts";
import { imageMode } from "../lib/images/image_mode.ts";
import {
  type FigureLayer,
  layerFigure,
  layerPlanes,
} from "../lib/reports/1_linearization/layer_figure.ts";
import { imageFromValues } from "../lib/images/raster_image.ts";
import { pixelTensor } from "../lib/ops/pixel_tensor.ts";
import {
  createFashionNet,
  type FashionNet,
  type FashionNetOptions,
} from "../lib/reports/1_linearization/fashion_net.ts";
import {
  featureCaption,
  featureRow,
} from "../lib/reports/1_linearization/feature_row.ts";
import {
  featureClaims,
  featureComparison,
  featureTable,
  layerCorrelations,
} from "../lib/reports/1_linearization/fashion_features_claims.ts";
import {
  chooseSubjects,
  type Judge,
  judgeTables,
  subjectClasses,
} from "../lib/reports/1_linearization/fashion_subjects.ts";
import { writeCsv } from "../lib/run/csv_log.ts";
import { holdsNet } from "../lib/run/find_run.ts";
import { predict } from "../lib/train/evaluate.ts";
import { startRun } from "../lib/run/start_run.ts";
import { trainNets } from "../lib/train/train_nets.ts";
import { netFile, netFiles } from "../lib/train/net_files.ts";
import { withTrainedNet } from "../lib/train/net_tensors.ts";
import { writeReport } from "../lib/reporting/write_report.ts";

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

/** Images per step (§2). */
const BATCH_SIZE = 100;

/** The run that --from names by default. */
const DEFAULT_FROM = "runs/fashion-alpha-report";

/** Where nets that the default lacks are looked for, with fitting settings. */
const OTHER_FROM = "runs/fashion-alpha";

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

/** The three nets of figures 15 to 17. */
interface Plan extends FashionNetOptions {
  readonly name: string;
  readonly epochs: number;
}

function plansOf({ epochs, longEpochs }: Config): Plan[] {
  const plain: Omit<Plan, "name" | "activation"> = {
    architecture: "plain",
    lambda: null,
    penalty: "l1",
    epochs,
    clampAlpha: false,
    alphaInit: 0.5,
    learningRate: 0.001,
  };
  return [
    { ...plain, name: "relu", activation: "relu" },
    { ...plain, name: "linear", activation: "linear" },
    {
      ...plain,
      activation: "relu-alpha",
      lambda: 0.5,
      name: `relu-alpha-0.5-${longEpochs}-epochs`,
      epochs: longEpochs,
    },
  ];
}

/** The layers whose channels are shown: the net's first ones. */
const LAYERS = ["conv1", "conv2", "conv3"];

/** How many correctly classified test images the claims are judged by. */
const SAMPLE_SIZE = 200;

/** By a net's name, the directory that holds it; nets to train are left out. */
function findNets(
  { from, out, seed }: Config,
  plans: readonly Plan[],
  dataset: ImageDataset,
): ReadonlyMap<string, string> {
  if (resolve(from) === resolve(out)) {
    throw new UsageError(
      `Cannot parse --from: expected another directory than --out: got ${
        JSON.stringify(from)
      }`,
    );
  }
  const { name, train } = dataset;
  if (from !== DEFAULT_FROM) {
    const trained = plans.some((plan) => holdsNet(from, netFile(plan), {}))
      ? readRunRecord(from).config.dataset
      : name;
    if (trained === name) return new Map(plans.map(({ name }) => [name, from]));
    throw new Error(
      `Cannot load nets of ${from}: they must be trained on ${name}: got ${trained}`,
    );
  }
  return new Map(plans.flatMap((plan) => {
    const { epochs, architecture, penalty, clampAlpha } = plan;
    const { alphaInit, learningRate } = plan;
    const settings = {
      architecture,
      penalty,
      clampAlpha,
      alphaInit,
      learningRate,
      epochs,
      batchSize: BATCH_SIZE,
      dataset: name,
      trainSize: train.count,
      seed,
    };
    const file = netFile(plan);
    const source = holdsNet(from, file, { dataset: name })
      ? from
      : holdsNet(OTHER_FROM, file, settings)
      ? OTHER_FROM
      : undefined;
    return source === undefined ? [] : [[plan.name, source] as const];
  }));
}

/** SHA-256 of the nets that other runs trained: they decide the results. */
function digestsOf(
  sources: ReadonlyMap<string, string>,
  plans: readonly Plan[],
) {
  return Object.fromEntries(
    plans.filter(({ name }) => sources.has(name)).map((plan) => {
      const path = `${sources.get(plan.name)}/${netFile(plan)}`;
      try {
        const bytes = Deno.readFileSync(path);
        return [plan.name, createHash("sha256").update(bytes).digest("hex")];
      } catch (error) {
        const failure = explainIoError(`load net ${path}`, error);
        failure.message += ": deno task fashion-alpha:report makes all nets";
        throw failure;
      }
    }),
  );
}

/** About how long an epoch of 60,000 images takes on 2 cores, in seconds. */
const SECONDS_PER_EPOCH = 50;

async function train(
  run: RunDirectory,
  plans: readonly Plan[],
  dataset: ImageDataset,
  config: Config,
  output: Output,
) {
  const names = plans.map(({ name }) => name).join(", ");
  const epochs = plans.reduce((sum, plan) => sum + plan.epochs, 0);
  const seconds = epochs * SECONDS_PER_EPOCH * dataset.train.count / 60_000;
  output.log(wrapText(
    `neither ${config.from} nor ${OTHER_FROM} has ${names}: training them, ${epochs} epochs, about ${
      formatDuration(seconds)
    } on 2 cores; deno task fashion-alpha:report makes them for good`,
  ));
  await trainNets({
    ...config,
    run,
    plans,
    createNet: (plan: Plan, random) => createFashionNet(plan, dataset, random),
    dataset,
    output,
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

function pixelsOf({ test, height, width }: ImageDataset, image: number) {
  const size = height * width;
  return test.images.subarray(image * size, (image + 1) * size);
}

/**
 * Lets images through the nets.
 *
 * @returns `rows`: the correlations of each image in each layer; `layers`: the
 *   channels of the images in `shown`, by image and net
 */
async function measure(
  dataset: ImageDataset,
  plans: readonly Plan[],
  withNet: <T>(plan: Plan, use: (net: FashionNet) => T) => Promise<T>,
  sample: readonly number[],
  shown: readonly number[],
) {
  const { height, width } = dataset;
  const images = [...new Set([...sample, ...shown])].sort((a, b) => a - b);
  const rowOf = (
    place: { image: number; net: string; layer: string },
    planes: readonly ArrayLike<number>[],
  ) => featureRow(place, planes, pixelsOf(dataset, place.image), dataset);
  const rows = images.map((image) =>
    rowOf({ image, net: "none", layer: "input" }, [pixelsOf(dataset, image)])
  );
  const layers = new Map<string, FigureLayer[]>();
  for (const plan of plans) {
    await withNet(plan, (net) => {
      for (const image of images) {
        const x = pixelTensor(pixelsOf(dataset, image), [1, height, width, 1]);
        const planes = layerPlanes(net.layers.slice(0, LAYERS.length), x);
        x.dispose();
        const captioned = planes.map((channels, i) => {
          const place = { image, net: plan.name, layer: LAYERS[i]! };
          const row = rowOf(place, channels);
          rows.push(row);
          return { channels, caption: featureCaption(row, channels.length) };
        });
        if (!shown.includes(image)) continue;
        layers.set(`${image} ${plan.name}`, captioned);
      }
    });
  }
  return { rows, layers };
}

/** The part of the figures' names for each image, known before the image is. */
function slugsOf({ image }: Config, dataset: ImageDataset): string[] {
  return image.length > 0
    ? image.map((index) => `test-${index}`)
    : subjectClasses(dataset).map((name) =>
      name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-")
    );
}

const figureFile = (slug: string, net: string) => `features-${slug}-${net}.svg`;

function parseConfig(): Config {
  const config = parseRunFlags(
    "fashion-features",
    "Shows images after each layer of report 1's nets, with numbers.",
    FLAGS,
    Deno.args,
  );
  return config;
}

async function loadImages(config: Config): Promise<ImageDataset> {
  const dataset = takeSplits(
    await loadDatasetOr(config.dataset, "fashion-mnist"),
    config,
  );
  const { channels, name, test: { count } } = dataset;
  if (channels !== 1) {
    throw new UsageError(
      `Cannot parse --dataset: expected gray images: got ${name}`,
    );
  }
  refuseLargeBatch({ batchSize: BATCH_SIZE }, dataset.train);
  const beyond = config.image.find((index) => index >= count);
  if (beyond !== undefined) {
    throw new UsageError(
      `Cannot parse --image: expected indices below the ${count} test images: got ${beyond}`,
    );
  }
  return dataset;
}

async function main() {
  const config = parseConfig();
  const { out, quiet } = config;
  const asked = decisiveFlags(FLAGS, config);
  const output = createOutput(config);
  const plans = plansOf(config);
  const dataset = await loadImages(config);
  const sources = findNets(config, plans, dataset);
  const lacking = plans.filter(({ name }) => !sources.has(name));
  const nets = sources.size === 0 ? "of this run" : digestsOf(sources, plans);
  const mode = quiet ? "ascii" : await imageMode();
  const decisive = {
    ...asked,
    dataset: dataset.name,
    trainSize: dataset.train.count,
    testSize: dataset.test.count,
  };
  using started = await startRun({
    asked,
    task: "fashion-features",
    flags: config,
    config: decisive,
    dataset,
    pinned: { nets },
    output,
    subject: plans.map(({ name }) => name).join(", "),
    lengthens: ["epochs"],
    files: [
      "metrics.csv",
      "steps.csv",
      "features.csv",
      "report.md",
      "report.html",
      ...plans.flatMap(netFiles),
      ...slugsOf(config, dataset).flatMap((slug) =>
        plans.map(({ name }) => figureFile(slug, name))
      ),
    ],
  });
  const { run } = started;
  const start = performance.now();
  if (lacking.length > 0 && !run.finished) {
    await train(run, lacking, dataset, config, output);
  }
  const withNet = <T>(plan: Plan, use: (net: FashionNet) => T) => {
    const file = netFile(plan);
    const source = sources.get(plan.name);
    const path = source === undefined ? run.file(file) : `${source}/${file}`;
    return withTrainedNet(
      path,
      () => createFashionNet(plan, dataset, createRandom(0)),
      use,
    );
  };

  using progress = createProgress({
    label: "test images",
    total: plans.length * dataset.test.count,
    enabled: !quiet,
  });
  const began = performance.now();
  const judges: Judge[] = [];
  for (const [index, plan] of plans.entries()) {
    judges.push(
      await withNet(plan, (net) => ({
        name: plan.name,
        predictions: predict(net, dataset.test, dataset, {
          batchSize: BATCH_SIZE,
          progress(images) {
            const done = index * dataset.test.count + images;
            const seconds = (performance.now() - began) / 1000;
            progress.update(done, {
              doing: plan.name,
              imagesPerSecond: done / seconds,
            });
          },
        }),
        alphas: net.alphas.map((alpha) => alpha.dataSync()[0]!),
      })),
    );
  }
  progress.stop();
  const { height, width, test, classNames } = dataset;
  const right = [...test.labels.keys()].filter((i) =>
    judges.every(({ predictions }) => predictions[i]!.label === test.labels[i])
  );
  let shown = config.image;
  if (shown.length === 0) {
    const subjects = chooseSubjects(dataset, right);
    for (const { className, index, isRight } of subjects) {
      if (isRight) continue;
      output.log(`no ${className} that all nets get right: showing ${index}`);
    }
    shown = subjects.map(({ index }) => index);
  }

  const sample = right.slice(0, SAMPLE_SIZE);
  const { rows, layers } = await measure(
    dataset,
    plans,
    withNet,
    sample,
    shown,
  );
  const slugs = slugsOf(config, dataset);
  const isReported = config.image.length === 0 &&
    dataset.name === "fashion-mnist";
  let number = 15;
  const figures = shown.flatMap((image, i) =>
    plans.map(({ name }) => {
      const className = classNames[test.labels[image]!];
      const figure = isReported ? `Figure ${number++}: ` : "";
      return layerFigure(figureFile(slugs[i]!, name), {
        title: `${figure}${className}, test image ${image}, through ${name}`,
        image: imageFromValues(pixelsOf(dataset, image), {
          width,
          height,
          channels: 1,
        }),
        layers: layers.get(`${image} ${name}`)!,
        mode,
      });
    })
  );

  if (lacking.length === 0) run.begin(); // training has begun it already
  writeCsv(
    run.file("features.csv"),
    rows.map((row) => ({
      image: row.image,
      net: row.net,
      layer: row.layer,
      best_channel_input: row.inputChannel,
      r_input: row.inputR,
      best_channel_edges: row.edgesChannel,
      r_edges: row.edgesR,
    })),
  );
  const correlations = layerCorrelations(
    rows.filter(({ image }) => sample.includes(image)),
  );
  const linearized = judges.filter(({ alphas }) =>
    alphas.length > 0 && alphas.every((alpha) => Math.abs(alpha) < 0.01)
  );
  await writeReport(run, output, {
    title: "Report 1: images after each layer, with and without ReLU",
    command: commandLine("fashion-features", FLAGS, asked),
    rows: besideReported(
      featureComparison(correlations),
      dataset,
      "fashion-mnist",
    ),
    claims: featureClaims(correlations),
    tables: [
      ...judgeTables(judges, shown, dataset),
      featureTable(correlations),
    ],
    figures,
    deviations: DEVIATIONS,
    notes: [
      ...datasetNotes(dataset, "fashion-mnist"),
      ...[...Map.groupBy(sources, ([, source]) => source)].map(
        ([source, taken]) =>
          `The nets are those of ${escapeMarkdown(source)}${
            lacking.length > 0 || taken.length < plans.length
              ? ` (${taken.map(([name]) => name).join(", ")})`
              : ""
          }, as they were trained there: --epochs, --train-size and --seed say nothing of them.`,
      ),
      `Correlations are of the first ${sample.length} test images that all nets classify right; features.csv has them and the shown images.`,
      ...linearized.map(({ name }) =>
        `The penalty has driven every α of ${name} to 0: it is a linear net too, and its figures show one.`
      ),
    ],
  });
  run.finish();
  const seconds = (performance.now() - start) / 1000;
  output.log(completeLine(run));
  output.result({
    task: "fashion-features",
    out,
    dataset: dataset.name,
    seconds,
    images: shown,
    layers: correlations.map(({ net, layer, input, edges }) => ({
      net,
      layer,
      r_input: mean(input),
      r_edges: mean(edges),
    })),
  });
}

if (import.meta.main) await runMain(main);
