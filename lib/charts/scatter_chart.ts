import {
  checkChartSize,
  checkDistinctNames,
  isDrawable,
  valueRange,
} from "./_chart_data.ts";
import { blankGrid, type Cell } from "./text_cells.ts";
import { markerOf } from "./_plot_grid.ts";
import { columnTicks, rowAxis } from "./text_axis.ts";
import { plotColumns, textChart } from "./text_chart.ts";
import { PALETTE, vegaSvg } from "./vega_svg.ts";

/** The points of one kind in a scatter plot. */
export interface ScatterSeries {
  /** Its name in the legend, no other series has it. */
  readonly name: string;
  /** Pairs of x and y; one that is not finite is left out. */
  readonly points: readonly (readonly [x: number, y: number])[];
}

/** What a scatter plot shows, in the terminal and as SVG alike. */
export interface ScatterSpec {
  /** What the figure shows. */
  readonly title: string;
  /** What x is, and its unit. */
  readonly xLabel: string;
  /** What y is, and its unit. */
  readonly yLabel: string;
  /** The points; where an x has room for it, the series stand side by side. */
  readonly series: readonly ScatterSeries[];
  /** Values that the y axis must reach at least; none by default. */
  readonly yRange?: readonly [number, number];
}

/**
 * Checks a scatter plot's spec and completes it.
 *
 * @param spec the plot
 * @returns the points of each series that can be drawn, and what the axes must
 *   span; x from 0 to 1 where there is no point
 * @throws {TypeError} if two series have one name
 */
export function scatterPoints({ series, yRange = [NaN, NaN] }: ScatterSpec): {
  readonly points: (readonly [x: number, y: number])[][];
  readonly xRange: readonly [number, number];
  readonly yRange: readonly [number, number];
} {
  checkDistinctNames("series", series.map(({ name }) => name));
  const points = series.map(({ points }) =>
    points.filter(([x, y]) => isDrawable(x) && isDrawable(y))
  );
  const xs = points.flat().map(([x]) => x);
  const ys = points.flat().map(([, y]) => y);
  const xRange: [number, number] = xs.length === 0 ? [0, 1] : [
    xs.reduce((a, b) => Math.min(a, b)),
    xs.reduce((a, b) => Math.max(a, b)),
  ];
  return {
    points,
    xRange,
    yRange: valueRange([ys, yRange]),
  };
}

/** The size of a scatter plot made of characters. */
export interface ScatterChartOptions extends ScatterSpec {
  /** Columns of the whole plot, at least 40. */
  readonly width: number;
  /**
   * Rows of the plot area, at least 5; the axes, title and legend come on top.
   */
  readonly height: number;
  /** Whether to give each series its colour; its markers it has anyway. */
  readonly color: boolean;
}

/** Columns of a marker with a number of two digits. */
const LONGEST_MARK = 3;

/** The points of one series in one place. */
interface Mark {
  readonly row: number;
  readonly column: number;
  readonly series: number;
  count: number;
}

/**
 * A scatter plot for the terminal: a series' marker where it has points, and
 * behind it their number, where there are several of them and room for it.
 *
 * The series stand side by side at an x whose neighbours leave room for it;
 * where they do not, the series with most points in a place hides the others.
 *
 * @param options what to show, and how large
 * @returns the lines, none wider than `width`, joined by newlines; no escape
 *   codes where `color` is false
 * @throws {TypeError} if two series have one name
 * @throws {RangeError} for a size that is too small
 */
export function scatterChart(options: ScatterChartOptions): string {
  const { series, width, height } = options;
  const { points, xRange: [first, last], yRange } = scatterPoints(options);
  checkChartSize(width, height);
  const axis = rowAxis(...yRange, height);
  const columns = plotColumns(axis, width);
  // half a group of markers with their numbers fits at each end of the axis
  const margin = Math.min(
    Math.ceil(Math.max(1, series.length) * LONGEST_MARK / 2),
    columns >> 2,
  );
  const inner = columns - 2 * margin;
  const columnOf = (x: number) => {
    const part = first === last ? 0.5 : (x - first) / (last - first);
    return margin + Math.round(part * (inner - 1));
  };
  const offsetOf = sideBySide(
    points.map((one) => one.map(([x]) => columnOf(x))),
    2 * margin,
  );
  const marks = points.flatMap((one, index) =>
    countPlaces(one.map(([x, y]) => ({
      row: axis.rows - 1 - Math.round(axis.rowOf(y)),
      column: columnOf(x) + offsetOf(index),
      series: index,
    })))
  );
  const grid = markGrid(marks, axis.rows, columns);
  const texts = grid.flat().map(({ text }) => text);
  return textChart({
    ...options,
    legend: [
      ...series.map(({ name }, index) => ({
        symbol: markerOf(index),
        text: points[index]!.length > 0 ? name : `${name} (no points)`,
        series: index,
      })),
      ...texts.some((text) => /\d/.test(text))
        ? [{ symbol: "●2", text: "two points in one place" }]
        : [],
      ...texts.includes("+") ? [{ symbol: "●+", text: "ten or more" }] : [],
    ],
    axis,
    ticks: columnTicks(first, last, inner).map(({ column, text }) => ({
      column: columnOf(first) + column,
      text,
    })),
    grid,
  });
}

/**
 * How many columns each series stands beside its x.
 *
 * @param columns of each series, the columns of its points
 * @param most the columns that a group may take
 */
function sideBySide(
  columns: readonly (readonly number[])[],
  most: number,
): (series: number) => number {
  const taken = [...new Set(columns.flat())].sort((a, b) => a - b);
  const room = taken.slice(1).reduce(
    (least, column, i) => Math.min(least, column - taken[i]!),
    most,
  );
  const distance = Math.min(
    LONGEST_MARK,
    Math.floor(room / Math.max(1, columns.length)),
  );
  const before = Math.ceil(Math.max(0, columns.length - 1) * distance / 2);
  return (series) => series * distance - before;
}

/** Gathers the points of a series that fall into one place. */
function countPlaces(places: readonly Omit<Mark, "count">[]): Mark[] {
  const marks = new Map<string, Mark>();
  for (const place of places) {
    const key = `${place.row},${place.column}`;
    const mark = marks.get(key) ?? { ...place, count: 0 };
    mark.count++;
    marks.set(key, mark);
  }
  return [...marks.values()];
}

/** Draws all markers, then the numbers that have room. */
function markGrid(
  marks: readonly Mark[],
  rowCount: number,
  columns: number,
): Cell[][] {
  const grid = blankGrid(rowCount, columns);
  const drawn = marks.toSorted((a, b) => a.count - b.count);
  for (const { row, column, series } of drawn) {
    grid[row]![column] = { text: markerOf(series), series };
  }
  for (const { row, column, series, count } of drawn) {
    if (count === 1 || grid[row]![column]!.series !== series) continue;
    const fits = (text: string) =>
      [...text].every((_, i) => grid[row]![column + 1 + i]?.text === " ");
    const number = [`${count}`, "+"].find(fits) ?? "";
    [...number].forEach((text, i) => {
      grid[row]![column + 1 + i] = { text, series };
    });
  }
  return grid;
}

/** Pixels of the whole picture. */
const SVG_WIDTH = 640;
const SVG_HEIGHT = 400;

/** Pixels from a series to the next one at the same x, where there is room. */
const DISTANCE = 11;

/**
 * Tell the series apart where colours do not, in the order of the terminal's
 * markers.
 */
const SHAPES = ["circle", "triangle-up", "square", "diamond"];

/**
 * A scatter plot as SVG, drawn by Vega-Lite: the series side by side where
 * there is room, as in the terminal, and darker where points coincide.
 *
 * @param spec what to show
 * @returns the SVG document, on white; the same spec gives the same bytes
 * @throws {TypeError} if two series have one name
 */
export async function scatterSvg(spec: ScatterSpec): Promise<string> {
  const { title, xLabel, yLabel, series } = spec;
  const { points, xRange: [first, last], yRange } = scatterPoints(spec);
  const xs = [...new Set(points.flat().map(([x]) => x))].sort((a, b) => a - b);
  const nearest = xs.slice(1).reduce(
    (least, x, i) => Math.min(least, (x - xs[i]!) / (last - first)),
    1,
  );
  // half of what lies between two x stays free
  const distance = Math.min(
    DISTANCE,
    0.5 * nearest * SVG_WIDTH / series.length,
  );
  const room = first === last ? 1 : 0;
  const perSeries = (range: readonly string[]) => ({
    field: "series",
    type: "nominal" as const,
    title: null,
    legend: { orient: "bottom", columns: 3 } as const,
    scale: {
      domain: series.map(({ name }) => name),
      range: series.map((_, index) => range[index % range.length]!),
    },
  });
  return await vegaSvg({
    title,
    width: SVG_WIDTH,
    height: SVG_HEIGHT,
    autosize: { type: "fit", contains: "padding" },
    background: "white",
    data: {
      values: points.flatMap((one, index) =>
        one.map(([x, y]) => ({
          x,
          y,
          series: series[index]!.name,
          beside: (index - (series.length - 1) / 2) * distance,
        }))
      ),
    },
    encoding: {
      x: {
        field: "x",
        type: "quantitative",
        title: xLabel,
        scale: {
          domain: [first - room, last + room],
          nice: false,
          padding: 30,
        },
      },
      y: {
        field: "y",
        type: "quantitative",
        title: yLabel,
        scale: { domain: [...yRange], zero: false, nice: true },
      },
      color: perSeries(PALETTE),
      shape: perSeries(SHAPES),
    },
    mark: {
      type: "point",
      filled: true,
      size: 45,
      opacity: 0.3,
      xOffset: { expr: "datum.beside" },
    },
    config: { legend: { labelLimit: 0, symbolOpacity: 1 } },
  });
}
