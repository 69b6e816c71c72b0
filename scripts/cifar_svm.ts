/**
 * Report 5, "CS587 Assignment 1" (Papageridis, 2024), sections 1 to 5, figures
 * 2 to 4: a linear classifier f(x) = W x + b of CIFAR-10's raw pixels, with the
 * multi-class hinge loss and λ R(W), trained by mini-batch SGD.
 *
 *   deno task cifar-svm
 *   deno task cifar-svm --tune
 *   deno task cifar-svm --tune --search 27 --hinge sum --out runs/cifar-svm-sum
 *   deno task cifar-svm --dataset fashion-mnist
 *
 * Trains section 3's first run (figure 2) and the report's best combination of
 * settings, and with `--tune` all eight of section 4, side by side: the best of
 * them on validation images is tested, once, and its weights are figure 4.
 *
 * x is the pixels, 0 to 255, less the mean of the training images. The report
 * does not say so; its learning rates do: with pixels / 255 a step of 3e-7
 * would move the scores 65,000 times less, and nothing would be learned in 6
 * epochs.
 *
 * `--hinge max` is the loss that the report prints (§1.2), with the worst class
 * alone; `--hinge sum` adds up all that violate the margin. The best
 * combination is always trained with both, and both stand beside the report's
 * 38.0, 39.2 and 37.3 % (training, validation, test). An independent numpy
 * program gave 33.2, 31.5 and 31.8 % with max, 38.3, 38.4 and 37.8 % with sum,
 * on all of CIFAR-10: the report's numbers belong to the sum.
 *
 * `--search N` draws N pairs of learning rate (1e-8 to 1e-5) and λ (1 to 1e5),
 * both log-uniform, with L2 and batches of 400, and halves them successively
 * (Jamieson, Talwalkar, 2016): all for 1 epoch, the best third for 3, and so on
 * until one is left.
 *
 * With 19,000 of the 49,000 training images the plain run took 8 s of processor
 * time, `--tune` 22 s and `--tune --search 27 --hinge sum` 52 s: 29 s on 2
 * cores that nothing else used.
 *
 * Combination 8 diverges, and must: a step multiplies W by 1 − 2 γ λ = −9. A
 * run that was stopped goes on with `--resume`, from the last classifier that
 * was complete.
 *
 * Where it deviates from the report: DEVIATIONS, below.
 */
import { startBackend } from "../lib/backend/start_backend.ts";
import { maxOf } from "../lib/base/statistics.ts";
import { HINGES, REGULARIZATIONS } from "../lib/reports/5_cs_587/linear_svm.ts";
import { commandLine } from "../lib/cli/command_line.ts";
import { UsageError } from "../lib/base/errors.ts";
import {
  booleanFlag,
  choice,
  flag,
  type FlagValues,
  integer,
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
import { loadDatasetOr } from "../lib/data/load_dataset.ts";
import { meanImage } from "../lib/data/image_dataset.ts";
import {
  openSharedDataset,
  shareDataset,
  type SharedDataset,
} from "../lib/data/share_dataset.ts";
import { splitValidation, takeSplits } from "../lib/data/splits.ts";
import { imageMode } from "../lib/images/image_mode.ts";
import {
  svmComparison,
  svmNotes,
  type SvmResults,
  svmTables,
  testAccuracy,
  testSvms,
} from "../lib/reports/5_cs_587/cifar_svm_results.ts";
import {
  BEST_COMBINATION,
  SVM_COMBINATIONS,
} from "../lib/reports/5_cs_587/reported.ts";
import { svmClaims } from "../lib/reports/5_cs_587/cifar_svm_claims.ts";
import {
  SVM_FIGURES,
  svmFigures,
} from "../lib/reports/5_cs_587/cifar_svm_figures.ts";
import { isJobWorker, serveJobs } from "../lib/jobs/serve_jobs.ts";
import { searchSvms } from "../lib/reports/5_cs_587/search_svms.ts";
import { type SvmPlan, trainSvm } from "../lib/reports/5_cs_587/train_svm.ts";
import {
  createSvmTrainer,
  type SvmResult,
  type SvmTask,
} from "../lib/reports/5_cs_587/train_svms.ts";
import { SVM_FILES, writeSvms } from "../lib/reports/5_cs_587/write_svms.ts";
import { completeLine } from "../lib/run/run_directory.ts";
import { confusionTables } from "../lib/reporting/confusion_matrix.ts";
import { parseRunFlags } from "../lib/run/parse_run_flags.ts";
import { startRun } from "../lib/run/start_run.ts";
import { writeReport } from "../lib/reporting/write_report.ts";

const DEVIATIONS = [
  "The report gives no seed, no initial weights and no scale of the pixels: " +
  "seed 0; weights normal with standard deviation 0.0001, the same for all " +
  "classifiers, biases 0; pixels 0 to 255 less the training images' mean, the " +
  "scale that its learning rates imply.",
  "The report does not say which images are for validation: the last 1,000 of " +
  "the training images.",
  "The loss as printed counts the worst class alone, `--hinge max`; the " +
  "report's accuracies are those of the sum over all classes, `--hinge sum`.",
  "Section 2.3 divides the mini-batch's gradient by N, which section 1.2 " +
  "defines as the number of all training images; here, as in section 1.3, it is " +
  "divided by M, the size of the mini-batch.",
  "Losses include λ R(W), as L of section 1.2 does.",
];

const FLAGS = {
  hinge: flag(choice(HINGES), {
    default: "max",
    describe:
      "classes in the loss: max is the worst one alone (§1.2), sum all that violate the margin",
  }),
  learningRate: flag(number({ greaterThan: 0 }), {
    default: 1e-7,
    describe: "learning rate of SGD in the first run (§3)",
  }),
  lambda: flag(number({ min: 0 }), {
    default: 5e4,
    describe: "weight of the penalty R(W) in the first run (§3)",
  }),
  regularization: flag(choice(REGULARIZATIONS), {
    default: "l2",
    describe: "penalty R(W) in the first run (§3)",
  }),
  batchSize: flag(integer({ min: 1 }), {
    default: 200,
    unit: "images",
    describe: "images per step in the first run (§3)",
  }),
  epochs: flag(integer({ min: 1 }), {
    default: 6,
    describe:
      "passes over the training images, except in the search (§3, §4.1)",
  }),
  validationEvery: flag(integer({ min: 1 }), {
    default: 100,
    unit: "steps",
    describe: "steps between two points of the curves (§3)",
  }),
  tune: booleanFlag({
    describe: "train all eight combinations of settings (§4)",
  }),
  search: flag(integer({ min: 0 }), {
    default: 0,
    describe: "candidates of the random search; 0 for no search",
  }),
  dataset: datasetFlag("cifar-10"),
  trainSize: splitSizeFlag(),
  validationSize: splitSizeFlag(),
  testSize: splitSizeFlag(),
  seed: seedFlag("of weights, shuffling and search"),
  jobs: jobsFlag(),
  ...runFlags("cifar-svm"),
};

/** What decides a run's results, and where and how it runs. */
type Config = FlagValues<typeof FLAGS>;

/** Images for validation (§3, and the course's split of CIFAR-10). */
const VALIDATION_COUNT = 1_000;

/** Section 3's run. */
function firstPlan(config: Config): SvmPlan {
  const { hinge, learningRate, lambda, regularization, batchSize } = config;
  const settings = { learningRate, lambda, regularization, batchSize };
  return { name: "first-run", hinge, ...settings };
}

/** Section 4's eight. */
function combinationPlans(hinge: SvmPlan["hinge"]): SvmPlan[] {
  return SVM_COMBINATIONS.map((combination, i) => ({
    ...combination,
    hinge,
    name: `combination-${i + 1}-${hinge}`,
  }));
}

/** What each worker starts with. */
interface Setup {
  readonly config: Config;
  readonly shared: SharedDataset;
  readonly mean: Float32Array;
}

/** A worker's side: a backend of one thread, which trains net after net. */
async function startTraining({ config, shared, mean }: Setup) {
  const { seed, validationEvery } = config;
  const dataset = openSharedDataset(shared);
  await startBackend({ threads: 1 });
  return (
    { plan, epochs, from }: SvmTask,
    progress: (steps: number) => void,
  ) =>
    trainSvm(plan, {
      dataset,
      mean,
      epochs,
      seed,
      validationEvery,
      from,
      progress,
    });
}

async function main() {
  const config = parseRunFlags(
    "cifar-svm",
    "Trains report 5's linear classifiers of CIFAR-10 and tunes them.",
    FLAGS,
    Deno.args,
  );
  const { hinge, tune, search: count, seed, epochs } = config;
  const { jobs, out, quiet, resume } = config;
  const asked = decisiveFlags(FLAGS, config);
  const output = createOutput(config);
  const whole = await loadDatasetOr(config.dataset, "cifar-10");
  const dataset = takeSplits(splitValidation(whole, VALIDATION_COUNT), config);
  const { train, validation, test } = dataset;
  const other = hinge === "max" ? "sum" : "max";
  const eight = combinationPlans(hinge);
  const otherBest = combinationPlans(other)[BEST_COMBINATION]!;
  const plans = [
    firstPlan(config),
    otherBest,
    ...tune ? eight : [eight[BEST_COMBINATION]!],
  ];
  refuseLargeBatch(config, train);
  const largest = maxOf(plans.map(({ batchSize }) => batchSize));
  if (largest > train.count) {
    throw new UsageError(
      `Cannot parse --train-size: expected at least ${largest}, the largest batch: got ${train.count}`,
    );
  }
  using started = await startRun({
    asked,
    task: "cifar-svm",
    dataset,
    output,
    flags: { ...config, threads: 1 },
    inWorkers: true,
    subject: `${plans.length} nets on ${dataset.name}, ${jobs} at once`,
    config: {
      ...asked,
      dataset: dataset.name,
      trainSize: train.count,
      validationSize: validation.count,
      testSize: test.count,
    },
    files: [...SVM_FILES, "report.md", "report.html", ...SVM_FIGURES],
  });
  const { run } = started;
  const mode = await imageMode();

  const start = performance.now();
  const mean = meanImage(train);
  const setup: Setup = { config, shared: shareDataset(dataset), mean };
  const trainer = createSvmTrainer({
    run,
    worker: new URL(import.meta.url),
    setup,
    jobs,
    trainCount: train.count,
    resume,
    output,
    quiet,
  });
  const trained = await trainer.train(
    plans.map((plan) => ({ plan, epochs, from: null })),
    `${plans.length} nets`,
  );
  const [first, bestOfOther, ...own] = trained as [SvmResult, ...SvmResult[]];
  const bestOfOwn = tune ? own[BEST_COMBINATION]! : own[0]!;
  // Combinations that diverged come last.
  const final = own.toSorted((a, b) =>
    (b.validationAccuracy ?? -1) - (a.validationAccuracy ?? -1)
  )[0]!;
  const search = count === 0 ? null : await searchSvms(trainer, {
    count,
    seed,
    hinge,
    batchSize: eight[BEST_COMBINATION]!.batchSize,
  });
  const seconds = (performance.now() - start) / 1000;

  const winner = search?.winner ? [search.winner] : [];
  const tests = await testSvms(
    [final, bestOfOwn, bestOfOther!, ...winner],
    dataset,
    mean,
  );
  const results: SvmResults = {
    first,
    hinge,
    final,
    search,
    tests,
    best: { [hinge]: bestOfOwn, [other]: bestOfOther! } as SvmResults["best"],
    tuned: tune ? own : null,
    comparable: dataset.name === "cifar-10" && train.count === 49_000 &&
      validation.count === VALIDATION_COUNT && test.count === 10_000,
  };
  const { classNames } = dataset;
  writeSvms(run, {
    tests,
    search,
    final,
    classNames,
    results: [...trained, ...winner],
  });
  const counts = tests.get(final);
  await writeReport(run, output, {
    title: `Report 5: a linear classifier of ${dataset.name}`,
    command: commandLine("cifar-svm", FLAGS, asked),
    rows: svmComparison(results),
    claims: svmClaims(results, dataset),
    tables: [
      ...svmTables(results),
      ...counts ? confusionTables(counts, classNames) : [],
    ],
    figures: svmFigures(results, dataset, mode),
    deviations: DEVIATIONS,
    notes: svmNotes(results, dataset),
  });
  run.finish();
  output.log(completeLine(run));
  output.result({
    task: "cifar-svm",
    out,
    dataset: dataset.name,
    seconds,
    final: final.plan.name,
    nets: trained.map((result) => ({
      net: result.plan.name,
      diverged: result.parameters === null,
      trainAccuracy: result.trainAccuracy,
      validationAccuracy: result.validationAccuracy,
      testAccuracy: testAccuracy(tests, result),
    })),
    search: winner.map((result) => ({
      learningRate: result.plan.learningRate,
      lambda: result.plan.lambda,
      validationAccuracy: result.validationAccuracy,
      testAccuracy: testAccuracy(tests, result),
    }))[0] ?? null,
  });
}

if (isJobWorker()) await serveJobs(startTraining);
else if (import.meta.main) await runMain(main);
