import { basename, join } from "node:path";
import { gzipSync } from "node:zlib";
import { explainIoError } from "../base/errors.ts";
import { writeAtomically } from "../base/write_atomically.ts";
import {
  checkFile,
  isGzip,
  isPublished,
  type WantedFile,
} from "./data_file.ts";
import type { FileRecord } from "./dataset_record.ts";
import { downloadFile, type DownloadOptions } from "./_download_file.ts";
import type { LocatedFile } from "./locate_files.ts";

/**
 * Looks for a file in its place.
 *
 * @param directory the data set's
 * @param file what it is to be
 * @returns what is to be recorded of it; null where it is not there, or is
 * another than the published one
 * @throws {Error} when it cannot be read
 */
export function findPublishedFile(
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
 * gzipped file is wanted, is packed.
 *
 * @param directory the data set's; there it is whole and right, or as before
 * @param file what it is to be, and where it is
 * @param isUnverifiedAllowed whether to accept a file that is not published
 * @returns what is to be recorded of it
 * @throws {Error} when it cannot be read, accepted or written
 */
export function copyFile(
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
 * Downloads a file, or the rest of it, beside its place, and puts it there.
 *
 * @param url where it is
 * @param directory the data set's; there it is whole and right, or as before
 * @param file what it is to be
 * @param options how the download goes, and whether another file than the
 * published one will do
 * @returns what is to be recorded of it
 * @throws {Error} as {@linkcode downloadFile}, which keeps what has come; or
 * when the file cannot be accepted, which deletes it
 */
export async function fetchFile(
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
