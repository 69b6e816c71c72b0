import { isDeepStrictEqual } from "node:util";
import { flagName } from "../base/flag_name.ts";
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

/** The name of the record in the run directory. */
export const RECORD_FILE = "config.json";
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
 * Reads a `config.json`.
 *
 * @param text the file's content
 * @param path the file's name for error messages
 * @returns the record
 * @throws {Error} `Cannot read <path>: ...` for a file that is not one of ours
 */
export function parseRunRecord(text: string, path: string): RunRecord {
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
  return [
    ...compare(
      recorded.config,
      present.config,
      (name) => `--${flagName(name)}`,
    ),
    ...compare(recorded.pinned, present.pinned, (name) => name),
  ];
}

function compare(
  recorded: Facts,
  present: Facts,
  label: (name: string) => string,
): string[] {
  const names = new Set([...Object.keys(recorded), ...Object.keys(present)]);
  return [...names]
    .filter((name) => !isDeepStrictEqual(recorded[name], present[name]))
    .map((name) =>
      `${label(name)} differs: the run has ${show(recorded[name])}: got ${
        show(present[name])
      }`
    );
}

function show(value: JsonValue | undefined): string {
  return value === undefined ? "none" : JSON.stringify(value);
}

/** The file in which a run keeps the end of a net's training. */
export function endFile({ name }: { readonly name: string }): string {
  return `end-${name}.safetensors`;
}

/** Whether a file is one of {@linkcode endFile}. */
export function isEndFile(name: string): boolean {
  return /^end-.*\.safetensors$/.test(name);
}
