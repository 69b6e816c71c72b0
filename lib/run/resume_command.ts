import { describeConfig } from "../cli/command_line.ts";
import type { Facts, RunIdentity } from "./run_record.ts";

/**
 * What to type to go on with a run: the flags that decide its results are taken
 * from its record.
 *
 * @param path the run's directory
 * @param run whose `pinned` names the task
 * @param more flags to give with it
 * @returns `deno task NAME --resume`, with `--out` where it is not the task's
 *   own; `--resume` alone where the run has no task
 */
export function resumeCommand(
  path: string,
  { pinned: { task } }: Pick<RunIdentity, "pinned">,
  more: Facts = {},
): string {
  if (typeof task !== "string") return "--resume";
  const out = path === `runs/${task}` ? "" : path;
  const flags = describeConfig({ out, ...more, resume: true }, Infinity);
  return `deno task ${task}${flags.slice(1)}`;
}
