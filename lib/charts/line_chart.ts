import { checkChartSize } from "./chart_size.ts";
import { columnValues } from "./column_values.ts";
import {
  chartSteps,
  isDrawable,
  type LineChartSpec,
} from "./line_chart_spec.ts";
import { markerOf, plotGrid } from "./plot_grid.ts";
import { columnTicks, rowAxis } from "./text_axis.ts";
import { plotColumns, textChart } from "./text_chart.ts";
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
  const { series, width, height } = options;
  const { steps, first, last } = chartSteps(options);
  checkChartSize(width, height);
  const axis = rowAxis(...valueRange(series), height);
  const columns = plotColumns(axis, width);
  return textChart({
    ...options,
    legend: series.map(({ name, values, dashed }, index) => {
      const line = dashed ? "╌" : "─";
      const isEmpty = !Array.from(values).some(isDrawable);
      return {
        symbol: `${line}${markerOf(index)}${line}`,
        text: isEmpty ? `${name} (no values)` : name,
        series: index,
      };
    }),
    axis,
    ticks: columnTicks(first, last, columns),
    grid: plotGrid(
      series.map(({ values, dashed = false }) => ({
        rows: columnValues(values, steps, columns).map(axis.rowOf),
        dashed,
      })),
      axis.rows,
      columns,
    ),
  });
}
