import { describeConfig } from "../cli/command_line.ts";
import { openRunDirectory, type RunDirectory } from "./run_directory.ts";
import type { RunPlan } from "./start_run.ts";

/** A plain run, before it starts: it is made in one go and never resumed. */
export type PlainRunPlan =
  & Pick<RunPlan, "task" | "subject" | "config" | "files" | "output">
  & { readonly flags: Pick<RunPlan["flags"], "out" | "force"> };

/**
 * Opens the directory of a run that computes in float64 without the backend,
 * and prints what runs: the subject, the configuration and the versions.
 *
 * @param plan see {@linkcode PlainRunPlan}
 * @returns the run; its disposal closes the directory
 * @throws {Error} as `openRunDirectory` does
 */
export function startPlainRun(
  plan: PlainRunPlan,
): { readonly run: RunDirectory } & Disposable {
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
