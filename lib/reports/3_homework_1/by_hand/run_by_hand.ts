import type { Random } from "../../../base/random.ts";
import type { Figure } from "../../../charts/figure.ts";
import type { Flag, FlagSpec, FlagValues } from "../../../cli/flags.ts";
import {
  datasetFlag,
  runFlags,
  seedFlag,
  splitSizeFlag,
  threadsFlag,
} from "../../../cli/run_flags.ts";
import {
  splitValidation,
  takeSplits,
  type ValidatedDataset,
} from "../../../data/splits.ts";
import {
  besideReported,
  type Claim,
  type ComparisonRow,
  datasetNotes,
} from "../../../reporting/report.ts";
import { readCsvLog } from "../../../run/csv_log.ts";
import { runTask } from "../../../train/run_task.ts";
import { type ByHandRow, byHandRows } from "./by_hand_rows.ts";
import type { ExampleModel } from "./example_model.ts";
import {
  type ByHandPlan,
  type LossColumn,
  trainByHand,
} from "./_train_by_hand.ts";

/** The flags of a script: those of `byHandFlags`, and `--epochs`. */
type ByHandFlags =
  & FlagSpec
  & ReturnType<typeof byHandFlags>
  & { readonly epochs: Flag<number> };

/** What a model is made for. */
export interface ByHandSizes {
  /** Values of an image, all its channels. */
  readonly pixels: number;
  readonly numClasses: number;
}

/** What a script of report 3's question 1 has of its own. */
export interface ByHandScript<F extends ByHandFlags, P extends ByHandPlan> {
  /** In deno.json. */
  readonly name: string;
  /** What it does, for `--help`. */
  readonly summary: string;
  /** The report's heading. */
  readonly title: string;
  readonly flags: F;
  /** The models, in their order. */
  plans(config: FlagValues<F>): readonly P[];
  createModel(plan: P, sizes: ByHandSizes, random: Random): ExampleModel;
  readonly loss: LossColumn;
  /** The files of `figures`. */
  figureFiles(plans: readonly P[]): readonly string[];
  /** From metrics.csv: each plan's rows, an epoch each. */
  figures(epochs: readonly (readonly ByHandRow[])[]): Figure[];
  rows(
    epochs: readonly (readonly ByHandRow[])[],
    dataset: ValidatedDataset,
  ): ComparisonRow[];
  claims(epochs: readonly (readonly ByHandRow[])[]): Claim[];
  readonly deviations: readonly string[];
}

/**
 * Runs such a script: data, models, training, report.
 *
 * @throws {UsageError} for more images than there are
 * @throws {Error} as loading, training and the run's directory do
 */
export function runByHand<F extends ByHandFlags, P extends ByHandPlan>(
  script: ByHandScript<F, P>,
): Promise<void> {
  const { name, summary, flags, title, loss, deviations } = script;
  const common = (config: FlagValues<F>) =>
    config as unknown as FlagValues<ByHandFlags>;
  return runTask({
    name,
    summary,
    flags,
    data: {
      reported: "octmnist",
      take: (whole, config) =>
        takeSplits(splitValidation(whole), common(config)),
    },
    plan(config, { name }) {
      const plans = script.plans(config);
      const models = plans.length === 1 ? "model" : "models";
      return {
        plans,
        subject: `${plans.length} ${models} on ${name}`,
        files: ["metrics.csv", ...script.figureFiles(plans)],
      };
    },
    train({ config, run, plans, dataset, output }) {
      const { height, width, channels, numClasses } = dataset;
      const sizes = { pixels: height * width * channels, numClasses };
      return trainByHand({
        ...common(config),
        run,
        plans,
        createModel: (plan, random) => script.createModel(plan, sizes, random),
        loss,
        dataset,
        output,
      });
    },
    report({ config, run, plans, dataset }) {
      const metrics = readCsvLog(run.file("metrics.csv"));
      const epochs = byHandRows(metrics, plans, common(config).epochs);
      return {
        title,
        rows: besideReported(
          script.rows(epochs, dataset),
          dataset,
          "octmnist",
        ),
        claims: script.claims(epochs),
        figures: script.figures(epochs),
        deviations,
        notes: [
          ...datasetNotes(dataset, "octmnist"),
          "After the last epoch; every epoch is in metrics.csv, every flag in config.json.",
        ],
        numbers: { models: epochs.map((rows) => rows.at(-1)!) },
      };
    },
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
