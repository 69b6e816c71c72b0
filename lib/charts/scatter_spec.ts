import { checkDistinctNames } from "./distinct_names.ts";
import { isDrawable } from "./line_chart_spec.ts";
import { valueRange } from "./value_range.ts";

/** The points of one kind in a scatter plot. */
export interface ScatterSeries {
  /** Its name in the legend, no other series has it. */
  readonly name: string;
  /** Pairs of x and y; one that is not finite is left out. */
  readonly points: readonly (readonly [x: number, y: number])[];
}

/** What a scatter plot shows, in the terminal and as SVG alike. */
export interface ScatterSpec {
  readonly title: string;
  /** What x is, and its unit. */
  readonly xLabel: string;
  /** What y is, and its unit. */
  readonly yLabel: string;
  /** The points; where an x has room for it, the series stand side by side. */
  readonly series: readonly ScatterSeries[];
  /** Values that the y axis must reach at least, none where left out. */
  readonly yRange?: readonly [number, number];
}

/**
 * Checks a scatter plot's spec and completes it.
 *
 * @param spec the plot
 * @returns the points of each series that can be drawn, and what the axes must span; x from 0 to 1 where there is no point
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
    yRange: valueRange([{ name: "y", values: [...ys, ...yRange] }]),
  };
}
