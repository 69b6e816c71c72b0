import cliProgress from "cli-progress";
import {
  progressLine,
  type ProgressNumbers,
  progressText,
  remainingSeconds,
} from "./progress_line.ts";
import { isInteractive, redrawnColumns } from "../base/terminal.ts";
import { clearBeforeNotices, terminalStream } from "../base/terminal_output.ts";

/** A progress bar in the terminal's last line, or, without one, a line now and then. */
export interface Progress extends Disposable {
  /** Moves the bar; shows it again after a stop. */
  update(done: number, numbers: ProgressNumbers): void;
  /**
   * Clears the bar's line, so that text can take its place. Until then a timer
   * keeps the process alive: `using progress = createProgress(…)` never forgets it.
   */
  stop(): void;
  /** The time left at the last update, s; undefined while nothing is known. */
  secondsLeft(): number | undefined;
}

/** What a progress bar counts. */
export interface ProgressOptions {
  /** The number of steps of the whole work. */
  readonly total: number;
  /** The number of steps that were done before, in a run that is resumed. */
  readonly done?: number;
  /** What is under way, in a few words. */
  readonly label: string;
  /** Whether the reader wants to see it (no `--quiet`). */
  readonly enabled: boolean;
}

/** Redraws a second: enough to look alive, too few to cost anything. */
const REDRAWS = 10;

/** ms between two lines where there is no terminal, and after a stop. */
const LINE_INTERVAL = 30_000;

/**
 * A progress bar on stdout; where stdout is no terminal, a line with the same
 * numbers each 30 seconds.
 *
 * The time left is what the steps since the start took on average, stops
 * between them included, times the steps that are left.
 *
 * @param options what the bar counts
 * @returns the bar, which shows itself at the first update
 */
export function createProgress(options: ProgressOptions): Progress {
  const { total, done: doneBefore = 0, label, enabled } = options;
  if (!enabled) {
    const secondsLeft = () => undefined;
    return { update() {}, stop() {}, secondsLeft, [Symbol.dispose]() {} };
  }
  const startTime = performance.now();
  let secondsLeft: number | undefined;
  const payloadOf = (done: number, numbers: ProgressNumbers): BarPayload => {
    const seconds = (performance.now() - startTime) / 1000;
    secondsLeft = remainingSeconds(seconds, done - doneBefore, total - done);
    return { ...numbers, secondsLeft };
  };
  if (!isInteractive()) {
    let printedAt = startTime;
    return {
      update(done, numbers) {
        const payload = payloadOf(done, numbers);
        const now = performance.now();
        if (now - printedAt < LINE_INTERVAL) return;
        printedAt = now;
        console.log(
          progressText({ label, fraction: done / total, ...payload }),
        );
      },
      stop: () => void (printedAt = performance.now()),
      secondsLeft: () => secondsLeft,
      [Symbol.dispose]() {},
    };
  }
  const bar = new cliProgress.SingleBar({
    stream: terminalStream(),
    fps: REDRAWS,
    clearOnComplete: true,
    // false would switch the terminal's own wrapping off, and a killed process leaves it so
    linewrap: true,
    format: (
      _: unknown,
      params: { progress: number },
      payload: BarPayload,
    ) =>
      progressLine(
        { label, fraction: params.progress, ...payload },
        redrawnColumns(79),
      ),
  });
  let running = false;

  function update(done: number, numbers: ProgressNumbers): void {
    const payload = payloadOf(done, numbers);
    if (running) bar.update(done, payload);
    else bar.start(total, done, payload);
    running = true;
  }

  function stop(): void {
    if (running) bar.stop();
    running = false;
  }

  const notices = clearBeforeNotices(stop);
  return {
    update,
    stop,
    secondsLeft: () => secondsLeft,
    [Symbol.dispose]() {
      stop();
      notices[Symbol.dispose]();
    },
  };
}

type BarPayload = ProgressNumbers & { secondsLeft: number | undefined };
