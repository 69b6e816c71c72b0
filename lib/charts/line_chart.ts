import asciichart from "asciichart";
import { columnValues } from "./column_values.ts";
import {
  chartSteps,
  isDrawable,
  type LineChartSpec,
  type LineSeries,
} from "./line_chart_spec.ts";
import { type Cell, markerOf, plotGrid } from "./plot_grid.ts";
import { columnTicks, leftOf, rowAxis } from "./text_axis.ts";
import { valueRange } from "./value_range.ts";

/** The size of a chart of characters. */
export interface LineChartOptions extends LineChartSpec {
  /** Columns of the whole chart, at least 40. */
  readonly width: number;
  /** Rows of the plot area, at least 5; the axes, title and legend come on top. */
  readonly height: number;
  /** Whether to give each series its colour; its markers it has anyway. */
  readonly color: boolean;
}

/** Readable on black and on white. */
const COLORS = ["lightblue", "red", "green", "magenta", "cyan", "yellow"]
  .map((name): string => asciichart[name]);

/**
 * A line chart for the terminal.
 *
 * A column shows the mean of its steps, or, where there are fewer steps than
 * columns, what lies on the straight line between two of them.
 *
 * @param options what to show, and how large
 * @returns the lines, none wider than `width`, joined by newlines; no escape codes where `color` is false
 * @throws {TypeError} if two series have one name
 * @throws {RangeError} for a size that is too small, or an xRange that is not ascending
 *
 * @example
 * ```ts
 * import { lineChart } from "alphalab";
 *
 * console.log(lineChart({
 *   title: "Training loss",
 *   xLabel: "step",
 *   yLabel: "loss",
 *   series: [{ name: "ReLU", values: [2.3, 1.1, 0.7, 0.6] }],
 *   width: 80,
 *   height: 10,
 *   color: false,
 * }));
 * ```
 */
export function lineChart(options: LineChartOptions): string {
  const { title, xLabel, yLabel, series, width, height, color } = options;
  const { steps, first, last } = chartSteps(options);
  if (!(width >= 40 && height >= 5)) {
    throw new RangeError(
      `Cannot draw the chart: it must be at least 40 wide and 5 high: got ${width} and ${height}`,
    );
  }
  const axis = rowAxis(...valueRange(series), height);
  const labelWidth = Math.max(
    ...axis.labels.map((text) => text?.length ?? 0),
  );
  const columns = width - labelWidth - 2; // a space and the axis
  const margin = " ".repeat(labelWidth + 1);
  const grid = plotGrid(
    series.map(({ values, dashed = false }) => ({
      rows: columnValues(values, steps, columns).map(axis.rowOf),
      dashed,
    })),
    axis.rows,
    columns,
  );
  const ticks = columnTicks(first, last, columns);
  const axisLine = Array.from({ length: columns }, () => "─");
  const tickLine = Array.from({ length: columns }, () => " ");
  for (const tick of ticks) {
    axisLine[tick.column] = "┬";
    tickLine.splice(leftOf(tick, columns), tick.text.length, ...tick.text);
  }
  return [
    [{ text: fitted(title, width) }],
    ...legend(series, width),
    [{ text: fitted(yLabel, width) }],
    ...grid.map((cells, row) => {
      const label = axis.labels[row];
      const text = `${(label ?? "").padStart(labelWidth)} ${
        label === undefined ? "│" : "┤"
      }`;
      return [{ text }, ...cells];
    }),
    [{ text: `${margin}└${axisLine.join("")}` }],
    [{ text: `${margin} ${tickLine.join("")}` }],
    [{ text: `${margin} ${centred(fitted(xLabel, columns), columns)}` }],
  ].map((cells: Cell[]) => joined(cells, color)).join("\n");
}

function legend(series: readonly LineSeries[], width: number): Cell[][] {
  const lines: Cell[][] = [];
  let used = Infinity;
  series.forEach(({ name, values, dashed }, index) => {
    const line = dashed ? "╌" : "─";
    const isEmpty = !Array.from(values).some(isDrawable);
    const text = fitted(isEmpty ? `${name} (no values)` : name, width - 4);
    if (used + 7 + text.length > width) {
      lines.push([]);
      used = 0;
    }
    const gap = used === 0 ? "" : "   ";
    lines.at(-1)!.push(
      { text: gap },
      { text: `${line}${markerOf(index)}${line}`, series: index },
      { text: ` ${text}` },
    );
    used += gap.length + 4 + text.length;
  });
  return lines;
}

/** Joins cells to a line without trailing spaces, neighbours of one colour in one escape. */
function joined(cells: readonly Cell[], color: boolean): string {
  let line = "";
  let blanks = "";
  for (let i = 0; i < cells.length;) {
    const { series } = cells[i]!;
    let text = "";
    for (; i < cells.length && cells[i]!.series === series; i++) {
      text += cells[i]!.text;
    }
    if (series !== undefined) {
      line += blanks +
        (color
          ? asciichart.colored(text, COLORS[series % COLORS.length])
          : text);
      blanks = "";
    } else {
      const solid = text.trimEnd();
      if (solid !== "") line += blanks + solid;
      blanks = solid === "" ? blanks + text : text.slice(solid.length);
    }
  }
  return line;
}

function fitted(text: string, width: number): string {
  const characters = [...text];
  return characters.length <= width
    ? text
    : `${characters.slice(0, width - 1).join("")}…`;
}

function centred(text: string, width: number): string {
  return " ".repeat(Math.floor((width - text.length) / 2)) + text;
}
