import { createHash } from "node:crypto";
import type { FileRecord } from "./dataset_record.ts";
import type { Checksum } from "./dataset_sources.ts";
import { sha256Of } from "./read_data_file.ts";
import { unpackGzip } from "./unpack_gzip.ts";

/** A file that is to be one of a data set's. */
export interface WantedFile {
  /** Its name. */
  readonly name: string;
  /** What its publisher says of it, if anything. */
  readonly checksum?: Checksum;
}

/**
 * Holds a file against its publisher's checksum.
 *
 * @param bytes the file, packed as it comes
 * @param file what it is to be
 * @returns whether it is the published one
 */
export function isPublished(bytes: Uint8Array, file: WantedFile): boolean {
  const { checksum } = file;
  return checksum !== undefined && digest(bytes, checksum) === checksum.hex;
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
  const { name, checksum } = file;
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
