import { goOn, lengthen, startOver, writeRecord } from "./_begin_run.ts";
import { formatDuration } from "../base/format.ts";
import {
  type Checkpoint,
  loadCheckpoint,
  saveCheckpoint,
} from "./checkpoint.ts";
import { explainIoError } from "../base/errors.ts";
import {
  findRun,
  isLengthened,
  listDirectory,
  refuseDifferences,
  REPLACE_IT,
} from "./find_run.ts";
import type { JsonValue } from "../base/json_value.ts";
import { lockDirectory } from "../base/lock_directory.ts";
import {
  CHECKPOINT_FILE,
  createRunRecord,
  type Facts,
  isPlainFileName,
  resumeCommand,
  type RunIdentity,
} from "./run_record.ts";

/** What {@link openRunDirectory} needs to know of a run. */
export interface RunDirectoryOptions extends RunIdentity {
  /** The directory; it and its parents are made where missing. */
  path: string;
  /** The names of all files that the run may write through `file(name)`. */
  files: readonly string[];
  /** The flags of `config` as they were given or left out: recorded. */
  asked?: Facts;
  /** Versions, threads, CPU: recorded, free to differ on a resume. */
  environment: Facts;
  /** Replace the run that is there. */
  force: boolean;
  /** Go on with the run that is there; null: who runs it never does. */
  resume: boolean | null;
  /** Numbers of `config` that may be larger where a finished run resumes. */
  lengthens?: readonly string[];
}

/** A run directory that this process alone works in. */
export interface RunDirectory {
  /** The newest checkpoint of the run that resumes; null without one. */
  readonly checkpoint: Checkpoint | null;
  /** Whether the run that resumes is complete: nothing is left to train. */
  readonly finished: boolean;
  /** What to type to go on with the run after an interruption. */
  readonly resumeCommand: string;
  /**
   * Seconds of work in it so far, all parts of an interrupted run together;
   * undefined for a finished one that an earlier version did not time.
   */
  readonly seconds: number | undefined;
  /**
   * To be called once, right before the first write. Only now a replaced run's
   * files are removed, and those of a part that no checkpoint covers. Does
   * nothing for a finished run.
   */
  begin(): void;
  /** The path of one of the run's files; a TypeError for an undeclared name. */
  file(name: string): string;
  /** Replaces the checkpoint; the logs in its state must be flushed before. */
  saveCheckpoint(checkpoint: Checkpoint): void;
  /** Marks the run as finished: the last write, after figures and report. */
  finish(): void;
  /** Lets other processes in again. */
  close(): void;
}

/**
 * Opens the directory that holds a run: `config.json`, a checkpoint and the
 * files that the run declares.
 *
 * A directory that is missing or empty takes a fresh run. One that holds a run
 * is refused, and nothing in it touched, without `force` or `resume`. `force`
 * replaces a run of alphalab, never anything else; files of the user's own
 * beside it stay. `resume` goes on after the last checkpoint, or from the
 * beginning where the run was killed before its first one; config and pinned
 * facts must be the run's own, both in `config.json` and in the checkpoint.
 *
 * @param options see {@link RunDirectoryOptions}
 * @returns the directory, locked against other processes until `close()`
 * @throws {TypeError} for `force` together with `resume`, or a name in `files`
 *   that is not a plain file name
 * @throws {Error} `Cannot start run: ...`, `Cannot resume run: ...`,
 *   `Cannot read ...`, `Cannot load checkpoint ...`, `Cannot write ...`
 *
 * @example
 * ```ts
 * import { openRunDirectory } from "alphalab/run";
 * import assert from "node:assert/strict";
 *
 * const path = Deno.makeTempDirSync();
 * const run = openRunDirectory({
 *   path,
 *   files: ["metrics.csv"],
 *   config: { learningRate: 0.001 },
 *   pinned: {},
 *   environment: { threads: 2 },
 *   force: false,
 *   resume: false,
 * });
 * run.begin();
 * run.finish();
 * run.close();
 * assert.equal(
 *   JSON.parse(Deno.readTextFileSync(`${path}/config.json`)).status,
 *   "finished",
 * );
 * Deno.removeSync(path, { recursive: true });
 * ```
 */
export function openRunDirectory(options: RunDirectoryOptions): RunDirectory {
  const { path, files, config, pinned, environment, force } = options;
  const { lengthens } = options;
  const resume = options.resume ?? false;
  if (force && resume) {
    throw new TypeError(
      "Cannot start run: --force and --resume exclude each other: got both",
    );
  }
  const misnamed = files.find((name) => !isPlainFileName(name));
  if (misnamed !== undefined) {
    throw new TypeError(
      `Cannot start run: file names must be plain, as metrics.csv: got ${misnamed}`,
    );
  }
  if (
    Deno.permissions.querySync({ name: "write", path }).state !== "granted"
  ) {
    throw new Error(
      `Cannot write ${path}: the task may write under runs/ only`,
    );
  }
  const fresh = createRunRecord({ config, pinned }, environment, [
    ...files,
    CHECKPOINT_FILE,
  ], options.asked);
  const start = options.resume === null ? "start once" : "start";
  const mode = force ? "force" : resume ? "resume" : start;
  // Before the lock too, since a refusal must not touch the directory.
  findRun(path, mode, fresh, lengthens);
  makeDirectory(path);
  const lock = lockDirectory(path);
  try {
    const recorded = findRun(path, mode, fresh, lengthens);
    // What lies in a run that was still starting belongs to the one before.
    const longer = resume && recorded !== null &&
      isLengthened(recorded, fresh, lengthens);
    const own = resume && recorded && recorded.status !== "starting" && !longer
      ? loadOwnCheckpoint(path, fresh)
      : null;
    const checkpoint = own && { state: own.state, tensors: own.tensors };
    const finished = resume && recorded?.status === "finished" && !longer;
    const before = own?.seconds ?? (resume ? recorded?.seconds : 0) ?? 0;
    let record = fresh;
    const opened = performance.now();
    const worked = () => before + (performance.now() - opened) / 1000;
    return {
      checkpoint,
      finished,
      resumeCommand: resumeCommand(path, { pinned }),
      get seconds() {
        return finished ? recorded.seconds : worked();
      },
      begin() {
        if (finished) return;
        record = recorded && checkpoint
          ? goOn(path, recorded, fresh.environment)
          : longer
          ? lengthen(path, recorded, fresh)
          : startOver(path, recorded, fresh, resume);
      },
      file(name) {
        if (!files.includes(name)) {
          throw new TypeError(
            `Cannot write ${name}: it must be one of the run's ${files}`,
          );
        }
        return `${path}/${name}`;
      },
      saveCheckpoint({ state, tensors }) {
        const bound = {
          run: { config: fresh.config, pinned: fresh.pinned },
          state,
          seconds: worked(),
        };
        saveCheckpoint(`${path}/${CHECKPOINT_FILE}`, {
          state: bound,
          tensors,
        });
      },
      finish() {
        if (finished) return;
        const total = { seconds: worked() };
        writeRecord(path, { ...record, status: "finished", ...total });
      },
      close: () => lock.close(),
    };
  } catch (error) {
    lock.close();
    throw error;
  }
}

/**
 * What every task that keeps a run says at its end.
 *
 * @param run complete, with a `report.md`
 * @returns how long it took, all parts of an interrupted run together, where
 *   that is known, and where the results are
 */
export function completeLine(
  run: Pick<RunDirectory, "seconds" | "file">,
): string {
  const { seconds } = run;
  const time = seconds === undefined ? "" : ` in ${formatDuration(seconds)}`;
  return `complete${time}: ${run.file("report.md")}`;
}

/**
 * The checkpoint without its binding to the run, and the run's seconds; null
 * where none has been saved yet.
 */
function loadOwnCheckpoint(directory: string, present: RunIdentity) {
  const path = `${directory}/${CHECKPOINT_FILE}`;
  if (!listDirectory(directory)?.includes(CHECKPOINT_FILE)) return null;
  const { state, tensors } = loadCheckpoint(path);
  const bound = state as {
    run?: RunIdentity;
    state?: JsonValue;
    seconds?: number;
  } | null;
  if (bound?.run === undefined || bound.state === undefined) {
    throw new Error(
      `Cannot load checkpoint ${path}: it must be of a run: got one without a run's configuration`,
    );
  }
  refuseDifferences(bound.run, present, REPLACE_IT);
  return { state: bound.state, tensors, seconds: bound.seconds };
}

function makeDirectory(path: string) {
  try {
    Deno.mkdirSync(path, { recursive: true });
  } catch (error) {
    throw explainIoError(`write ${path}`, error);
  }
}
