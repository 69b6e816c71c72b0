import { formatDuration, formatPercent } from "../base/format.ts";
import { isInteractive, textColumns } from "../base/terminal.ts";

/** What an epoch came to on a split. */
export interface SplitResult {
  /** null, or left out, where the training has none. */
  readonly loss?: number | null;
  /** 0 to 1. */
  readonly accuracy: number;
}

/** An epoch, for the reader. */
export interface EpochSummary {
  /** What is trained. */
  readonly name: string;
  /** 1-based. */
  readonly epoch: number;
  readonly epochs: number;
  readonly train: SplitResult;
  /** null where there is no such split. */
  readonly validation: SplitResult | null;
  readonly test: SplitResult;
  /** What else there is to know, in words. */
  readonly also?: string;
  /** What the epoch took, with its evaluation, s. */
  readonly seconds: number;
  /** Images that it trained on in that time. */
  readonly images: number;
  /** To the end of the whole training, s; undefined where it is not known. */
  readonly secondsLeft: number | undefined;
}

/**
 * The line about an epoch, the same in all tasks. Without a terminal, where no
 * bar shows them, it has speed and time left too.
 *
 * @param summary what to say
 * @returns lines of at most the terminal's width, 80 columns without a terminal
 */
export function epochLine(summary: EpochSummary): string {
  const { name, epoch, epochs, train, validation, test, also } = summary;
  const { seconds, images, secondsLeft = 0 } = summary;
  const parts = [
    name,
    `epoch ${`${epoch}`.padStart(`${epochs}`.length)}/${epochs}`,
    resultText("train", train),
    validation === null ? [] : resultText("validation", validation),
    resultText("test", test),
    also ?? [],
    formatDuration(seconds),
    isInteractive() ? [] : `${Math.round(images / seconds)} images/s`,
    isInteractive() || secondsLeft <= 0
      ? []
      : `ETA ${formatDuration(secondsLeft)}`,
  ].flat();
  return breakBetween(parts, textColumns());
}

function resultText(split: string, { loss, accuracy }: SplitResult): string {
  const share = formatPercent(accuracy);
  if (loss === undefined || loss === null) return `${split} ${share}`;
  // A sum of losses, and not their mean, needs fewer places.
  return `${split} loss ${loss.toFixed(loss < 100 ? 4 : 1)}, ${share}`;
}

/** Lines of at most a width, the second and later ones indented. */
function breakBetween(parts: readonly string[], width: number): string {
  const lines: string[] = [];
  for (const part of parts) {
    const line = `${lines.at(-1)}  ${part}`;
    if (lines.length > 0 && [...line].length <= width) {
      lines[lines.length - 1] = line;
    } else lines.push(lines.length === 0 ? part : `  ${part}`);
  }
  return lines.join("\n");
}
