import { maxOf } from "../base/statistics.ts";
import { type Cell, cellLine, centred, fitted } from "./text_cells.ts";
import { type ColumnTick, leftOf, type RowAxis } from "./text_axis.ts";
import { formatPercent } from "../base/format.ts";
import { longest } from "../base/wrap_text.ts";

/** A plot made of characters, and what stands around it. */
export interface TextChart {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly legend: readonly LegendEntry[];
  readonly axis: RowAxis;
  readonly ticks: readonly ColumnTick[];
  /** `[axis.rows][plotColumns(axis, width)]`, top row first. */
  readonly grid: readonly (readonly Cell[])[];
  /** Columns of the whole chart. */
  readonly width: number;
  readonly color: boolean;
}

/**
 * The columns that a chart's vertical axis leaves for the plot.
 *
 * @param axis the axis
 * @param width columns of the whole chart
 * @returns the number of columns
 */
export function plotColumns(axis: RowAxis, width: number): number {
  return width - labelWidth(axis) - 2; // a space and the axis
}

/**
 * Puts title, legend, labels and axes around a plot.
 *
 * @param chart all that is to be seen
 * @returns the lines, none wider than `width`, joined by newlines; no escape
 *   codes where `color` is false
 */
export function textChart(chart: TextChart): string {
  const { title, xLabel, yLabel, axis, ticks, width, color } = chart;
  const columns = plotColumns(axis, width);
  const margin = " ".repeat(labelWidth(axis) + 1);
  const axisLine = Array.from({ length: columns }, () => "─");
  const tickLine = Array.from({ length: columns }, () => " ");
  for (const tick of ticks) {
    axisLine[tick.column] = "┬";
    tickLine.splice(leftOf(tick, columns), tick.text.length, ...tick.text);
  }
  return [
    [{ text: fitted(title, width) }],
    ...textLegend(chart.legend, width),
    [{ text: fitted(yLabel, width) }],
    ...chart.grid.map((cells, row) => {
      const label = axis.labels[row];
      const text = `${(label ?? "").padStart(labelWidth(axis))} ${
        label === undefined ? "│" : "┤"
      }`;
      return [{ text }, ...cells];
    }),
    [{ text: `${margin}└${axisLine.join("")}` }],
    [{ text: `${margin} ${tickLine.join("")}` }],
    [{ text: `${margin} ${centred(fitted(xLabel, columns), columns)}` }],
  ].map((cells: Cell[]) => cellLine(cells, color)).join("\n");
}

function labelWidth({ labels }: RowAxis): number {
  return maxOf(labels.map((text) => text?.length ?? 0));
}

/** What a symbol of a chart stands for. */
export interface LegendEntry {
  readonly symbol: string;
  readonly text: string;
  /** Whose colour the symbol has; none by default. */
  readonly series?: number;
}

/**
 * The legend of a chart made of characters.
 *
 * @param entries the entries in their order
 * @param width columns to stay within, at least 40
 * @returns the lines, as many entries in each as fit
 */
export function textLegend(
  entries: readonly LegendEntry[],
  width: number,
): Cell[][] {
  const lines: Cell[][] = [];
  let used = Infinity;
  for (const { symbol, text, series } of entries) {
    const words = ` ${fitted(text, width - symbol.length - 1)}`;
    if (used + 3 + symbol.length + words.length > width) {
      lines.push([]);
      used = 0;
    }
    const gap = used === 0 ? "" : "   ";
    lines.at(-1)!.push({ text: gap }, { text: symbol, series }, {
      text: words,
    });
    used += gap.length + symbol.length + words.length;
  }
  return lines;
}

/** A bar's last column, from an eighth to seven. */
const PARTS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/** Columns of a name, at most. */
const LONGEST_NAME = 40;

/**
 * Shares of a whole as lines: name, percent, and a bar that is as long as the
 * line for 100 %.
 *
 * @param shares in the order of the lines; values 0 to 1
 * @param width columns of a line, at least 60
 * @returns one line per share
 *
 * @example
 * ```ts
 * import { barLines } from "#lib/charts/text_chart.ts";
 *
 * const shares = [{ name: "cat", share: 0.75 }, { name: "dog", share: 0.25 }];
 * console.log(barLines(shares, 60).join("\n"));
 * ```
 */
export function barLines(
  shares: readonly { readonly name: string; readonly share: number }[],
  width: number,
): string[] {
  const names = shares.map(({ name }) =>
    name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME - 1)}…` : name
  );
  const nameWidth = longest(names);
  const barWidth = width - nameWidth - "  100.00 %  ".length;
  return shares.map(({ share }, i) => {
    const eighths = Math.round(8 * barWidth * share);
    const bar = "█".repeat(eighths >> 3) + PARTS[eighths % 8];
    const percent = formatPercent(share).padStart("100.00 %".length);
    return `${names[i]!.padEnd(nameWidth)}  ${percent}  ${bar}`.trimEnd();
  });
}
