import { commandLine } from "../cli/command_line.ts";
import type { FlagSpec, FlagValues } from "../cli/flags.ts";
import { createOutput, type Output } from "../cli/output.ts";
import {
  decisiveFlags,
  refuseLargeBatch,
  type runFlags,
} from "../cli/run_flags.ts";
import type { ImageDataset } from "../data/image_dataset.ts";
import { type DatasetName, loadDatasetOr } from "../data/load_dataset.ts";
import type { Report } from "../reporting/report.ts";
import { writeReport } from "../reporting/write_report.ts";
import { parseRunFlags } from "../run/parse_run_flags.ts";
import { completeLine, type RunDirectory } from "../run/run_directory.ts";
import type { Facts } from "../run/run_record.ts";
import { startRun } from "../run/start_run.ts";

/** The flags of a task, those of `runFlags` among them. */
export type TaskFlags = FlagSpec & ReturnType<typeof runFlags>;

/** What a task is about to do. */
export interface TaskPlan {
  /** What it trains, in a few words. */
  readonly subject: string;
  /** All files that it writes, but for the report's own two. */
  readonly files: readonly string[];
  /** What decides the results beside the flags. */
  readonly pinned?: Facts;
}

/** What a task's functions are given: its plan `P`, and what it runs with. */
type Context<F extends FlagSpec, D, P> = P & {
  /** The flags' values. */
  readonly config: FlagValues<F>;
  /** What `data.take` took; null for a task that makes its own images. */
  readonly dataset: D;
  readonly run: RunDirectory;
  readonly output: Output;
};

/** The same, by the task's flags and the function that is its `plan`. */
export type TaskContext<
  F extends FlagSpec,
  // deno-lint-ignore no-explicit-any -- of any configuration and data set
  Plan extends (config: any, dataset: any) => unknown,
> = Context<
  F,
  // deno-lint-ignore no-explicit-any -- of any configuration
  Parameters<Plan> extends [any, infer D] ? D : null,
  Awaited<ReturnType<Plan>>
>;

/** Main numbers by their names, for `--json`. */
type Numbers = Readonly<Record<string, unknown>>;

/** What a task found. */
export interface TaskReport extends Omit<Report, "command"> {
  /** The main numbers, for `--json`. */
  readonly numbers: Numbers;
  /** What keeps the run from being finished: thrown after the last number. */
  readonly failure?: Error;
}

/** A task, by what it has of its own. */
export interface Task<F extends TaskFlags, D, P extends TaskPlan, T> {
  /** In deno.json. */
  readonly name: string;
  /** What it does, for `--help`. */
  readonly summary: string;
  /** Without `threads`, workers compute and start a backend each. */
  readonly flags: F;
  /** Flags that may be larger where a finished run goes on; none by default. */
  readonly lengthens?: readonly string[];
  /** Left out where the task makes its own images. */
  readonly data?: {
    /** What the report used; `--dataset` may name another. */
    readonly reported: DatasetName;
    /** What is used of a data set: `takeSplits`, say. */
    take(whole: ImageDataset, config: FlagValues<F>): D;
  };
  /** What there is to do; refuses flags that ask for what cannot be done. */
  plan(config: FlagValues<F>, dataset: D): P | Promise<P>;
  /** Trains, where the run is not finished yet; it begins the run. */
  train(context: Context<F, D, P>): T | Promise<T>;
  /** Reads the run's files, and says what was found. */
  report(
    context: Context<F, D, P>,
    trained: T,
  ): TaskReport | Promise<TaskReport>;
  /** What is left to do for a run that is finished; more for `--json`. */
  finish?(context: Context<F, D, P>): Promise<Numbers | void> | void;
}

/** The flags of many tasks. */
interface CommonConfig extends FlagValues<ReturnType<typeof runFlags>> {
  readonly threads?: number;
  readonly dataset?: DatasetName | null;
  readonly batchSize?: number;
  readonly trainSize?: number | null;
}

/**
 * Runs a training script, all but what it has of its own: reads the flags,
 * loads the data, starts the run, lets it train, writes its report, and prints
 * the numbers that `--json` asks for.
 *
 * @param task see {@linkcode Task}
 * @throws {UsageError} for flags that cannot be, or more images than there are
 * @throws {HelpRequested} for `--help`
 * @throws {InterruptedError} after Ctrl-C, when the training is saved
 * @throws {Error} as loading, training and the run's directory do, and what
 *   `report` gives as `failure`
 */
export async function runTask<
  F extends TaskFlags,
  P extends TaskPlan,
  D extends ImageDataset | null = null,
  T = void,
>(task: Task<F, D, P, T>): Promise<void> {
  const { name, flags, data } = task;
  const config = parseRunFlags(name, task.summary, flags, Deno.args);
  const common = config as unknown as CommonConfig;
  const { out, force, resume, threads = 1, batchSize, trainSize } = common;
  const output = createOutput(common);
  const dataset = data
    ? data.take(
      await loadDatasetOr(common.dataset ?? null, data.reported),
      config,
    )
    : null as D;
  if (batchSize !== undefined) {
    const { count } = dataset?.train ?? { count: Infinity };
    refuseLargeBatch({ batchSize }, {
      count: Math.min(trainSize ?? Infinity, count),
    });
  }
  const plan = await task.plan(config, dataset);
  const asked = decisiveFlags(flags, config);
  using started = await startRun({
    task: name,
    subject: plan.subject,
    flags: { out, force, resume, threads },
    asked,
    config: { ...asked, ...dataset && sizesOf(dataset, asked) },
    dataset: dataset ?? undefined,
    pinned: plan.pinned,
    files: [...plan.files, "report.md", "report.html"],
    lengthens: task.lengthens,
    inWorkers: !("threads" in flags),
    output,
  });
  const { run } = started;
  const context = { ...plan, config, dataset, run, output };
  const trained = await task.train(context);
  const found = await task.report(context, trained);
  const { numbers, failure, ...report } = found;
  const command = commandLine(name, flags, asked);
  await writeReport(run, output, { ...report, command });
  let more;
  if (failure === undefined) {
    run.finish();
    more = await task.finish?.(context);
    output.log(completeLine(run));
  }
  output.result({
    task: name,
    out,
    ...dataset && { dataset: dataset.name },
    seconds: run.seconds ?? null,
    ...more,
    ...numbers,
  });
  if (failure !== undefined) throw failure;
}

/** The data set and its sizes, in the place of flags that ask for more. */
function sizesOf(
  { name, train, validation, test }: ImageDataset,
  asked: Facts,
): Facts {
  const sizes = {
    trainSize: train.count,
    validationSize: validation?.count ?? null,
    testSize: test.count,
  };
  const more = Object.entries(sizes).filter(([flag, count]) =>
    asked[flag] === null || Number(asked[flag]) > count!
  );
  return { dataset: name, ...Object.fromEntries(more) };
}
