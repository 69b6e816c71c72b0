import asciichart from "asciichart";
import { blankGrid, type Cell } from "./text_cells.ts";

/** One line to draw. */
export interface PlotLine {
  /**
   * Per column, how many rows above the lowest one, not rounded; NaN for a gap.
   */
  readonly rows: readonly number[];
  readonly dashed: boolean;
  /** Which series' colour it has. */
  readonly color: number;
}

/** Tell the series apart where colours do not. */
const MARKERS = ["●", "▲", "■", "◆", "○", "△", "□", "◇"];

/** Columns from one marker of a series to its next. */
const MARKER_DISTANCE = 12;

/** asciichart's symbols: axis, axis, ends, line, corners, vertical. */
const SOLID = ["┼", "┤", "╶", "╴", "─", "╰", "╭", "╮", "╯", "│"];
const DASHED = ["┼", "┤", "╶", "╴", "╌", "╰", "╭", "╮", "╯", "╎"];

/**
 * Draws lines as characters: all lines, then all markers, so that no line hides
 * another one's markers.
 *
 * @param lines the lines, the last one on top
 * @param rowCount rows of the grid
 * @param columns columns of the grid
 * @returns `[rowCount][columns]`, top row first
 */
export function plotGrid(
  lines: readonly PlotLine[],
  rowCount: number,
  columns: number,
): Cell[][] {
  const grid = blankGrid(rowCount, columns);
  lines.forEach(({ rows, dashed, color }) => {
    const symbols = dashed ? DASHED : SOLID;
    for (const [start, run] of runsOf(rows)) {
      plotRun(run, rowCount, symbols).forEach((line, row) => {
        [...line].forEach((text, i) => {
          if (text !== " ") grid[row]![start + i] = { text, series: color };
        });
      });
    }
  });
  lines.forEach(({ rows, color }, index) => {
    const text = markerOf(index);
    const offset = Math.floor((index + 0.5) * MARKER_DISTANCE / lines.length);
    for (const [start, run] of runsOf(rows)) {
      const due = run.map((_, i) => i).filter((i) =>
        (start + i) % MARKER_DISTANCE === offset
      );
      if (due.length === 0) due.push(run.length >> 1); // every stretch has one
      for (const i of due) {
        const row = rowCount - 1 - Math.round(run[i]!);
        grid[row]![start + i] = { text, series: color };
      }
    }
  });
  return grid;
}

/** The stretches without a gap, each with the column where it starts. */
function runsOf(values: readonly number[]): [number, number[]][] {
  const runs: [number, number[]][] = [];
  values.forEach((value, column) => {
    if (Number.isNaN(value)) return;
    const run = runs.at(-1);
    if (run && run[0] + run[1].length === column) run[1].push(value);
    else runs.push([column, [value]]);
  });
  return runs;
}

/** Lets asciichart draw one stretch; one character per value. */
function plotRun(
  run: readonly number[],
  rowCount: number,
  symbols: readonly string[],
): string[] {
  // the first value twice, because asciichart puts the first one on its axis
  const plot: string = asciichart.plot([run[0], ...run], {
    min: 0,
    max: rowCount - 1,
    height: rowCount - 1,
    offset: 1,
    format: () => " ", // the axis is ours
    symbols,
  });
  return plot.split("\n").map((line) => line.slice(1, run.length + 1));
}

/**
 * The marker of a series.
 *
 * @param series which series, from 0
 * @returns one character; after eight series they come again
 */
export function markerOf(series: number): string {
  return MARKERS[series % MARKERS.length]!;
}
