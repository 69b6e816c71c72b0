import { basename, join } from "node:path";
import { gzipSync } from "node:zlib";
import { explainIoError } from "../base/errors.ts";
import { listenForInterruption } from "../base/interruption.ts";
import { lockDirectory } from "../base/lock_directory.ts";
import { writeAtomically } from "../base/write_atomically.ts";
import { downloadFile, type DownloadOptions } from "./_download_file.ts";
import {
  checkFile,
  isGzip,
  isPublished,
  type WantedFile,
} from "./data_file.ts";
import {
  type DatasetRecord,
  type FileRecord,
  readDatasetRecord,
  RECORD_FILE,
  writeDatasetRecord,
} from "./dataset_record.ts";
import { type SourceFile, SOURCES } from "./dataset_sources.ts";
import type { ImageDataset } from "./image_dataset.ts";
import { type DatasetName, loadDataset } from "./load_dataset.ts";
import { type LocatedFile, locateFiles } from "./locate_files.ts";
import { createTransferLine } from "./transfer_line.ts";

/** Where the data sets are, from the project's directory. */
export const DATA_DIRECTORY = "data";

/** Where a data set's files are, in its directory, until they all are right. */
const INCOMING = "incoming";

/** What is there of a data set. */
export interface FoundDataset {
  readonly name: DatasetName;
  /** None: it is not there. */
  readonly files: readonly (FileRecord & {
    readonly name: string;
    readonly bytes: number;
  })[];
  /** Numbers of images; null where there are none. */
  readonly train: number | null;
  readonly validation: number | null;
  readonly test: number | null;
  /** What every run on it says. */
  readonly remarks: readonly string[];
}

/**
 * Reads all of a data set, so that its files are known to be right.
 *
 * @param name of the data set
 * @param directory that holds it, by default its own
 * @returns what is there
 * @throws {Error} as `loadDataset` does for files that are damaged
 */
export async function findDataset(
  name: DatasetName,
  directory: string = join(DATA_DIRECTORY, name),
): Promise<FoundDataset> {
  let record = readDatasetRecord(directory);
  let dataset: ImageDataset | null = null;
  if (name === "fashion-mnist") { // part of the project, so it has no record
    dataset = await loadDataset(name, { directory });
    record = Object.fromEntries(
      Object.entries(dataset.sha256).map(([file, sha256]) => [
        `${file}.gz`,
        { sha256, isPublished: true },
      ]),
    );
  } else if (record !== null) {
    dataset = await loadDataset(name, { directory });
  }
  return {
    name,
    files: Object.entries(record ?? {}).map(([name, known]) => ({
      name,
      bytes: Deno.statSync(join(directory, name)).size,
      ...known,
    })),
    train: dataset?.train.count ?? null,
    validation: dataset?.validation?.count ?? null,
    test: dataset?.test.count ?? null,
    remarks: dataset?.remarks ?? [],
  };
}

/** A data set that has publishers. */
export type SourceName = keyof typeof SOURCES;

/** Where a data set's files come from, and how. */
export interface BringOptions {
  /** A folder that holds the files; null: they are downloaded. */
  readonly from: string | null;
  /** The address of another server's folder; null: the publishers' own. */
  readonly mirror: string | null;
  /** Seconds after which a server is given up that has sent nothing. */
  readonly timeout: number;
  /** Whether to accept other files than the published ones. */
  readonly unverified: boolean;
  /** Whether no line shows how far a download is. */
  readonly quiet: boolean;
  /** Prints a line for the reader. */
  log(line: string): void;
}

/**
 * Brings a data set's files to its directory. Each is held against the
 * published checksum; only when all are there and right do they take the place
 * of what was there before.
 *
 * @param name of the data set
 * @param options see {@linkcode BringOptions}
 * @throws {InterruptedError} after Ctrl-C; what has come is kept
 * @throws {Error} when a file cannot be had, accepted or written
 */
export async function bringDataset(
  name: SourceName,
  options: BringOptions,
): Promise<void> {
  const { from, mirror, timeout, unverified, quiet, log } = options;
  const directory = join(DATA_DIRECTORY, name);
  const incoming = join(directory, INCOMING);
  const source = SOURCES[name];
  const files: readonly (SourceFile | LocatedFile)[] = from === null
    ? source.files
    : locateFiles(from, { name, ...source });
  Deno.mkdirSync(directory, { recursive: true });
  using _lock = lockDirectory(directory);
  Deno.mkdirSync(incoming, { recursive: true });
  log(`bringing ${name} to ${directory}/`);

  const download = async (file: SourceFile) => {
    const url = mirror === null ? file.url : `${mirror}/${file.name}`;
    log(`${file.name}: from ${url}`);
    using interruption = listenForInterruption();
    using line = createTransferLine(file.name, !quiet);
    try {
      return await fetchFile(url, incoming, file, {
        timeout,
        isUnverifiedAllowed: unverified,
        signal: interruption.signal,
        onProgress: line.update,
      });
    } catch (error) {
      const failure = error as Error;
      if (failure.message.startsWith("Cannot download")) {
        failure.message +=
          `; deno task data ${name} --from DIR takes files from a folder`;
      }
      throw failure;
    }
  };
  const record: Record<string, FileRecord> = {};
  const kept: string[] = [];
  for (const file of files) {
    const present = findPublishedFile(directory, file);
    if (present !== null) kept.push(file.name);
    record[file.name] = present ?? findPublishedFile(incoming, file) ??
      ("path" in file
        ? copyFile(incoming, file, unverified)
        : await download(file));
  }
  if (Object.values(record).some(({ isPublished }) => !isPublished)) {
    await checkUnverified(name, record, kept);
  }
  for (const file of Object.keys(record)) {
    if (kept.includes(file)) continue;
    Deno.renameSync(join(incoming, file), join(directory, file));
  }
  writeDatasetRecord(directory, record);
  Deno.removeSync(incoming, { recursive: true });
}

/** Loads the files that no checksum vouches for, or removes them. */
async function checkUnverified(
  name: SourceName,
  record: DatasetRecord,
  kept: readonly string[],
) {
  const directory = join(DATA_DIRECTORY, name);
  const incoming = join(directory, INCOMING);
  for (const file of kept) { // they are loaded together
    Deno.copyFileSync(join(directory, file), join(incoming, file));
  }
  writeDatasetRecord(incoming, record);
  try {
    await findDataset(name, incoming);
  } catch (error) {
    for (const [file, { isPublished }] of Object.entries(record)) {
      if (isPublished && !kept.includes(file)) continue;
      Deno.removeSync(join(incoming, file));
    }
    Deno.removeSync(join(incoming, RECORD_FILE));
    throw error;
  }
}

/** What to record of a published file; null where none lies in its place. */
function findPublishedFile(
  directory: string,
  file: WantedFile,
): FileRecord | null {
  const path = join(directory, file.name);
  let bytes;
  try {
    bytes = Deno.readFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw explainIoError(`read ${path}`, error);
  }
  return isPublished(bytes, file) ? checkFile(bytes, file, false) : null;
}

/**
 * Takes a file from where the user has it. One that comes unpacked, where a
 * gzipped file is wanted, is packed. In the directory it is whole and right, or
 * as it was before.
 */
function copyFile(
  directory: string,
  file: LocatedFile,
  isUnverifiedAllowed: boolean,
): FileRecord {
  const { name, path } = file;
  let bytes: Uint8Array;
  try {
    bytes = Deno.readFileSync(path);
  } catch (error) {
    throw explainIoError(`read ${path}`, error);
  }
  const found = { ...file, name: basename(path) };
  const record = checkFile(bytes, found, isUnverifiedAllowed);
  const isUnpacked = name.endsWith(".gz") && !isGzip(bytes);
  writeAtomically(join(directory, name), isUnpacked ? gzipSync(bytes) : bytes);
  return record;
}

/**
 * Downloads a file, or the rest of it, beside its place, and puts it there. A
 * download that fails keeps what has come; a file that cannot be accepted is
 * deleted.
 */
async function fetchFile(
  url: string,
  directory: string,
  file: WantedFile,
  options: DownloadOptions & { readonly isUnverifiedAllowed: boolean },
): Promise<FileRecord> {
  const path = join(directory, file.name);
  const part = `${path}.part`;
  await downloadFile(url, part, options);
  try {
    const bytes = Deno.readFileSync(part);
    const record = checkFile(bytes, file, options.isUnverifiedAllowed);
    Deno.renameSync(part, path);
    return record;
  } catch (error) {
    Deno.removeSync(part);
    throw error;
  }
}
