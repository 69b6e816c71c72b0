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
 * Where it deviates from the report: DEVIATIONS, below.
 */
import { fileURLToPath } from "node:url";
import { startBackend } from "../lib/backend/start_backend.ts";
import { maxOf, mean } from "../lib/base/statistics.ts";
import { commandLine } from "../lib/cli/command_line.ts";
import {
  booleanFlag,
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
  jobsFlag,
  refuseLargeBatch,
  runFlags,
  seedFlag,
  splitSizeFlag,
} from "../lib/cli/run_flags.ts";
import { runMain } from "../lib/cli/run_main.ts";
import { countBatches } from "../lib/data/batches.ts";
import { loadDatasetOr } from "../lib/data/load_dataset.ts";
import { type ImageDataset, takeFirst } from "../lib/data/image_dataset.ts";
import { deriveRandom } from "../lib/base/random.ts";
import { drawSubset, takeSplits } from "../lib/data/splits.ts";
import {
  alphaSweepClaims,
  alphaSweepComparison,
  reportedZeros,
} from "../lib/reports/2_alpha_sweep/alpha_sweep_claims.ts";
import {
  ALPHA_SWEEP_FIGURES,
  alphaSweepFigures,
} from "../lib/reports/2_alpha_sweep/alpha_sweep_figures.ts";
import { alphaSweepTables } from "../lib/reports/2_alpha_sweep/alpha_sweep_tables.ts";
import { besideReported, datasetNotes } from "../lib/reporting/report.ts";
import {
  type AlphaNetPlan,
  netsByLambda,
  percentAtZero,
} from "../lib/reports/2_alpha_sweep/alpha_net.ts";
import { clusterAlphas } from "../lib/reports/2_alpha_sweep/cluster_alphas.ts";
import { isJobWorker, serveJobs } from "../lib/jobs/serve_jobs.ts";
import { createSweepNet } from "../lib/reports/2_alpha_sweep/sweep_net.ts";
import { trainSweep } from "../lib/reports/2_alpha_sweep/train_sweep.ts";
import {
  SWEEP_FILES,
  writeSweep,
} from "../lib/reports/2_alpha_sweep/write_sweep.ts";
import { completeLine } from "../lib/run/run_directory.ts";
import { evaluate } from "../lib/train/evaluate.ts";
import { fit, initialFitState } from "../lib/train/fit.ts";
import { parseRunFlags } from "../lib/run/parse_run_flags.ts";
import { startRun } from "../lib/run/start_run.ts";
import { readCsvLog } from "../lib/run/csv_log.ts";
import { writeReport } from "../lib/reporting/write_report.ts";

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

/** Every net of the sweep; its α start at a multiple of 0.05 in [0, 1] (§3). */
function plansOf({ subsets, lambda, runs, seed }: Config): AlphaNetPlan[] {
  const indices = (count: number) => Array.from({ length: count }, (_, i) => i);
  return indices(subsets).flatMap((subset) =>
    lambda.flatMap((lambda) =>
      indices(runs).map((run) => {
        const random = deriveRandom(seed, `α ${subset} ${lambda} ${run}`);
        const alphaInit = [1, 2, 3].map(() => random.uniformInt(21) / 20);
        return { subset, lambda, run, alphaInit };
      })
    )
  );
}

/** The percentages of the report's figure 1. */
const REPORTED = "../data/reported/alpha_to_zero.csv";

/** Points of a trajectory per epoch; fewer where an epoch has fewer steps. */
const POINTS_PER_EPOCH = 10;

/** Images per batch of a test: fewer calls than with --batch-size. */
const TEST_BATCH = 500;

/** The data set with all training images, and the test images asked for. */
async function loadDataset({ dataset, testSize }: Config) {
  return takeSplits(await loadDatasetOr(dataset, "fashion-mnist"), {
    trainSize: null,
    testSize,
  });
}

/** Trains one net, in a worker. */
async function trainNet(
  plan: AlphaNetPlan,
  config: Config,
  dataset: ImageDataset,
  progress: (steps: number) => void,
) {
  const { seed, epochs, batchSize, trainSize } = config;
  const { subset, lambda, run } = plan;
  const subsetRandom = deriveRandom(seed, `subset ${subset}`);
  const random = deriveRandom(seed, `net ${subset} ${lambda} ${run}`);
  // Table 1's conv net, equation 2's loss and SGD.
  const net = createSweepNet({ ...config, ...plan }, dataset, random);
  const steps = countBatches(trainSize, batchSize);
  const points = Math.min(POINTS_PER_EPOCH, steps);
  const trajectory: number[] = [];
  const record = () => {
    for (const alpha of net.alphas) trajectory.push(alpha.dataSync()[0]!);
  };
  try {
    record();
    await fit(net, net.optimizer, {
      ...dataset,
      train: drawSubset(dataset.train, trainSize, subsetRandom),
      test: takeFirst(dataset.test, 1), // the rest once, at the end
    }, {
      epochs,
      batchSize,
      random,
      state: initialFitState(random),
      afterUpdate: net.afterUpdate,
      events: {
        step({ step }) {
          const part = (step: number) => Math.floor(step * points / steps);
          if (part(step) === part(step - 1)) return;
          record();
          progress(step);
        },
        epoch() {},
        pause: () => Promise.resolve(),
      },
    });
    const { accuracy } = await evaluate(net, dataset.test, dataset, {
      batchSize: TEST_BATCH,
      pause: () => Promise.resolve(),
    });
    return {
      trajectory: Float32Array.from(trajectory),
      testAccuracy: accuracy,
    };
  } finally {
    net.optimizer.dispose();
    for (const variable of net.variables) variable.dispose();
  }
}

/** A worker's side: a backend of one thread, which trains net after net. */
async function startTraining(config: Config) {
  const dataset = await loadDataset(config);
  await startBackend({ threads: 1 });
  return (plan: AlphaNetPlan, progress: (steps: number) => void) =>
    trainNet(plan, config, dataset, progress);
}

/** How far the penalty alone moves an α at the largest λ. */
function penaltyReach(config: Config): number {
  const { learningRate, lambda, epochs, trainSize, batchSize } = config;
  return learningRate * maxOf(lambda) * epochs *
    countBatches(trainSize, batchSize);
}

async function main() {
  const flags = parseRunFlags(
    "alpha-sweep",
    "Trains report 2's nets for each λ, from random α.",
    FLAGS,
    Deno.args,
  );
  const dataset = await loadDataset(flags);
  const trainSize = Math.min(flags.trainSize, dataset.train.count);
  const config = { ...flags, trainSize };
  const { batchSize, epochs, jobs, out, live, quiet, resume } = config;
  refuseLargeBatch(config, { count: trainSize });
  const asked = decisiveFlags(FLAGS, config);
  const decisive = {
    ...asked,
    dataset: dataset.name,
    testSize: dataset.test.count,
  };
  const output = createOutput(config);
  const plans = plansOf(config);
  using started = await startRun({
    asked,
    task: "alpha-sweep",
    config: decisive,
    dataset,
    output,
    flags: { ...config, threads: 1 },
    inWorkers: true,
    subject: `${plans.length} nets, ${jobs} at once${
      config.clampAlpha ? "" : ", α not clamped"
    }`,
    files: [
      ...SWEEP_FILES,
      "report.md",
      "report.html",
      ...ALPHA_SWEEP_FIGURES,
    ],
  });
  const { run } = started;
  const reported = reportedZeros(
    readCsvLog(fileURLToPath(new URL(REPORTED, import.meta.url))),
  );
  const start = performance.now();
  const { nets, seconds: netSeconds } = await trainSweep({
    run,
    plans,
    worker: new URL(import.meta.url),
    setup: config,
    jobs,
    stepsPerNet: epochs * countBatches(trainSize, batchSize),
    imagesPerNet: epochs * trainSize,
    resume,
    output,
    quiet,
    live: live
      ? (nets, options) =>
        alphaSweepFigures(nets, reported, epochs)[0]?.text(options) ?? ""
      : undefined,
  });
  const seconds = (performance.now() - start) / 1000;
  writeSweep(run, plans, nets, epochs);
  const trained = nets.filter((net) => net !== null);
  const failed = nets.length - trained.length;
  const clusterings = clusterAlphas(
    trained.map(({ alphaFinal }) => alphaFinal),
    { maxClusters: 6, seed: config.seed },
  );
  await writeReport(run, output, {
    title: `Report 2: where the α of ReLU_α go on ${dataset.name}`,
    command: commandLine("alpha-sweep", FLAGS, asked),
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
      "The report counts α from 0: its α₀, α₁, α₂ are α₁, α₂, α₃ here. Means ± " +
      "standard deviations of α at zero are over subsets, that of the test " +
      "accuracy is over nets. Every flag is in config.json, " +
      "every net in sweep.csv.",
      `By itself the penalty moves an α by learning rate · λ · steps: ${
        penaltyReach(config).toFixed(3)
      } at the largest λ. An α that starts higher gets to zero only if cross entropy pulls it down too.`,
      ...failed > 0
        ? [`${failed} of ${plans.length} nets failed and are left out.`]
        : [],
    ],
  });
  if (failed === 0) {
    run.finish();
    output.log(completeLine(run));
  }
  output.result({
    task: "alpha-sweep",
    out,
    dataset: dataset.name,
    seconds,
    failed,
    nets: trained.length,
    secondsPerNet: netSeconds.length > 0 ? mean(netSeconds) : null,
    percentAtZero: Object.fromEntries(
      [...netsByLambda(trained)].map(([lambda, nets]) => [
        lambda,
        percentAtZero(nets),
      ]),
    ),
    testAccuracy: trained.length > 0
      ? mean(trained.map(({ testAccuracy }) => testAccuracy))
      : null,
  });
  if (failed > 0) {
    throw new Error(
      `Cannot complete the sweep: all ${plans.length} nets must train: got ${failed} that failed; ${run.resumeCommand} tries them again`,
    );
  }
}

if (isJobWorker()) await serveJobs(startTraining);
else if (import.meta.main) await runMain(main);
