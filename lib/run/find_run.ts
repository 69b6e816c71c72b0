import { isDeepStrictEqual } from "node:util";
import { explainIoError } from "../base/errors.ts";
import { BEAT_FILE } from "../base/lock_by_beat.ts";
import { LOCK_FILE } from "../base/lock_directory.ts";
import {
  describeDifferences,
  type Facts,
  readRunRecord,
  RECORD_FILE,
  resumeCommand,
  type RunIdentity,
  type RunRecord,
} from "./run_record.ts";
import { temporaryPathOf } from "../base/write_atomically.ts";

/** The run of this process, with its flags as they were given or left out. */
type PresentRun = RunIdentity & Pick<RunRecord, "asked">;

/**
 * Looks for a run in a directory and refuses what must not be done with it.
 * Changes nothing.
 *
 * @param path a directory, there or not
 * @param mode `start` a run, also `once` where nobody resumes it, replace one
 *   by `force`, or `resume` one
 * @param present what the run of this process is
 * @param lengthens numbers of its config that may be larger than those of a
 *   finished run
 * @returns the record of the run to replace or to resume; null where the
 *   directory is missing, empty, or holds no more than a run's first moment
 * @throws {Error} `Cannot start run: ...`, `Cannot resume run: ...`,
 *   `Cannot read ...`
 */
export function findRun(
  path: string,
  mode: "start" | "start once" | "force" | "resume",
  present: PresentRun,
  lengthens: readonly string[] = [],
): RunRecord | null {
  const names = listDirectory(path);
  if (names === null) {
    if (mode !== "resume") return null;
    throw new Error(
      `Cannot resume run: directory ${path} must exist: got none`,
    );
  }
  if (!names.includes(RECORD_FILE)) {
    // What a process leaves that was killed before it wrote its record.
    const own = [LOCK_FILE, BEAT_FILE, temporaryPathOf(RECORD_FILE)];
    const other = names.find((name) => !own.includes(name));
    if (other === undefined) return null;
    throw new Error(
      `Cannot ${
        mode === "resume" ? "resume" : "start"
      } run: directory ${path} must be empty or hold a run of alphalab: got other files, ${other} for one`,
    );
  }
  const recorded = readRunRecord(path);
  if (mode === "start" || mode === "start once") {
    const remedies = [
      mode === "start" ? `${resumeCommand(path, recorded)} continues it` : [],
      "--force replaces it",
    ].flat().join(", ");
    throw new Error(
      `Cannot start run: directory ${path} already holds a run: ${remedies}`,
    );
  }
  if (mode === "resume") {
    if (isLengthened(recorded, present, lengthens)) return recorded;
    const finished = { ...recorded, status: "finished" as const };
    const remedy = isLengthened(finished, present, lengthens)
      ? `${resumeCommand(path, recorded)} has to finish it first`
      : isLengthened(finished, present, ["epochs"])
      ? `this task lengthens no run; ${remedyOf(path, recorded, present)}`
      : remedyOf(path, recorded, present);
    refuseDifferences(recorded, present, remedy);
  }
  return recorded;
}

/**
 * Refuses to continue one run as another.
 *
 * @param recorded of the run that exists
 * @param present of the run that wants to go on with it
 * @param remedy what to do instead
 * @throws {Error} `Cannot resume run: ...`, one line with all that differs
 */
export function refuseDifferences(
  recorded: RunIdentity,
  present: RunIdentity,
  remedy: string,
): void {
  const differences = describeDifferences(recorded, present);
  if (differences.length > 0) {
    throw new Error(
      `Cannot resume run: ${[...differences, remedy].join("; ")}`,
    );
  }
}

/**
 * Whether a run is what a finished one becomes by going on.
 *
 * @param recorded of the run that exists
 * @param present of the run that wants to go on with it
 * @param lengthens the numbers of its config that may be larger
 * @returns false where anything else differs, or nothing
 */
export function isLengthened(
  recorded: RunRecord,
  present: RunIdentity,
  lengthens: readonly string[] = [],
): boolean {
  const isLarger = (name: string) =>
    Number(present.config[name]) > Number(recorded.config[name]);
  const larger = lengthens.filter(isLarger);
  const same = Object.fromEntries(
    larger.map((name) => [name, recorded.config[name]!]),
  );
  return recorded.status === "finished" && larger.length > 0 &&
    isDeepStrictEqual(recorded.pinned, present.pinned) &&
    isDeepStrictEqual(recorded.config, { ...present.config, ...same });
}

/** What helps where nothing can go on with a run. */
export const REPLACE_IT = "--force in place of --resume replaces it";

/** What to type in place of a command that is not that of the run. */
function remedyOf(path: string, recorded: RunRecord, present: PresentRun) {
  const { config, pinned, asked } = recorded;
  if (!isDeepStrictEqual(pinned, present.pinned)) return REPLACE_IT;
  // Left out both times, and yet another value: a data set that came or went.
  const needed = Object.entries(config).filter(([name, value]) =>
    !isDeepStrictEqual(value, present.config[name]) &&
    asked !== undefined &&
    isDeepStrictEqual(asked[name], present.asked?.[name])
  );
  const command = resumeCommand(path, recorded, Object.fromEntries(needed));
  return `${command} goes on with its own flags`;
}

/**
 * Whether a run has left a net that was trained with some settings.
 *
 * @param directory the run's, there or not
 * @param file the net's `netFile`
 * @param settings values that the run's config must have
 * @returns false too where it is no run
 * @throws {Error} `Cannot read <path>: ...` for a damaged record
 */
export function holdsNet(
  directory: string,
  file: string,
  settings: Facts,
): boolean {
  const names = listDirectory(directory) ?? [];
  if (!names.includes(file) || !names.includes(RECORD_FILE)) return false;
  const { config } = readRunRecord(directory);
  return Object.entries(settings)
    .every(([name, value]) => isDeepStrictEqual(config[name], value));
}

/**
 * Lists a directory.
 *
 * @param path a directory, there or not
 * @returns its names in order; null where nothing has that path
 * @throws {Error} `Cannot read <path>: <reason>`
 */
export function listDirectory(path: string): string[] | null {
  try {
    return [...Deno.readDirSync(path)].map(({ name }) => name).sort();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw explainIoError(`read ${path}`, error);
  }
}
