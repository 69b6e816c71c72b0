import { createHash } from "node:crypto";
import type { FileRecord } from "./dataset_record.ts";
import { sha256Of } from "./read_data_file.ts";
import { isGzip, unpackGzip } from "./unpack_gzip.ts";

/** What a publisher says of a file, packed as it comes. */
export interface Checksum {
  readonly algorithm: "sha256" | "md5";
  /** Lower case. */
  readonly hex: string;
}

/** A file that is to be one of a data set's. */
export interface WantedFile {
  /** Its name. */
  readonly name: string;
  /** Other names under which it comes, those first that are likelier whole. */
  readonly aliases?: readonly string[];
  /** What its publisher says of it, if anything. */
  readonly checksum?: Checksum;
  /** SHA-256 of the published file unpacked, 64 hex digits, where it is known. */
  readonly contentSha256?: string;
}

/**
 * Holds a file against its publisher's checksum.
 *
 * @param bytes the file, packed as it comes, or plain
 * @param file what it is to be
 * @returns whether it is the published one, or what that has in it
 */
export function isPublished(bytes: Uint8Array, file: WantedFile): boolean {
  const checksum = checksumFor(bytes, file);
  return checksum !== undefined && digest(bytes, checksum) === checksum.hex;
}

/** What must hold of these bytes: another thing of plain ones, if it is known. */
function checksumFor(
  bytes: Uint8Array,
  { checksum, contentSha256 }: WantedFile,
): Checksum | undefined {
  return contentSha256 === undefined || isGzip(bytes)
    ? checksum
    : { algorithm: "sha256", hex: contentSha256 };
}

/**
 * Accepts a file as one of a data set's, or refuses it.
 *
 * @param bytes the file, packed as it comes
 * @param file what it is to be
 * @param isUnverifiedAllowed whether another file than the published one will do
 * @returns what is to be recorded of it
 * @throws {Error} when it is not the published file, or is truncated or damaged
 * gzip data
 */
export function checkFile(
  bytes: Uint8Array,
  file: WantedFile,
  isUnverifiedAllowed: boolean,
): FileRecord {
  const { name } = file;
  const checksum = checksumFor(bytes, file);
  const published = isPublished(bytes, file);
  if (!published && !isUnverifiedAllowed) {
    const expected = checksum === undefined
      ? "it must have a published checksum: got none"
      : `its ${checksum.algorithm} must be ${checksum.hex}: got ${
        digest(bytes, checksum)
      }`;
    throw new Error(
      `Cannot accept ${name}: ${expected} (--unverified takes it all the same)`,
    );
  }
  return { sha256: sha256Of(unpackGzip(bytes, name)), isPublished: published };
}

function digest(bytes: Uint8Array, { algorithm }: Checksum): string {
  return createHash(algorithm).update(bytes).digest("hex");
}
