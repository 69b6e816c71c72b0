import { Worker } from "node:worker_threads";
import { explainIoError } from "./errors.ts";
import type { Beat } from "./_lock_beat_worker.ts";

/** The file inside a directory that its holder rewrites again and again. */
export const BEAT_FILE = ".lock-beat";

/** A directory that this process alone works in. */
export interface DirectoryLock extends Disposable {
  /** Lets other processes in again. */
  close(): void;
}

/** ms between two beats. */
const PERIOD = 2_000;

/** ms without a beat after which a holder is taken to be gone. */
const SILENCE = 10_000;

/** ms between two looks at another holder's file. */
const LOOK = 250;

/** ms after which a holder that took over at the same moment is seen. */
const SETTLE = 1_000;

/**
 * Takes a directory for this process alone where the disk cannot lock files:
 * the file {@linkcode BEAT_FILE} names the holder and changes every two seconds
 * as long as the holder lives. A file that does not change for ten seconds is a
 * dead holder's, from whatever host, and is taken over; no clock is compared. A
 * worker keeps the beat, so that long computations do not delay it.
 *
 * A holder that was stopped for longer (SIGSTOP) and finds that another one
 * took over ends its process, with exit code 1.
 *
 * @param path a directory that exists
 * @returns the lock, until `close()` or the end of the process
 * @throws {Error} `Cannot use <path>: another process is working there`, or
 *   `Cannot write <path>: <reason>`
 */
export function lockByBeat(path: string): DirectoryLock {
  const file = `${path}/${BEAT_FILE}`;
  const holder = `${Deno.pid}-${performance.timeOrigin}`;
  try {
    takeFile(path, file, `${holder} 0\n`);
  } catch (error) {
    if (error instanceof InUseError) throw error;
    throw explainIoError(`write ${path}`, error);
  }
  const workerData: Beat = { path: file, holder, period: PERIOD };
  const module = workerModule();
  const worker = new Worker(module, { workerData });
  worker.unref();
  worker.on("message", () => {
    console.error(`Cannot go on: another process has taken ${path} over`);
    Deno.exit(1);
  });
  let isOpen = true;
  const close = () => {
    if (!isOpen) return;
    isOpen = false;
    void worker.terminate();
    if (read(file)?.startsWith(holder)) Deno.removeSync(file);
  };
  return { close, [Symbol.dispose]: close };
}

/** Node's worker takes no module of a server, but one that imports such one. */
function workerModule(): URL {
  const module = new URL("./_lock_beat_worker.ts", import.meta.url);
  if (module.protocol === "file:") return module;
  const source = `import ${JSON.stringify(module.href)}`;
  return new URL(`data:text/javascript,${encodeURIComponent(source)}`);
}

/**
 * Whether a directory's {@linkcode BEAT_FILE} has changed lately, by the clock
 * of this host.
 *
 * @param path a directory, there or not
 * @returns false where there is no such file
 */
export function isBeating(path: string): boolean {
  try {
    const { mtime } = Deno.statSync(`${path}/${BEAT_FILE}`);
    return mtime !== null && Math.abs(Date.now() - mtime.getTime()) < 60_000;
  } catch {
    return false; // not there, or nothing that can be told
  }
}

class InUseError extends Error {}

function takeFile(path: string, file: string, text: string) {
  try {
    Deno.writeTextFileSync(file, text, { createNew: true });
    return;
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  }
  const inUse = () =>
    new InUseError(`Cannot use ${path}: another process is working there`);
  console.error(
    `${path}: looking for up to ${
      SILENCE / 1000
    } s whether its last process lives`,
  );
  const found = read(file);
  for (let waited = 0; waited < SILENCE; waited += LOOK) {
    sleep(LOOK);
    if (read(file) !== found) throw inUse();
  }
  // Of several that see this at once the last one to rename has it.
  const own = `${file}-${Deno.pid}`;
  Deno.writeTextFileSync(own, text);
  Deno.renameSync(own, file);
  sleep(SETTLE);
  if (read(file) !== text) throw inUse();
}

function read(file: string): string | null {
  try {
    return Deno.readTextFileSync(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

function sleep(ms: number) {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
