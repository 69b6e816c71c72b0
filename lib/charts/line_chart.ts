import { maxOf } from "../base/statistics.ts";
import {
  binMeans,
  checkChartSize,
  checkDistinctNames,
  isDrawable,
  valueRange,
} from "./_chart_data.ts";
import { markerOf, plotGrid } from "./_plot_grid.ts";
import { columnTicks, rowAxis } from "./text_axis.ts";
import { plotColumns, textChart } from "./text_chart.ts";

/** One line of a chart. */
export interface LineSeries {
  /** Its name in the legend, no other series has it. */
  readonly name: string;
  /** One value per step; what is not finite is a gap in the line. */
  readonly values: ArrayLike<number>;
  /** Whether the line is dashed, as for a reported value; false by default. */
  readonly dashed?: boolean;
  /** The name of the series whose colour this one has; its own by default. */
  readonly colorOf?: string;
}

/** What a chart shows, in the terminal and as SVG alike. */
export interface LineChartSpec {
  /** What the figure shows. */
  readonly title: string;
  /** What the steps are. */
  readonly xLabel: string;
  /** What the values are, and their unit. */
  readonly yLabel: string;
  /** The lines; step 0 of each is at the left edge. */
  readonly series: readonly LineSeries[];
  /**
   * x of the first and of the last step of the longest series; by default from
   * 1 in steps of 1.
   */
  readonly xRange?: readonly [number, number];
}

/**
 * Checks a chart's spec and completes it.
 *
 * @param spec the chart
 * @returns the number of steps of the longest series, and x of its first and
 *   last step
 * @throws {TypeError} if two series have one name
 * @throws {RangeError} if xRange is not finite or runs backwards
 */
export function chartSteps(
  { series, xRange }: LineChartSpec,
): { readonly steps: number; readonly first: number; readonly last: number } {
  checkDistinctNames("series", series.map(({ name }) => name));
  const steps = maxOf([0, ...series.map(({ values }) => values.length)]);
  const [first, last] = xRange ?? [1, Math.max(1, steps)];
  if (!(Number.isFinite(last - first) && first <= last)) {
    throw new RangeError(
      `Cannot draw the chart: xRange must be finite and ascending: got ${first}, ${last}`,
    );
  }
  return { steps, first, last };
}

/**
 * Which colour each series of a chart has.
 *
 * @param series the lines
 * @returns for each the place of its colour: those with one of their own are
 *   counted from 0
 * @throws {TypeError} if a series has the colour of one that has none
 */
export function seriesColors(series: readonly LineSeries[]): number[] {
  const own = series.filter(({ colorOf }) => colorOf === undefined)
    .map(({ name }) => name);
  return series.map(({ name, colorOf = name }) => {
    const color = own.indexOf(colorOf);
    if (color < 0) {
      throw new TypeError(
        `Cannot draw the chart: colorOf must name a series that has a colour of its own: got ${colorOf}`,
      );
    }
    return color;
  });
}

/** The size of a chart of characters. */
export interface LineChartOptions extends LineChartSpec {
  /** Columns of the whole chart, at least 40. */
  readonly width: number;
  /**
   * Rows of the plot area, at least 5; the axes, title and legend come on top.
   */
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
 * @returns the lines, none wider than `width`, joined by newlines; no escape
 *   codes where `color` is false
 * @throws {TypeError} if two series have one name
 * @throws {RangeError} for a size that is too small, or an xRange that is not
 *   ascending
 *
 * @example
 * ```ts
 * import { lineChart } from "#lib/charts/line_chart.ts";
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
  const axis = rowAxis(
    ...valueRange(series.map(({ values }) => values)),
    height,
  );
  const columns = plotColumns(axis, width);
  const colors = seriesColors(series);
  return textChart({
    ...options,
    legend: series.map(({ name, values, dashed }, index) => {
      const line = dashed ? "╌" : "─";
      const isEmpty = !Array.from(values).some(isDrawable);
      return {
        symbol: `${line}${markerOf(index)}${line}`,
        text: isEmpty ? `${name} (no values)` : name,
        series: colors[index]!,
      };
    }),
    axis,
    ticks: columnTicks(first, last, columns),
    grid: plotGrid(
      series.map(({ values, dashed = false }, index) => ({
        rows: columnValues(values, steps, columns).map(axis.rowOf),
        dashed,
        color: colors[index]!,
      })),
      axis.rows,
      columns,
    ),
  });
}

/**
 * Fits a series to the columns of a chart, its first step in the first column
 * and its last one in the last.
 *
 * @param values one value per step; a step beyond its end counts as a gap
 * @param steps the number of steps of the whole chart
 * @param columns the number of columns, at least 2
 * @returns `[columns]`: the mean of a column's steps, or, where there are fewer
 *   steps than columns, what lies on the straight line between two of them; NaN
 *   for a gap
 */
function columnValues(
  values: ArrayLike<number>,
  steps: number,
  columns: number,
): number[] {
  if (steps > columns) return binMeans(values, steps, columns);
  const value = (step: number) => {
    const one = values[step] ?? NaN;
    return isDrawable(one) ? one : NaN;
  };
  const stepsPerColumn = Math.max(0, steps - 1) / (columns - 1);
  return Array.from({ length: columns }, (_, column) => {
    const place = column * stepsPerColumn;
    const nearest = Math.round(place);
    const isOnStep = Math.abs(place - nearest) <= stepsPerColumn / 2;
    if (isOnStep && (steps > 1 || column === 0)) return value(nearest);
    const before = Math.floor(place);
    const part = place - before;
    return value(before) * (1 - part) + value(before + 1) * part;
  });
}
