import cliProgress from "cli-progress";
import { formatDuration } from "../base/format.ts";
import { isInteractive, redrawnColumns } from "../base/terminal.ts";
import { clearBeforeNotices, terminalStream } from "../base/terminal_output.ts";

/** What a progress bar shows beside the bar. */
export interface ProgressNumbers {
  /** The current loss, where there is one. */
  readonly loss?: number;
  /** What is under way in between, in a few words, in the place of the loss. */
  readonly doing?: string;
  /** The current speed, images/s, where images are what is counted. */
  readonly imagesPerSecond?: number;
}

/** A progress bar in the terminal's last line, or a line each 30 seconds. */
export interface Progress extends Disposable {
  /** Moves the bar; shows it again after a stop. */
  update(done: number, numbers: ProgressNumbers): void;
  /**
   * Clears the bar's line, so that text can take its place. Until then a timer
   * keeps the process alive: declare the bar with `using`.
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

/** Seconds before which the average of the steps says too little. */
const FIRST_ESTIMATE = 1;

/** What a bar shows of nothing: it keeps what an update leaves out. */
const NOTHING: ProgressNumbers = {
  loss: undefined,
  doing: undefined,
  imagesPerSecond: undefined,
};

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
    // false would turn the terminal's wrapping off, also after a kill.
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
    const payload = { ...NOTHING, ...payloadOf(done, numbers) };
    if (performance.now() - startTime < 1000 * FIRST_ESTIMATE) {
      payload.secondsLeft = undefined;
    }
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

/** Everything that is in the line of a progress bar. */
export interface ProgressState extends ProgressNumbers {
  /** What is under way. */
  readonly label: string;
  /** The part that is done, 0 to 1. */
  readonly fraction: number;
  /** The time that is left, s; `undefined` while nothing is known. */
  readonly secondsLeft: number | undefined;
}

const LONGEST_BAR = 30;
const SHORTEST_BAR = 10;

/**
 * The line of a progress bar: label, bar, percent, loss, images/s, time left.
 *
 * @param state what to show
 * @param width columns to stay within
 * @returns one line without escape codes, at most `width` wide
 */
export function progressLine(state: ProgressState, width: number): string {
  const { label, fraction } = state;
  const [percent = "", ...rest] = numbersOf(state);
  const numbers = [percent.padStart(6), ...rest].join("  ");
  const room = width - numbers.length - 2; // The bar's two brackets.
  const shortLabel = shorten(label, room - SHORTEST_BAR - 1);
  const barWidth = Math.min(room - shortLabel.length - 1, LONGEST_BAR);
  if (barWidth < SHORTEST_BAR) return shorten(numbers.trimStart(), width);
  const filled = Math.floor(fraction * barWidth);
  const bar = "█".repeat(filled) + "░".repeat(barWidth - filled);
  return `${shortLabel} [${bar}]${numbers}`;
}

/**
 * The same without a bar, for a log.
 *
 * @param state what to show
 * @returns one line, however long
 */
function progressText(state: ProgressState): string {
  return [state.label, ...numbersOf(state)].join("  ");
}

function numbersOf(state: ProgressState): string[] {
  const { fraction, loss, doing, imagesPerSecond, secondsLeft } = state;
  return [
    `${Math.floor(fraction * 100)} %`,
    doing ?? (loss === undefined ? [] : `loss ${loss.toFixed(4)}`),
    imagesPerSecond === undefined
      ? []
      : `${Math.round(imagesPerSecond)} images/s`,
    // At the end there may be an evaluation, whose time is not known.
    secondsLeft === undefined || fraction === 1
      ? []
      : `ETA ${formatDuration(secondsLeft)}`,
  ].flat();
}

/**
 * The time that is left, from the average of the steps so far.
 *
 * @param seconds the time since the start, s
 * @param stepsDone the steps since the start, without those before a resume
 * @param stepsLeft the steps to do
 * @returns s; `undefined` before the first step
 */
export function remainingSeconds(
  seconds: number,
  stepsDone: number,
  stepsLeft: number,
): number | undefined {
  return stepsDone > 0 ? seconds / stepsDone * stepsLeft : undefined;
}

function shorten(text: string, width: number): string {
  if (text.length <= width) return text;
  return width < 2 ? "" : text.slice(0, width - 1) + "…";
}
