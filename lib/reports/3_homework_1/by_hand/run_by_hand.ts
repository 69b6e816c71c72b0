import type { Figure } from "../../../charts/figure.ts";
import { commandLine } from "../../../cli/command_line.ts";
import {
  besideReported,
  type Claim,
  type ComparisonRow,
  datasetNotes,
} from "../../../reporting/report.ts";
import type { FlagSpec, FlagValues } from "../../../cli/flags.ts";
import { createOutput } from "../../../cli/output.ts";
import {
  datasetFlag,
  decisiveFlags,
  runFlags,
  seedFlag,
  splitSizeFlag,
  threadsFlag,
} from "../../../cli/run_flags.ts";
import { loadDatasetOr } from "../../../data/load_dataset.ts";
import type { Random } from "../../../base/random.ts";
import {
  splitValidation,
  takeSplits,
  type ValidatedDataset,
} from "../../../data/splits.ts";
import type { ExampleModel } from "./example_model.ts";
import { completeLine } from "../../../run/run_directory.ts";
import { readCsvLog } from "../../../run/csv_log.ts";
import { startRun } from "../../../run/start_run.ts";
import { writeReport } from "../../../reporting/write_report.ts";
import { type ByHandRow, byHandRows } from "./by_hand_rows.ts";
import {
  type ByHandPlan,
  type LossColumn,
  trainByHand,
} from "./_train_by_hand.ts";

type CommonFlags = FlagValues<ReturnType<typeof byHandFlags>>;

/** What a model is made for. */
export interface ByHandSizes {
  /** Values of an image, all its channels. */
  readonly pixels: number;
  readonly numClasses: number;
}

/** What a script of report 3's question 1 has of its own. */
export interface ByHandScript<P extends ByHandPlan> {
  readonly task: string;
  readonly title: string;
  readonly flags: FlagSpec;
  readonly config: CommonFlags & { readonly epochs: number };
  /** The models, in their order. */
  readonly plans: readonly P[];
  createModel(plan: P, sizes: ByHandSizes, random: Random): ExampleModel;
  readonly loss: LossColumn;
  /** The files of `figures`. */
  readonly figureFiles: readonly string[];
  /** From metrics.csv: each plan's rows, an epoch each. */
  figures(epochs: readonly (readonly ByHandRow[])[]): Figure[];
  rows(
    epochs: readonly (readonly ByHandRow[])[],
    dataset: ValidatedDataset,
  ): ComparisonRow[];
  claims(epochs: readonly (readonly ByHandRow[])[]): Claim[];
  readonly deviations: readonly string[];
  /** Paragraphs at the end of the report. */
  readonly notes: readonly string[];
}

/**
 * Runs such a script: data, models, training, report.
 *
 * @throws {UsageError} for more images than there are
 * @throws {Error} as loading, training and the run's directory do
 */
export async function runByHand<P extends ByHandPlan>(
  script: ByHandScript<P>,
): Promise<void> {
  const { task, plans, config } = script;
  const { out, quiet, resume } = config;
  const output = createOutput(config);
  const dataset = takeSplits(
    splitValidation(await loadDatasetOr(config.dataset, "octmnist")),
    config,
  );
  const { name, train, validation, test, numClasses } = dataset;
  const pixels = dataset.height * dataset.width * dataset.channels;
  const asked = decisiveFlags(script.flags, config);
  using started = await startRun({
    task,
    subject: `${plans.length} ${
      plans.length === 1 ? "model" : "models"
    } on ${name}`,
    flags: config,
    asked,
    dataset,
    output,
    config: {
      ...asked,
      dataset: name,
      trainSize: train.count,
      validationSize: validation.count,
      testSize: test.count,
    },
    files: ["metrics.csv", "report.md", "report.html", ...script.figureFiles],
  });
  const { run } = started;
  const start = performance.now();
  if (!run.finished) {
    await trainByHand({
      run,
      plans,
      dataset,
      output,
      resumes: resume,
      quiet,
      epochs: config.epochs,
      seed: config.seed,
      loss: script.loss,
      createModel: (plan, random) =>
        script.createModel(plan, { pixels, numClasses }, random),
    });
  }
  const seconds = (performance.now() - start) / 1000;
  const metrics = readCsvLog(run.file("metrics.csv"));
  const epochs = byHandRows(metrics, plans, config.epochs);
  await writeReport(run, output, {
    title: script.title,
    command: commandLine(task, script.flags, asked),
    rows: besideReported(script.rows(epochs, dataset), dataset, "octmnist"),
    claims: script.claims(epochs),
    figures: script.figures(epochs),
    deviations: script.deviations,
    notes: [
      ...datasetNotes(dataset, "octmnist"),
      ...script.notes,
      `After the last epoch; every epoch is in metrics.csv, every flag in config.json.`,
    ],
  });
  run.finish();
  output.log(completeLine(run));
  output.result({
    task,
    out,
    seconds,
    dataset: name,
    models: epochs.map((rows) => rows.at(-1)!),
  });
}

/**
 * The flags that the scripts of report 3's question 1 have in common.
 *
 * @param task the script's task
 */
export const byHandFlags = (task: string) => ({
  dataset: datasetFlag("octmnist"),
  trainSize: splitSizeFlag(),
  validationSize: splitSizeFlag(),
  testSize: splitSizeFlag(),
  seed: seedFlag("of weights and shuffling"),
  threads: threadsFlag(
    "threads for the accuracies, since training takes one; results do not depend on it",
  ),
  ...runFlags(task),
});
