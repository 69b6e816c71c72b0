import {
  commandLine,
  describeConfig,
  parseFlags,
} from "../cli/command_line.ts";
import type { FlagSpec, FlagValues } from "../cli/flags.ts";
import { createOutput, type Output } from "../cli/output.ts";
import { type briefRunFlags, decisiveFlags } from "../cli/run_flags.ts";
import type { Claim, Report } from "../reporting/report.ts";
import { writeReport } from "../reporting/write_report.ts";
import { type CsvRow, writeCsv } from "../run/csv_log.ts";
import {
  completeLine,
  openRunDirectory,
  type RunDirectory,
} from "../run/run_directory.ts";
import type { RunPlan, StartedRun } from "../run/start_run.ts";

/** The flags of a brief task, those of `briefRunFlags` among them. */
export type BriefTaskFlags = FlagSpec & ReturnType<typeof briefRunFlags>;

/** A brief run, before it starts: it is made in one go and never resumed. */
export type BriefRunPlan =
  & Pick<RunPlan, "task" | "subject" | "config" | "files" | "output">
  & { readonly flags: Pick<RunPlan["flags"], "out" | "force"> };

/** What a brief task found. */
export interface BriefReport extends Omit<Report, "command"> {
  readonly claims: readonly Claim[];
  /** The main numbers, for `--json`. */
  readonly numbers: Readonly<Record<string, unknown>>;
  /** What keeps the run from being finished: thrown after the last number. */
  readonly failure?: Error;
}

/** A brief task, by what it has of its own. */
export interface BriefTask<F extends BriefTaskFlags, R> {
  /** In deno.json. */
  readonly name: string;
  /** What it does, for `--help`. */
  readonly summary: string;
  readonly flags: F;
  /** What it computes, in a few words. */
  readonly subject: string;
  /** Refuses flags that exclude each other; by default there are none. */
  check?(config: FlagValues<F>): void;
  /** The files of the report's figures, and those that `write` writes. */
  figureFiles(config: FlagValues<F>): readonly string[];
  /** Opens the run; by default for what computes in float64. */
  start?(plan: BriefRunPlan, config: FlagValues<F>): Promise<StartedRun>;
  /** Computes all that there is, before the first file is written. */
  compute(config: FlagValues<F>, output: Output): R | Promise<R>;
  /** Writes files of its own; by default there are none. */
  write?(run: RunDirectory, result: R): void;
  /** The rows of metrics.csv. */
  rowsOf(result: R): readonly CsvRow[];
  /** Says what was found. */
  report(result: R, config: FlagValues<F>): BriefReport;
}

/**
 * Runs a script that computes for seconds and never resumes, all but what it
 * has of its own: reads the flags, starts the run, computes, writes metrics.csv
 * and the report, and prints the numbers that `--json` asks for.
 *
 * @param task see {@linkcode BriefTask}
 * @throws {UsageError} for flags that cannot be
 * @throws {HelpRequested} for `--help`
 * @throws {Error} as `compute` and the run's directory do, and what `report`
 *   gives as `failure`
 */
export async function runBriefTask<F extends BriefTaskFlags, R>(
  task: BriefTask<F, R>,
): Promise<void> {
  const { name, summary, flags, subject } = task;
  const config = parseFlags(name, summary, flags, Deno.args);
  task.check?.(config);
  const common = config as FlagValues<ReturnType<typeof briefRunFlags>>;
  const output = createOutput(common);
  const decisive = decisiveFlags(flags, config);
  const plan = {
    task: name,
    subject,
    config: decisive,
    flags: common,
    files: [
      "metrics.csv",
      "report.md",
      "report.html",
      ...task.figureFiles(config),
    ],
    output,
  };
  using started = await (task.start?.(plan, config) ?? startPlainRun(plan));
  const { run } = started;
  const begun = performance.now();
  const result = await task.compute(config, output);
  const seconds = (performance.now() - begun) / 1000;
  run.begin();
  writeCsv(run.file("metrics.csv"), task.rowsOf(result));
  task.write?.(run, result);
  const { numbers, failure, ...report } = task.report(result, config);
  const command = commandLine(name, flags, decisive);
  await writeReport(run, output, { ...report, command });
  if (failure === undefined) {
    run.finish();
    output.log(completeLine(run));
  }
  const { out } = common;
  const { claims } = report;
  output.result({ task: name, out, seconds, ...numbers, claims });
  if (failure !== undefined) throw failure;
}

/** Opens a run that needs no backend, and prints what runs. */
function startPlainRun(plan: BriefRunPlan): StartedRun {
  const { task, subject, config, files, flags, output } = plan;
  const { deno, v8 } = Deno.version;
  const run = openRunDirectory({
    path: flags.out,
    config,
    pinned: { task },
    environment: { deno, v8, host: Deno.build.target },
    files,
    force: flags.force,
    resume: null,
  });
  output.log(`${task}: ${subject}`);
  output.log(describeConfig(config));
  output.log(`  Deno ${deno}, V8 ${v8}; float64`);
  return { run, [Symbol.dispose]: () => run.close() };
}
