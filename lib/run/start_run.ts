import {
  backendLines,
  describeBackend,
  inspectBackend,
  startBackend,
} from "../backend/start_backend.ts";
import { wrapText } from "../base/wrap_text.ts";
import { describeConfig } from "../cli/command_line.ts";
import type { Output } from "../cli/output.ts";
import type { ImageDataset } from "../data/image_dataset.ts";
import { openRunDirectory, type RunDirectory } from "./run_directory.ts";
import type { Facts } from "./run_record.ts";

/** A task's run, before it starts. */
export interface RunPlan {
  /** The task's name in deno.json. */
  readonly task: string;
  /** What it trains, in a few words. */
  readonly subject: string;
  /** Where and how it runs. */
  readonly flags: {
    readonly threads: number;
    readonly out: string;
    readonly force: boolean;
    /** null: the task has no such flag. */
    readonly resume: boolean | null;
  };
  /** The flags that decide the results, as they were given. */
  readonly asked: Facts;
  /** Whatever decides the results: flags, with the data set's own sizes. */
  readonly config: Facts;
  /** Left out where the task makes its own. */
  readonly dataset?: Pick<ImageDataset, "sha256" | "remarks">;
  /** What else decides the results. */
  readonly pinned?: Facts;
  /** All files that the run will write. */
  readonly files: readonly string[];
  /** Flags that may be larger where a finished run goes on; none by default. */
  readonly lengthens?: readonly string[];
  /** Whether workers start a backend each, and this process starts none. */
  readonly inWorkers?: boolean;
  /** Where lines are printed. */
  readonly output: Output;
}

/** A run with its backend, until it is disposed of. */
export interface StartedRun extends Disposable {
  /** The run's directory. */
  readonly run: RunDirectory;
}

/**
 * Starts the backend unless workers do, opens the run's directory, and says
 * what starts and what it runs with: configuration, versions, and the remarks
 * of the data set. Of a run that is refused nothing is printed.
 *
 * @param plan see {@linkcode RunPlan}
 * @returns the run; its disposal closes the directory and stops the backend
 * @throws {Error} as `startBackend` and `openRunDirectory` do; nothing is left
 * running then
 */
export async function startRun(plan: RunPlan): Promise<StartedRun> {
  const { task, subject, flags, config, dataset, files, output } = plan;
  const { threads, out, force, resume } = flags;
  using cleanup = new DisposableStack();
  const backend = plan.inWorkers
    ? { ...await inspectBackend(threads), stop() {} }
    : await startBackend({ threads });
  cleanup.defer(() => backend.stop());
  const { pinned, environment } = describeBackend(backend);
  const run = openRunDirectory({
    path: out,
    config,
    pinned: {
      task,
      ...pinned,
      ...plan.pinned,
      ...dataset && { sha256: dataset.sha256 },
    },
    asked: plan.asked,
    environment,
    files,
    force,
    resume,
    lengthens: plan.lengthens,
  });
  cleanup.defer(() => run.close());
  // What is refused has not started.
  output.log(`${task}: ${subject}`);
  output.log(describeConfig(config));
  output.log(backendLines(backend));
  for (const remark of dataset?.remarks ?? []) output.log(wrapText(remark));
  const started = cleanup.move();
  return { run, [Symbol.dispose]: () => started.dispose() };
}
