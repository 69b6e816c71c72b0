import { join } from "node:path";
import { explainIoError } from "../base/errors.ts";
import { writeAtomically } from "../base/write_atomically.ts";

/** What is known of a file of a data set. */
export interface FileRecord {
  /** Of its content, unpacked where the file is gzipped; 64 hex digits. */
  readonly sha256: string;
  /** Whether the file has the publisher's checksum. */
  readonly isPublished: boolean;
}

/** The files of a data set by their names. */
export type DatasetRecord = Readonly<Record<string, FileRecord>>;

/** The file in a data set's directory that says which files belong to it. */
export const RECORD_FILE = "files.json";

/**
 * Reads which files belong to a data set.
 *
 * @param directory the data set's, there or not
 * @returns the record; null where there is none, so that the set is not there
 * @throws {Error} when the record cannot be read or is damaged
 */
export function readDatasetRecord(directory: string): DatasetRecord | null {
  const path = join(directory, RECORD_FILE);
  let text;
  try {
    text = Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw explainIoError(`read ${path}`, error);
  }
  const record = parse(text);
  if (!isRecord(record)) {
    throw new Error(
      `Cannot read ${path}: it must be as deno task data writes it: got ${
        record === undefined ? "no JSON" : "other JSON"
      }`,
    );
  }
  return record;
}

/**
 * Reads the record of a data set that must be there.
 *
 * @param directory the data set's
 * @param name the data set's, for the error
 * @param files which files the record must have
 * @returns the record
 * @throws {Error} when there is none or a file is not in it, with the command
 * that brings the set, or when it cannot be read
 */
export function requireDatasetRecord<File extends string>(
  directory: string,
  name: string,
  files: readonly File[],
): Readonly<Record<File, FileRecord>> {
  const record = readDatasetRecord(directory);
  if (record === null) {
    throw new Error(
      `Cannot load ${name}: ${name} is not there: deno task data ${name} brings it`,
    );
  }
  const missing = files.find((file) => !(file in record));
  if (missing !== undefined) {
    throw new Error(
      `Cannot load ${name}: ${missing} is not in ${directory}: deno task data ${name} brings it`,
    );
  }
  return record as Record<File, FileRecord>;
}

/**
 * Replaces the record of a data set's files.
 *
 * @param directory the data set's, which exists
 * @param record all of its files
 * @throws {Error} when it cannot be written; the old record is untouched
 */
export function writeDatasetRecord(
  directory: string,
  record: DatasetRecord,
): void {
  writeAtomically(
    join(directory, RECORD_FILE),
    `${JSON.stringify(record, null, 2)}\n`,
  );
}

/**
 * What every run must say of a data set's files.
 *
 * @param record the data set's files
 * @returns a sentence for each that is not the published one
 */
export function recordRemarks(record: DatasetRecord): string[] {
  return Object.entries(record)
    .filter(([, { isPublished }]) => !isPublished)
    .map(([name, { sha256 }]) =>
      `${name} is not the published file: SHA-256 ${sha256.slice(0, 16)}…`
    );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function isRecord(value: unknown): value is DatasetRecord {
  return typeof value === "object" && value !== null &&
    Object.values(value).every((file) =>
      /^[0-9a-f]{64}$/.test(file?.sha256) &&
      typeof file.isPublished === "boolean"
    );
}
