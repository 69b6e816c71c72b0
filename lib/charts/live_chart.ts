import process from "node:process";
import type { Progress } from "../cli/progress.ts";
import { columns, isInteractive, useColor } from "../cli/terminal.ts";
import type { FigureTextOptions } from "./figure.ts";

/** A chart that is redrawn in place, above the progress bar. */
export interface LiveChart extends Disposable {
  /** Redraws the chart, if its time has come; call it after each step, before the bar's update. */
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
  /** The bar below the chart; a redraw stops it, and its next update shows it again. */
  readonly progress: Pick<Progress, "stop">;
  /** Draws what there is to see now, as a figure's `text`; "" for nothing. */
  draw(options: FigureTextOptions): string;
}

/** Milliseconds between two redraws. */
const REDRAW_INTERVAL = 500;

/** Lines of a terminal that does not know its size. */
const DEFAULT_ROWS = 24;

/**
 * A chart on stdout that follows the training; nothing at all where stdout is
 * no terminal, and none while the terminal is too small for it.
 *
 * It needs nothing of the terminal that a killed process would leave behind:
 * the cursor stays visible, and is always below the chart.
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

  /** Moves from the line below the chart to its first one, and clears all from there. */
  function erase(): string {
    if (lines.length === 0) return "";
    // a terminal that has become narrower has broken lines, the bar's too
    const rows = [...lines.map(lengthOf), barWidth].reduce(
      (rows, length) => rows + Math.max(1, Math.ceil(length / columns())),
      -1, // the cursor is in the bar's last row
    );
    return `\r\x1b[${rows}A\x1b[0J`;
  }

  function update(): void {
    const now = performance.now();
    if (now - drawnAt < REDRAW_INTERVAL) return;
    drawnAt = now;
    progress.stop();
    const erased = erase();
    lines = fitting(draw);
    barWidth = Math.min(columns(), 80) - 1; // as createProgress() draws it
    process.stdout.write(erased + lines.map((line) => `${line}\n`).join(""));
  }

  function clear(): void {
    progress.stop(); // the cursor is where the bar is
    process.stdout.write(erase());
    lines = [];
    drawnAt = -Infinity;
  }

  return { update, clear, [Symbol.dispose]: clear };
}

/** The lines of a chart that leaves the last column and the bar's line free; none where the terminal is too small. */
function fitting(draw: LiveChartOptions["draw"]): string[] {
  const width = Math.min(columns() - 1, 120); // a full last column makes some terminals wrap
  if (width < 40) return [];
  const text = draw({ width, color: useColor() });
  const lines = text === "" ? [] : text.split("\n");
  const rows = Deno.consoleSize().rows || DEFAULT_ROWS;
  return lines.length < rows ? lines : [];
}

/** Columns that a line takes. */
function lengthOf(line: string): number {
  // deno-lint-ignore no-control-regex -- colours take none
  return [...line.replace(/\x1b\[\d*m/g, "")].length;
}
