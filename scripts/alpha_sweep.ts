/**
 * Report 2, "Advanced Topics in Machine Learning Challenge 2" (Pettenà, 2024),
 * sections 2 to 4, figures 1 to 4: where do the α of ReLU_α(x) = ReLU(x) −
 * (1 − α) ReLU(−x) go from random starts when the loss is cross entropy +
 * λ ‖α‖₁? 330 small conv nets on Fashion-MNIST: 11 λ, 6 runs, 5 subsets.
 *
 *   deno task alpha-sweep
 *   deno task alpha-sweep --lambda 0,0.05 --runs 2 --subsets 1
 *   deno task alpha-sweep --epochs 50 --out runs/alpha-sweep-50
 *
 * Expect about half of the α at zero for λ = 0 and nine tenths for λ = 0.05;
 * less than 10 minutes on 2 cores. A sweep that was stopped goes on with
 * `--resume`. A net that fails is reported and does not stop the others; its
 * final fields in sweep.csv are empty, and `--resume` tries it again.
 *
 * The net and its loss, which is where another penalty would go, are in
 * lib/reports/2_alpha_sweep/sweep_net.ts:
 *
 *   28×28×1 → conv 2×2 to 15 → conv 2×2 to 15 → conv 2×2 to 1 → dense to 10,
 *   with ReLU_α after each convolution; the first two have stride 2
 *   mean cross entropy + λ (|α₁| + |α₂| + |α₃|), minimized by SGD
 *
 * The loop over epochs and batches is in lib/train/fit.ts.
 *
 * Where it deviates from the report: DEVIATIONS, below.
 */
import { fileURLToPath } from "node:url";
import { startBackend } from "../lib/backend/start_backend.ts";
import {
  booleanFlag,
  flag,
  type FlagValues,
  integer,
  listFlag,
  number,
} from "../lib/cli/flags.ts";
import {
  datasetFlag,
  jobsFlag,
  runFlags,
  seedFlag,
  splitSizeFlag,
} from "../lib/cli/run_flags.ts";
import { runMain } from "../lib/cli/run_main.ts";
import { countBatches } from "../lib/data/batches.ts";
import { loadDatasetOr } from "../lib/data/load_dataset.ts";
import type { ImageDataset } from "../lib/data/image_dataset.ts";
import { takeSplits } from "../lib/data/splits.ts";
import {
  alphaSweepClaims,
  alphaSweepComparison,
  reportedZeros,
} from "../lib/reports/2_alpha_sweep/alpha_sweep_claims.ts";
import {
  ALPHA_SWEEP_FIGURES,
  alphaSweepFigures,
} from "../lib/reports/2_alpha_sweep/alpha_sweep_figures.ts";
import {
  alphaSweepNotes,
  alphaSweepNumbers,
  alphaSweepTables,
} from "../lib/reports/2_alpha_sweep/alpha_sweep_tables.ts";
import { besideReported, datasetNotes } from "../lib/reporting/report.ts";
import {
  type AlphaNetPlan,
  alphaNetPlans,
} from "../lib/reports/2_alpha_sweep/alpha_net.ts";
import { clusterAlphas } from "../lib/reports/2_alpha_sweep/cluster_alphas.ts";
import { isJobWorker, serveJobs } from "../lib/jobs/run_jobs.ts";
import { trainSweepNet } from "../lib/reports/2_alpha_sweep/sweep_net.ts";
import {
  sweepFiles,
  type SweepOutcome,
  trainSweep,
  writeSweep,
} from "../lib/reports/2_alpha_sweep/train_sweep.ts";
import { readCsvLog } from "../lib/run/csv_log.ts";
import { runTask, type TaskContext } from "../lib/train/run_task.ts";

const DEVIATIONS = [
  "The report gives no seed, no distribution of the initial weights and no " +
  "scale of the images: one seed, 0 by default, PyTorch's default " +
  "initialization, and pixels / 255. Each net has a generator of its own, " +
  "whose numbers do not depend on which other nets there are.",
  "The report asks for α ∈ [0, 1] (§1) and does not say how it was kept: α is " +
  "clamped after each step; `--no-clamp-alpha` for without.",
  "The report's five subsets are not known: each is drawn by itself, no image " +
  "twice, so that two subsets may share images. The report says nothing of " +
  "test images: by default all of them.",
  "Figure 2 is one figure per layer, with the runs of the first subset.",
];

const FLAGS = {
  lambda: listFlag(number({ min: 0 }), {
    // deno-fmt-ignore
    default: [
      0, 0.005, 0.01, 0.015, 0.02, 0.025, 0.03, 0.035, 0.04, 0.045, 0.05,
    ],
    describe: "weights λ of the penalty (§3)",
  }),
  runs: flag(integer({ min: 1 }), {
    default: 6,
    describe: "nets per λ and subset, each from random α (§4)",
  }),
  subsets: flag(integer({ min: 1 }), {
    default: 5,
    describe: "subsets of the training images (figure 1)",
  }),
  clampAlpha: booleanFlag({
    default: true,
    describe: "keep α in [0, 1] after each step",
  }),
  epochs: flag(integer({ min: 1 }), {
    default: 10,
    describe: "passes over each subset (§3)",
  }),
  batchSize: flag(integer({ min: 1 }), {
    default: 64,
    unit: "images",
    describe: "images per step (§3)",
  }),
  learningRate: flag(number({ greaterThan: 0 }), {
    default: 0.01,
    describe: "learning rate of SGD, which has no momentum (§3)",
  }),
  dataset: datasetFlag("fashion-mnist"),
  trainSize: flag(integer({ min: 1 }), {
    default: 10_000,
    unit: "images",
    describe:
      "training images in a subset (§3); all of them if there are fewer",
  }),
  testSize: splitSizeFlag(),
  seed: seedFlag("of subsets, α, weights and shuffling"),
  jobs: jobsFlag(),
  live: booleanFlag({
    decides: false,
    describe: "redraw figure 1 of the nets that are trained so far",
  }),
  ...runFlags("alpha-sweep"),
};

/** A sweep's flags: what decides its results, and where and how it runs. */
type Config = FlagValues<typeof FLAGS>;

/** All training images, of which each net gets a subset. */
const takeImages = (whole: ImageDataset, { testSize }: Config) =>
  takeSplits(whole, { trainSize: null, testSize });

/** A worker's side: a backend of one thread, which trains net after net. */
async function startTraining(config: Config) {
  const whole = await loadDatasetOr(config.dataset, "fashion-mnist");
  const dataset = takeImages(whole, config);
  await startBackend({ threads: 1 });
  return (plan: AlphaNetPlan, progress: (steps: number) => void) =>
    trainSweepNet(plan, config, dataset, progress);
}

/** The percentages of the report's figure 1. */
const REPORTED = new URL("../data/reported/alpha_to_zero.csv", import.meta.url);

/** What there is to train, and all files that come of it. */
function plan(config: Config, { train }: ImageDataset) {
  const trainSize = Math.min(config.trainSize, train.count);
  const plans = alphaNetPlans(config);
  return {
    plans,
    reported: reportedZeros(readCsvLog(fileURLToPath(REPORTED))),
    /** The flags with the size of a subset that there can be. */
    sized: { ...config, trainSize },
    subject: `${plans.length} nets, ${config.jobs} at once${
      config.clampAlpha ? "" : ", α not clamped"
    }`,
    files: [...sweepFiles(plans), ...ALPHA_SWEEP_FIGURES],
  };
}

type Context = TaskContext<typeof FLAGS, typeof plan>;

/** Trains the nets side by side; sweep.csv has a row per net. */
async function train({ config, sized, reported, ...task }: Context) {
  const { epochs, batchSize, trainSize } = sized;
  const sweep = await trainSweep({
    ...config,
    ...task,
    worker: new URL(import.meta.url),
    setup: sized,
    stepsPerNet: epochs * countBatches(trainSize, batchSize),
    imagesPerNet: epochs * trainSize,
    live: config.live
      ? (nets, options) =>
        alphaSweepFigures(nets, reported, epochs)[0]?.text(options) ?? ""
      : undefined,
  });
  writeSweep(task.run, task.plans, sweep.nets, epochs);
  return sweep;
}

/** What the nets came to, beside the report. */
function report(
  { sized, run, plans, reported, dataset }: Context,
  { nets, seconds }: SweepOutcome,
) {
  const { epochs, seed } = sized;
  const trained = nets.filter((net) => net !== null);
  const failed = nets.length - trained.length;
  const clusterings = clusterAlphas(
    trained.map(({ alphaFinal }) => alphaFinal),
    { maxClusters: 6, seed },
  );
  return {
    title: `Report 2: where the α of ReLU_α go on ${dataset.name}`,
    rows: besideReported(
      alphaSweepComparison(trained, reported),
      dataset,
      "fashion-mnist",
    ),
    claims: alphaSweepClaims(trained, clusterings),
    tables: alphaSweepTables(trained, clusterings, epochs),
    figures: alphaSweepFigures(trained, reported, epochs),
    deviations: DEVIATIONS,
    notes: [
      ...datasetNotes(dataset, "fashion-mnist"),
      ...alphaSweepNotes(sized),
      ...failed > 0
        ? [`${failed} of ${plans.length} nets failed and are left out.`]
        : [],
    ],
    numbers: { failed, ...alphaSweepNumbers(trained, seconds) },
    failure: failed === 0 ? undefined : new Error(
      `Cannot complete the sweep: all ${plans.length} nets must train: got ${failed} that failed; ${run.resumeCommand} tries them again`,
    ),
  };
}

const main = () =>
  runTask({
    name: "alpha-sweep",
    summary: "Trains report 2's nets for each λ, from random α.",
    flags: FLAGS,
    data: { reported: "fashion-mnist", take: takeImages },
    plan,
    train,
    report,
  });

if (isJobWorker()) await serveJobs(startTraining);
else if (import.meta.main) await runMain(main);
