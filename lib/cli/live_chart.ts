import type { Progress } from "./progress.ts";
import { clearBeforeNotices, terminalStream } from "../base/terminal_output.ts";
import {
  columns,
  isInteractive,
  redrawnColumns,
  rows,
  useColor,
} from "../base/terminal.ts";
import type { FigureTextOptions } from "../charts/figure.ts";

/** A chart that is redrawn in place, above the progress bar. */
export interface LiveChart extends Disposable {
  /**
   * Redraws the chart if half a second has passed. Call it after each step,
   * before the bar's update.
   */
  update(): void;
  /**
   * Clears the chart and the bar, so that text can take their place. The next
   * updates show them again, below that text.
   */
  clear(): void;
}

/** What a live chart shows. */
export interface LiveChartOptions {
  /** Whether the reader wants to see it (`--live`, and no `--quiet`). */
  readonly enabled: boolean;
  /** The bar below the chart: a redraw stops the bar, its update shows it. */
  readonly progress: Pick<Progress, "stop">;
  /** Draws what there is to see now, as a figure's `text`; "" for nothing. */
  draw(options: FigureTextOptions): string;
}

/** Milliseconds between two redraws. */
const REDRAW_INTERVAL = 500;

/**
 * A chart on stdout that follows the training; nothing at all where stdout is
 * no terminal, and none while the terminal is too small for it.
 *
 * It needs nothing of the terminal that a killed process would leave behind:
 * the cursor stays visible, and is always below the chart. Each line overwrites
 * the one before it, because a terminal that is cleared from its first row on
 * may keep what it showed, as tmux does in its history.
 *
 * @param options what the chart shows
 * @returns the chart, which shows itself at the first update
 */
export function createLiveChart(options: LiveChartOptions): LiveChart {
  const { enabled, progress, draw } = options;
  if (!enabled || !isInteractive()) {
    return { update() {}, clear() {}, [Symbol.dispose]() {} };
  }
  let lines: readonly string[] = [];
  let barWidth = 0;
  let drawnAt = -Infinity;

  /** Rows from the chart's first to the one above the cursor. */
  function rowsAbove(): number {
    if (lines.length === 0) return 0;
    // a terminal that has become narrower has broken lines, the bar's too
    return [...lines.map(lengthOf), barWidth].reduce(
      (sum, length) => sum + Math.max(1, Math.ceil(length / columns())),
      -1, // the cursor is in the bar's last row
    );
  }

  /** Overwrites the chart's lines, and puts the cursor below them. */
  function replace(next: readonly string[]): void {
    const above = rowsAbove();
    const rest = Math.max(0, above - next.length);
    const text = [
      above > 0 ? `\r\x1b[${above}A` : "",
      ...next.map((line) => `${line}\x1b[0K\n`),
      ...Array(rest).fill("\x1b[0K\n"),
      rest > 0 ? `\x1b[0K\x1b[${rest}A` : "",
    ].join("");
    if (text !== "") terminalStream().write(text);
    lines = next;
    barWidth = redrawnColumns(79); // as createProgress() draws it
  }

  function update(): void {
    const now = performance.now();
    if (now - drawnAt < REDRAW_INTERVAL) return;
    drawnAt = now;
    progress.stop();
    replace(fitting(draw));
  }

  function clear(): void {
    progress.stop(); // the cursor is where the bar is
    replace([]);
    drawnAt = -Infinity;
  }

  const notices = clearBeforeNotices(clear);
  return {
    update,
    clear,
    [Symbol.dispose]() {
      clear();
      notices[Symbol.dispose]();
    },
  };
}

/**
 * The lines of a chart that leaves the last column and the bar's line free;
 * none if the terminal is too small.
 */
function fitting(draw: LiveChartOptions["draw"]): string[] {
  // A full last column makes some terminals wrap.
  const width = Math.min(columns() - 1, 120);
  if (width < 40) return [];
  const text = draw({ width, color: useColor() });
  const lines = text === "" ? [] : text.split("\n");
  return lines.length < rows() ? lines : [];
}

/** Columns that a line takes. */
function lengthOf(line: string): number {
  // deno-lint-ignore no-control-regex -- colours take none
  return [...line.replace(/\x1b\[\d*m/g, "")].length;
}
