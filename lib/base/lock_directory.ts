import { explainIoError } from "./errors.ts";
import { type DirectoryLock, isBeating, lockByBeat } from "./lock_by_beat.ts";

/** The file inside a directory that carries the lock; it is left there. */
export const LOCK_FILE = ".lock";

/** ms that {@linkcode isLocked} of another process never takes. */
const PROBE = 50;

/**
 * Takes a directory for this process alone. The system releases the lock when
 * the process ends in whatever way, kill -9 too, so that none is left stale.
 * Where the disk cannot lock files, as some network file systems, a warning is
 * printed and {@linkcode lockByBeat} stands in.
 *
 * @param path a directory that exists
 * @returns the lock, until `close()` or the end of the process
 * @throws {Error} `Cannot use <path>: another process is working there`, or
 *   `Cannot write <path>: <reason>`
 */
export function lockDirectory(path: string): DirectoryLock {
  let file;
  try {
    file = Deno.openSync(`${path}/${LOCK_FILE}`, { write: true, create: true });
  } catch (error) {
    throw explainIoError(`write ${path}`, error);
  }
  try {
    if (tryTwice(file)) return lockOf(file);
  } catch (error) {
    file.close();
    const { message } = explainIoError(`lock ${path}`, error);
    console.error(`${message}; a file that is rewritten stands in for a lock`);
    return lockByBeat(path);
  }
  file.close();
  throw new Error(`Cannot use ${path}: another process is working there`);
}

/**
 * Whether some process works in a directory now. Changes nothing and needs no
 * permission but to read.
 *
 * @param path a directory, there or not
 * @returns false also where it cannot be told
 */
export function isLocked(path: string): boolean {
  try {
    // Shared, as it is not to keep others out, and can be had by a reader.
    using file = Deno.openSync(`${path}/${LOCK_FILE}`);
    if (!file.tryLockSync(false)) return true;
    file.unlockSync();
    return false;
  } catch (error) {
    return !(error instanceof Deno.errors.NotFound) && isBeating(path);
  }
}

/**
 * The lock that a file carries. Closing the file is not enough to give it up:
 * a process that another thread is starting has the file open too for a while.
 */
function lockOf(file: Deno.FsFile): DirectoryLock {
  const close = () => {
    file.unlockSync();
    file.close();
  };
  return { close, [Symbol.dispose]: close };
}

/** Once more, for what `isLocked` of another process was in the way of. */
function tryTwice(file: Deno.FsFile): boolean {
  if (file.tryLockSync(true)) return true;
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PROBE);
  return file.tryLockSync(true);
}
