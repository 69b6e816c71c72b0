/**
 * What is left of a net when the rest is folded away: where α = 0, ReLU_α is
 * the identity, a layer is linear, and linear layers in a row are one. Sets
 * |α| ≤ --epsilon to 0, folds where that takes fewer multiply-adds, and proves
 * it: the test images' classes and logits before and after, in float32, in
 * float64 and in onnxruntime, multiply-adds, parameters, bytes, and the time of
 * one image and of 100.
 *
 *   deno task fold runs/fashion-alpha
 *   deno task fold runs/alpha-sweep/net-subset-0-lambda-0.05-run-0.safetensors
 *   deno task fold runs/fashion-alpha --all --out runs/fold-all --force
 *
 * Takes nets of fashion-alpha, fashion-features and alpha-sweep, a run's all or
 * one by its file, and writes each as `net-NAME.safetensors`, whose header's
 * `state` has the layers, and as `net-NAME.onnx`, for `deno task classify`. A
 * net that cannot be folded is named, with the reason; where none can, the task
 * fails.
 *
 * Expect 7,840 of 6,529,152 multiply-adds for report 1's net where every α is
 * 0: softmax regression. Some 15 s for each kind of fold on 2 cores.
 *
 * The arithmetic: lib/models/fold_net.ts. The proof:
 * lib/reports/1_linearization/fold_proof.ts.
 */
import { createRandom } from "../lib/base/random.ts";
import { wrapText } from "../lib/base/wrap_text.ts";
import {
  booleanFlag,
  choice,
  flag,
  type FlagValues,
  number,
  positional,
  text,
} from "../lib/cli/flags.ts";
import type { Output } from "../lib/cli/output.ts";
import { createProgress } from "../lib/cli/progress.ts";
import {
  briefRunFlags,
  splitSizeFlag,
  threadsFlag,
} from "../lib/cli/run_flags.ts";
import { runMain } from "../lib/cli/run_main.ts";
import type { TestDataset } from "../lib/data/image_dataset.ts";
import {
  DATASET_NAMES,
  type DatasetName,
  loadTestDataset,
} from "../lib/data/load_dataset.ts";
import { takeSplits } from "../lib/data/splits.ts";
import { createFashionNet } from "../lib/reports/1_linearization/fashion_net.ts";
import {
  foldSource,
  netBytes,
  netDigests,
  netSettings,
  type NetSource,
  netSources,
  sourceDataset,
} from "../lib/reports/1_linearization/fold_nets.ts";
import {
  proveFold,
  type ProvenFold,
  timeFold,
} from "../lib/reports/1_linearization/fold_proof.ts";
import {
  foldFigureFile,
  foldFigures,
  foldKinds,
} from "../lib/reports/1_linearization/fold_figure.ts";
import {
  foldClaims,
  foldFailure,
  foldNotes,
  foldNumbers,
  type FoldResult,
  foldRows,
  foldTables,
  type TimedKind,
} from "../lib/reports/1_linearization/fold_report.ts";
import { createSweepNet } from "../lib/reports/2_alpha_sweep/sweep_net.ts";
import { loadCheckpoint } from "../lib/run/checkpoint.ts";
import type { RunDirectory } from "../lib/run/run_directory.ts";
import { startRun } from "../lib/run/start_run.ts";
import { netFile } from "../lib/train/net_files.ts";
import { onnxFile } from "../lib/onnx/export_nets.ts";
import {
  type BriefRunPlan,
  runBriefTask,
} from "../lib/train/run_brief_task.ts";

const SOURCE = { ...text(), expected: "a run, or one net's file" };

const FLAGS = {
  source: positional(SOURCE, {
    describe: "run with trained nets, or one net-NAME.safetensors",
  }),
  epsilon: flag(number({ min: 0 }), {
    default: 1e-3,
    describe: "largest |α| that is taken for 0",
  }),
  all: booleanFlag({
    describe: "fold all linear layers in a row, also where that costs more",
  }),
  dataset: flag<DatasetName | null>(choice(DATASET_NAMES), {
    default: null,
    describe:
      "data set of the test images; by default the run's, else fashion-mnist",
  }),
  testSize: splitSizeFlag(),
  threads: threadsFlag(),
  ...briefRunFlags("fold"),
};

type Config = FlagValues<typeof FLAGS>;

/** The test images that the nets are compared on. */
async function loadImages(config: Config): Promise<TestDataset> {
  const { source, dataset, testSize } = config;
  const name = dataset ?? sourceDataset(source) ?? "fashion-mnist";
  const whole = await loadTestDataset(name);
  const { test } = takeSplits(
    { ...whole, train: whole.test, validation: null },
    { trainSize: null, testSize },
  );
  return { ...whole, test };
}

/** A net of the shape that a file's tensors have, with any parameters. */
function createNet(source: NetSource, dataset: TestDataset) {
  const random = createRandom(0);
  const settings = netSettings(source, loadCheckpoint(source.path).tensors);
  return settings === null
    ? createSweepNet(ANY_SWEEP, dataset, random)
    : createFashionNet(settings, dataset, random);
}

/** What decides no shape of report 2's net, whose parameters are read. */
const ANY_SWEEP = {
  alphaInit: [0, 0, 0],
  lambda: 0,
  clampAlpha: false,
  learningRate: 1,
};

/** Starts the backend, and opens a run that depends on nets and images. */
async function start({ flags, ...plan }: BriefRunPlan, config: Config) {
  return await startRun({
    ...plan,
    asked: plan.config,
    dataset: await loadImages(config),
    pinned: { nets: netDigests(netSources(config.source)) },
    flags: { ...flags, threads: config.threads, resume: null },
  });
}

/** Folds the nets, one after the other, and times each kind of fold. */
async function compute(config: Config, output: Output): Promise<FoldResult> {
  const { source, quiet } = config;
  const dataset = await loadImages(config);
  const { height, width, channels } = dataset;
  const shape = [height, width, channels];
  const sources = netSources(source);
  const total = sources.length;
  using progress = createProgress({ label: "nets", total, enabled: !quiet });
  const folds: ProvenFold[] = [];
  const refused: string[] = [];
  for (const [i, source] of sources.entries()) {
    const show = (part: number) =>
      progress.update(i + part, { doing: source.name });
    show(0);
    const create = () => createNet(source, dataset);
    const fold = await foldSource(source, create, shape, config);
    if (typeof fold === "string") refused.push(fold);
    else folds.push(await proveFold(fold, dataset, show));
  }
  const kinds = foldKinds(folds);
  const timed: TimedKind[] = [];
  for (const kind of kinds) {
    progress.update(total, { doing: "times" });
    timed.push({ ...kind, times: await timeFold(kind.first, dataset) });
  }
  progress.stop();
  for (const text of refused) output.log(wrapText(text));
  if (folds.length > 0) return { folds, kinds: timed, refused };
  throw new Error(
    refused.length === 1
      ? refused[0]
      : `Cannot fold ${source}: one of its nets must have linear layers in a row that cost less as one: got ${refused.length} without`,
  );
}

/** Writes each folded net in both forms. */
function write(run: RunDirectory, { folds }: FoldResult) {
  for (const { name, folded, onnxAfter } of folds) {
    Deno.writeFileSync(run.file(netFile({ name })), netBytes(folded.layers));
    Deno.writeFileSync(run.file(onnxFile({ name })), onnxAfter);
  }
}

const main = () =>
  runBriefTask({
    name: "fold",
    summary: "Folds a trained net's linear layers into one, and proves it.",
    flags: FLAGS,
    subject: "linear layers in a row as one",
    figureFiles: ({ source }) =>
      netSources(source).flatMap((net) => [
        netFile(net),
        onnxFile(net),
        foldFigureFile(net.name),
      ]),
    start,
    compute,
    rowsOf: (result) => foldRows(result),
    write,
    report: (result, { epsilon }) => ({
      title: "What is left of the nets when linear layers are folded",
      rows: [],
      claims: foldClaims(result),
      tables: foldTables(result),
      figures: foldFigures(result.kinds),
      deviations: [],
      notes: foldNotes(result, epsilon),
      numbers: foldNumbers(result),
      failure: foldFailure(result),
    }),
  });

if (import.meta.main) await runMain(main);
