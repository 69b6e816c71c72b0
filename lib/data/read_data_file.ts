import { createHash } from "node:crypto";
import { unpackGzip } from "./unpack_gzip.ts";

/**
 * Reads a file of a data set, gzipped or plain.
 *
 * @param path the file
 * @param options.sha256 SHA-256 that the unpacked content must have, 64 hex
 * digits in lower case; not checked when left out
 * @returns the unpacked content
 * @throws {Error} when the file can't be read or unpacked, or has another
 * checksum
 */
export async function readDataFile(
  path: string,
  options: { sha256?: string } = {},
): Promise<Uint8Array> {
  const bytes = unpackGzip(await readFile(path), path);
  if (options.sha256 !== undefined) {
    const actual = sha256Of(bytes);
    if (actual !== options.sha256) {
      throw new Error(
        `Cannot read ${path}: SHA-256 of the unpacked content must be ${options.sha256}: got ${actual}`,
      );
    }
  }
  return bytes;
}

/**
 * A checksum.
 *
 * @param bytes any content
 * @returns SHA-256 in 64 hex digits, lower case
 */
export function sha256Of(bytes: Uint8Array): string {
  // node:crypto and not crypto.subtle: 47 MB took 30 ms against 200.
  return createHash("sha256").update(bytes).digest("hex");
}

async function readFile(path: string): Promise<Uint8Array> {
  try {
    return await Deno.readFile(path);
  } catch (error) {
    const reason = error instanceof Deno.errors.NotFound
      ? "no such file"
      : (error as Error).message;
    throw new Error(
      `Cannot read ${path}: file must exist and be readable: got ${reason}`,
      { cause: error },
    );
  }
}
