import { maxOf } from "../base/statistics.ts";
import { checkDistinctNames } from "./distinct_names.ts";

/** One line of a chart. */
export interface LineSeries {
  /** Its name in the legend, no other series has it. */
  readonly name: string;
  /** One value a step; what is not finite is a gap in the line. */
  readonly values: ArrayLike<number>;
  /** Whether the line is dashed, as for a reported value; false where left out. */
  readonly dashed?: boolean;
}

/** What a chart shows, in the terminal and as SVG alike. */
export interface LineChartSpec {
  readonly title: string;
  /** What the steps are. */
  readonly xLabel: string;
  /** What the values are, and their unit. */
  readonly yLabel: string;
  /** The lines; step 0 of each is at the left edge. */
  readonly series: readonly LineSeries[];
  /** x of the first and of the last step of the longest series; from 1 in steps of 1 where left out. */
  readonly xRange?: readonly [number, number];
}

/**
 * Checks a chart's spec and completes it.
 *
 * @param spec the chart
 * @returns the number of steps of the longest series, and x of its first and last step
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
 * Whether a value has a place in a chart.
 *
 * @param value any number
 * @returns false for NaN, ±Inf, and sizes at which an axis would overflow
 */
export function isDrawable(value: number): boolean {
  return Math.abs(value) < 1e300;
}
