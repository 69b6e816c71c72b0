import { parentPort, workerData } from "node:worker_threads";

/** What this worker, which rewrites a file again and again, is given. */
export interface Beat {
  readonly path: string;
  /** What the file begins with, unlike any other holder's. */
  readonly holder: string;
  /** ms between two beats. */
  readonly period: number;
}

const { path, holder, period } = workerData as Beat;
const encoder = new TextEncoder();
let count = 0;

/** Says "lost" where the file is another holder's. */
function beat() {
  try {
    if (!Deno.readTextFileSync(path).startsWith(holder)) {
      return parentPort!.postMessage("lost");
    }
    // In place and never shorter: it takes no room on a full disk.
    using file = Deno.openSync(path, { write: true });
    file.writeSync(encoder.encode(`${holder} ${++count}\n`));
  } catch {
    // A disk that was away for a moment: the next beat tries again.
  }
}

setInterval(beat, period);
