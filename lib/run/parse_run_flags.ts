import { isDeepStrictEqual } from "node:util";
import type { FlagSpec, FlagValues } from "../cli/flags.ts";
import { parseFlags } from "../cli/command_line.ts";
import { decisiveFlags, refuseForceWithResume } from "../cli/run_flags.ts";
import { listDirectory } from "./find_run.ts";
import { readRunRecord, RECORD_FILE, resumeCommand } from "./run_record.ts";

/** The flags of a task that can go on with its run. */
type RunFlagSpec = FlagSpec & {
  readonly out: FlagSpec[string];
  readonly force: FlagSpec[string];
  readonly resume: FlagSpec[string];
};

/**
 * Reads the command line of a task that keeps a run. With `--resume`, flags
 * that decide results and are not given have the values that the run in `--out`
 * was started with.
 *
 * @param task name of the script's task in deno.json
 * @param summary what the script does, for `--help`
 * @param spec the fields of the configuration, those of `runFlags` among them
 * @param args the arguments, `Deno.args`
 * @returns every field with its value
 * @throws {UsageError} as `parseFlags`, and for `--force` with `--resume`
 * @throws {HelpRequested} for `--help`
 * @throws {Error} `Cannot resume run: ...` where the run is another task's,
 *   `Cannot read ...` for a damaged record
 *
 * @example
 * ```ts
 * import { runFlags } from "#lib/cli/run_flags.ts";
 * import { parseRunFlags } from "#lib/run/parse_run_flags.ts";
 * import { flag, integer } from "alphalab/cli";
 * import { equal } from "node:assert/strict";
 *
 * const FLAGS = {
 *   epochs: flag(integer({ min: 1 }), { default: 3, describe: "passes" }),
 *   ...runFlags("my-task"),
 * };
 * const { epochs } = parseRunFlags("my-task", "Trains.", FLAGS, []);
 * equal(epochs, 3);
 * ```
 */
export function parseRunFlags<F extends RunFlagSpec>(
  task: string,
  summary: string,
  spec: F,
  args: readonly string[],
): FlagValues<F> {
  const values = parseFlags(task, summary, spec, args);
  const { out, force, resume } = values as Readonly<Record<string, unknown>> & {
    readonly out: string;
    readonly force: boolean;
    readonly resume: boolean;
  };
  refuseForceWithResume({ force, resume });
  if (!resume || !listDirectory(out)?.includes(RECORD_FILE)) return values;
  const record = readRunRecord(out);
  if (record.pinned.task !== task) {
    throw new Error(
      `Cannot resume run: directory ${out} must hold a run of ${task}: got one of ${record.pinned.task} (${
        resumeCommand(out, record)
      } goes on with it)`,
    );
  }
  const recorded = Object.entries(
    decisiveFlags(spec, record.asked ?? record.config),
  );
  for (const [field, value] of recorded) {
    const { kind, default: preset } = spec[field]!;
    const read = kind === undefined
      ? value === true
      : kind.parse(String(value));
    if (isDeepStrictEqual(read, value) || isDeepStrictEqual(preset, value)) {
      continue;
    }
    throw new Error(
      `Cannot read ${out}/${RECORD_FILE}: ${field} must be ${
        kind?.expected ?? "true or false"
      }: got ${JSON.stringify(value)}`,
    );
  }
  return parseFlags(task, summary, spec, args, Object.fromEntries(recorded));
}
