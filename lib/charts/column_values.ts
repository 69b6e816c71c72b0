import { binMeans } from "./bin_means.ts";
import { isDrawable } from "./line_chart_spec.ts";

/**
 * Fits a series to the columns of a chart, its first step in the first column
 * and its last one in the last.
 *
 * @param values one value a step; a step beyond its end counts as a gap
 * @param steps the number of steps of the whole chart
 * @param columns the number of columns, at least 2
 * @returns `[columns]`: the mean of a column's steps, or, where there are fewer steps than columns, what lies on the straight line between two of them; NaN for a gap
 */
export function columnValues(
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
