import { isDeepStrictEqual } from "node:util";
import { explainIoError } from "../base/errors.ts";
import { describeConfig } from "../cli/command_line.ts";
import { flagName } from "../base/format.ts";
import type { JsonValue } from "../base/json_value.ts";

/** Named values of a run's record. */
export type Facts = Readonly<Record<string, JsonValue>>;

/** What decides every byte of a run's results. */
export interface RunIdentity {
  /** The resolved flags that influence results, keyed in camelCase. */
  config: Facts;
  /** What is no flag and yet does, as SIMD level and data set SHA-256. */
  pinned: Facts;
}

/** The content of a run directory's `config.json`. */
export interface RunRecord extends RunIdentity {
  format: typeof FORMAT;
  version: typeof VERSION;
  /**
   * `starting`: an older run's files may still lie there and are void;
   * `running`: to be resumed; `finished`: every file is complete.
   */
  status: "starting" | "running" | "finished";
  /**
   * The flags of `config` as they were given or left out, for a resume; without
   * them, `config` itself.
   */
  asked?: Facts;
  /** Versions, threads, CPU: what should not change results. */
  environment: Facts;
  /** The environments of resumed parts that differ from the part before. */
  resumedIn: Facts[];
  /** What a finished run took, s, all its parts together. */
  seconds?: number;
  /** Every file that the run writes, besides `config.json`. */
  files: string[];
}

/** A fact that two runs do not share; absent where a run does not have it. */
export interface Difference {
  /** `--learning-rate` for a flag, else the fact's name. */
  readonly name: string;
  readonly a?: JsonValue;
  readonly b?: JsonValue;
}

/** The name of the record in the run directory. */
export const RECORD_FILE = "config.json";

/** The name of its checkpoint there. */
export const CHECKPOINT_FILE = "checkpoint.safetensors";

const FORMAT = "alphalab-run";
const VERSION = 1;

/**
 * Makes the record of a run that starts.
 *
 * @param identity copied as JSON would carry it
 * @param environment copied too
 * @param files the run's file names
 * @param asked the flags as they were given or left out
 * @returns a record with status `starting`
 */
export function createRunRecord(
  { config, pinned }: RunIdentity,
  environment: Facts,
  files: readonly string[],
  asked?: Facts,
): RunRecord {
  return JSON.parse(JSON.stringify({
    format: FORMAT,
    version: VERSION,
    status: "starting",
    config,
    pinned,
    asked,
    environment,
    resumedIn: [],
    files,
  }));
}

/**
 * Reads the record in a run's directory.
 *
 * @param directory the run's directory
 * @returns the content of its `config.json`
 * @throws {Error} `Cannot read <path>: ...` where there is no such file, or one
 *   that is no record of a run
 */
export function readRunRecord(directory: string): RunRecord {
  const path = `${directory}/${RECORD_FILE}`;
  let text;
  try {
    text = Deno.readTextFileSync(path);
  } catch (error) {
    throw explainIoError(`read ${path}`, error);
  }
  return parseRunRecord(text, path);
}

/** Reads what a file of this path holds. */
function parseRunRecord(text: string, path: string): RunRecord {
  let record;
  try {
    record = JSON.parse(text);
  } catch (error) {
    throw new Error(
      `Cannot read ${path}: it must be the record of a run: got no JSON`,
      { cause: error },
    );
  }
  const found = `${record?.format} ${record?.version}`;
  if (found !== `${FORMAT} ${VERSION}`) {
    throw new Error(
      `Cannot read ${path}: its format must be ${FORMAT} ${VERSION}: got ${
        JSON.stringify(found)
      }`,
    );
  }
  const { config, pinned, environment, resumedIn, files } = record;
  const { asked = config } = record;
  const whole = [config, pinned, asked, environment].every(isFacts) &&
    Array.isArray(resumedIn) && resumedIn.every(isFacts) &&
    Array.isArray(files) && files.every(isPlainFileName);
  if (!whole) {
    throw new Error(
      `Cannot read ${path}: it must be the record of a run: got an edited one`,
    );
  }
  return record;
}

/**
 * Tells whether a name is that of a file right in the run directory, and not
 * of one of the directory's own: files are removed by these names.
 *
 * @param name anything
 * @returns true for names as `metrics.csv`
 */
export function isPlainFileName(name: unknown): name is string {
  return typeof name === "string" && /^\w[\w.+-]*$/.test(name) &&
    name !== RECORD_FILE;
}

function isFacts(value: unknown): value is Facts {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Says where two runs' identities differ.
 *
 * @param recorded of the run that exists
 * @param present of the run that wants to go on with it
 * @returns one phrase a difference, as
 *   `--learning-rate differs: the run has 0.001: got 0.01`; none when equal
 */
export function describeDifferences(
  recorded: RunIdentity,
  present: RunIdentity,
): string[] {
  return compareIdentities(recorded, present).map(({ name, a, b }) =>
    `${name} differs: the run has ${show(a)}: got ${show(b)}`
  );
}

function compareIdentities(a: RunIdentity, b: RunIdentity): Difference[] {
  return [
    ...compareFacts(a.config, b.config, (name) => `--${flagName(name)}`),
    ...compareFacts(a.pinned, b.pinned),
  ];
}

function compareFacts(
  a: Facts,
  b: Facts,
  label: (name: string) => string = String,
): Difference[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])]
    .filter((name) => !isDeepStrictEqual(a[name], b[name]))
    .map((name) => ({ name: label(name), a: a[name], b: b[name] }));
}

function show(value: JsonValue | undefined): string {
  return value === undefined ? "none" : JSON.stringify(value);
}

/**
 * Says where the records of two runs differ.
 *
 * @param a the record of a run
 * @param b the record of another
 * @returns the flags that differ, then what is pinned, then the environment
 */
export function compareRecords(a: RunRecord, b: RunRecord): Difference[] {
  return [
    ...compareIdentities(a, b),
    ...compareFacts(a.environment, b.environment),
  ];
}

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

/**
 * A value of a run's record for the reader, in one line.
 *
 * @param value a flag's value, or a fact's
 * @returns lists and objects with commas, checksums shortened
 */
export function factText(value: JsonValue): string {
  if (typeof value === "object" && value !== null) {
    return Object.entries(value).map(([name, one]) =>
      Array.isArray(value) ? factText(one) : `${name} ${factText(one)}`
    ).join(", ");
  }
  const text = String(value).trim().replace(/\s+/g, " ");
  return /^[\da-f]{40,}$/.test(text) ? `${text.slice(0, 12)}…` : text;
}

/** The file in which a run keeps the end of a net's training. */
export function endFile({ name }: { readonly name: string }): string {
  return `end-${name}.safetensors`;
}

/** Whether a file is one of {@linkcode endFile}. */
export function isEndFile(name: string): boolean {
  return /^end-.*\.safetensors$/.test(name);
}
