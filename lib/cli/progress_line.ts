import { formatDuration } from "../base/format.ts";

/** What a progress bar shows beside the bar. */
export interface ProgressNumbers {
  /** The current loss, where there is one. */
  readonly loss?: number;
  /** What is under way in between, in a few words, in the place of the loss. */
  readonly doing?: string;
  /** The current speed, images/s. */
  readonly imagesPerSecond: number;
}

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
  const room = width - numbers.length - 2; // brackets, no space: percent is padded
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
export function progressText(state: ProgressState): string {
  return [state.label, ...numbersOf(state)].join("  ");
}

function numbersOf(state: ProgressState): string[] {
  const { fraction, loss, doing, imagesPerSecond, secondsLeft } = state;
  return [
    `${Math.floor(fraction * 100)} %`,
    doing ?? (loss === undefined ? [] : `loss ${loss.toFixed(4)}`),
    `${Math.round(imagesPerSecond)} images/s`,
    secondsLeft === undefined ? [] : `ETA ${formatDuration(secondsLeft)}`,
  ].flat();
}

/**
 * The time that is left, from the average of the steps so far.
 *
 * @param seconds the time since the start, s
 * @param stepsDone the steps since the start, without those of a run that is resumed
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
