import { isDrawable, type LineSeries } from "./line_chart_spec.ts";

/**
 * The range of values that a chart has to show.
 *
 * A line that does not move, or moves less than its ticks could tell, gets room
 * above and below.
 *
 * @param series the chart's lines
 * @returns the smallest and the largest value, finite and apart; 0 and 1 where there is none
 */
export function valueRange(series: readonly LineSeries[]): [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (const { values } of series) {
    for (const value of Array.from(values).filter(isDrawable)) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  if (low > high) return [0, 1];
  const size = Math.max(Math.abs(low), Math.abs(high));
  if (high - low > Math.max(size * 1e-6, 1e-290)) return [low, high];
  const room = size > 1e-280 ? size / 2 : 1;
  return [low - room, high + room];
}
