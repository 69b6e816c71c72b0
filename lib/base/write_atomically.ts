import { explainIoError } from "./errors.ts";

/**
 * Replaces a file as a whole: whoever reads it, also after a kill or a power
 * cut, finds the old content or the new one and never a mixture.
 *
 * The content goes to `<path>.tmp` beside the file, is synced to the disk and
 * then renamed. The name is fixed, so that what a killed process leaves behind
 * is overwritten by the next write; two processes must not write one path at
 * once.
 *
 * @param path a file, there or not, in a directory that exists
 * @param content text is written as UTF-8
 * @throws {Error} `Cannot write <path>: <reason>`; the old file is untouched
 *   and the temporary one gone
 *
 * @example
 * ```ts
 * import { writeAtomically } from "#lib/base/write_atomically.ts";
 * import assert from "node:assert/strict";
 *
 * const directory = Deno.makeTempDirSync();
 * writeAtomically(`${directory}/report.md`, "# Report\n");
 * assert.equal(Deno.readTextFileSync(`${directory}/report.md`), "# Report\n");
 * Deno.removeSync(directory, { recursive: true });
 * ```
 */
export function writeAtomically(
  path: string,
  content: Uint8Array | string,
): void {
  const bytes = typeof content === "string"
    ? new TextEncoder().encode(content)
    : content;
  const temporary = temporaryPathOf(path);
  let file;
  try {
    file = Deno.openSync(temporary, {
      write: true,
      create: true,
      truncate: true,
    });
  } catch (error) {
    throw explainIoError(`write ${path}`, error);
  }
  try {
    try {
      writeFully(file, bytes);
      file.syncDataSync();
    } finally {
      file.close();
    }
    Deno.renameSync(temporary, path);
  } catch (error) {
    const failure = explainIoError(`write ${path}`, error);
    try {
      Deno.removeSync(temporary);
    } catch (cleanup) {
      failure.cause = new AggregateError([error, cleanup]);
    }
    throw failure;
  }
}

/**
 * The name under which {@linkcode writeAtomically} prepares a file.
 *
 * @param path the file that will be replaced
 * @returns the path of the temporary file in the same directory
 */
export function temporaryPathOf(path: string): string {
  return `${path}.tmp`;
}

/**
 * Writes all bytes at the file's position: one `writeSync` may write only a
 * part of them, which it does just before a disk is full.
 *
 * @param file open for writing
 * @param bytes any length, 0 too
 * @throws what `writeSync` throws; Error when the system takes no byte at all
 */
export function writeFully(file: Deno.FsFile, bytes: Uint8Array): void {
  let done = 0;
  while (done < bytes.length) {
    const written = file.writeSync(bytes.subarray(done));
    if (written === 0) throw new Error("the system wrote 0 bytes");
    done += written;
  }
}
