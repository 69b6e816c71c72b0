import { formatDuration } from "../base/format.ts";
import { clearBeforeNotices, unlessClosed } from "../base/terminal_output.ts";
import { isInteractive, redrawnColumns } from "../base/terminal.ts";

/** How far a download is, in the terminal's last line. */
export interface TransferLine extends Disposable {
  /** Redraws the line, at most ten times a second. */
  update(done: number, total: number | undefined): void;
}

/** ms between two redraws. */
const PAUSE = 100;

/** ms between two lines where there is no terminal. */
const LINE_PAUSE = 30_000;

/**
 * The line of a download: name, percent, megabytes, speed, time left.
 *
 * @param state what has come and how fast, bytes, bytes of all, s
 * @param width columns to stay within
 * @returns one line, at most `width` wide
 */
export function transferLine(
  { name, done, total, bytesPerSecond }: {
    name: string;
    done: number;
    total: number | undefined;
    bytesPerSecond: number;
  },
  width: number,
): string {
  const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);
  return [
    name,
    total === undefined ? [] : `${Math.floor(100 * done / total)} %`,
    total === undefined
      ? `${megabytes(done)} MB`
      : `${megabytes(done)} of ${megabytes(total)} MB`,
    `${megabytes(bytesPerSecond)} MB/s`,
    total === undefined || bytesPerSecond === 0
      ? []
      : `ETA ${formatDuration((total - done) / bytesPerSecond)}`,
  ].flat().join("  ").slice(0, width);
}

/**
 * Shows a download's line on stdout; where that is no terminal, prints it each
 * 30 seconds.
 *
 * @param name the file's
 * @param enabled whether the reader wants to see it (no `--quiet`)
 * @returns the line, which is cleared at its end
 */
export function createTransferLine(
  name: string,
  enabled: boolean,
): TransferLine {
  if (!enabled) return { update() {}, [Symbol.dispose]() {} };
  const redraws = isInteractive();
  const encoder = new TextEncoder();
  const print = (text: string) =>
    redraws &&
    unlessClosed(() =>
      void Deno.stdout.writeSync(encoder.encode(`\r${text}\x1b[K`))
    );
  const notices = clearBeforeNotices(() => print(""));
  let first: { time: number; done: number } | undefined;
  let drawn = redraws ? -Infinity : performance.now();
  return {
    update(done, total) {
      const time = performance.now();
      first ??= { time, done };
      if (time - drawn < (redraws ? PAUSE : LINE_PAUSE)) return;
      drawn = time;
      const seconds = (time - first.time) / 1000;
      const bytesPerSecond = seconds > 0 ? (done - first.done) / seconds : 0;
      const state = { name, done, total, bytesPerSecond };
      if (redraws) print(transferLine(state, redrawnColumns()));
      else console.log(transferLine(state, Infinity));
    },
    [Symbol.dispose]() {
      print("");
      notices[Symbol.dispose]();
    },
  };
}
