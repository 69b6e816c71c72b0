import { explainIoError } from "./explain_io_error.ts";

/** The file inside a directory that carries the lock; it is left there. */
export const LOCK_FILE = ".lock";

/**
 * Takes a directory for this process alone. The system releases the lock when
 * the process ends in whatever way, kill -9 too, so that none is left stale.
 *
 * @param path a directory that exists
 * @returns the open lock file: closing it releases the lock
 * @throws {Error} `Cannot use <path>: another process is working there`, or
 *   `Cannot lock <path>: <reason>` where files cannot be locked
 */
export function lockDirectory(path: string): Deno.FsFile {
  let file;
  let locked;
  try {
    file = Deno.openSync(`${path}/${LOCK_FILE}`, { write: true, create: true });
    locked = file.tryLockSync(true);
  } catch (error) {
    file?.close();
    throw explainIoError(file ? `lock ${path}` : `write ${path}`, error);
  }
  if (!locked) {
    file.close();
    throw new Error(`Cannot use ${path}: another process is working there`);
  }
  return file;
}
