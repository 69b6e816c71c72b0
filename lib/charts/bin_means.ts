import { isDrawable } from "./line_chart_spec.ts";

/**
 * Thins a series: the mean of the drawable values in each of several equal bins.
 *
 * Bin b holds the steps from ⌊b·steps/bins⌋ up to ⌊(b + 1)·steps/bins⌋ exclusive.
 *
 * @param values one value a step; a step beyond its end counts as a gap
 * @param steps the number of steps, at least `bins`
 * @param bins the number of bins, at least 1
 * @returns `[bins]`, NaN where a bin has no drawable value
 */
export function binMeans(
  values: ArrayLike<number>,
  steps: number,
  bins: number,
): number[] {
  return Array.from({ length: bins }, (_, bin) => {
    const end = Math.floor((bin + 1) * steps / bins);
    let mean = NaN;
    let count = 0;
    for (let step = Math.floor(bin * steps / bins); step < end; step++) {
      const value = values[step];
      if (value === undefined || !isDrawable(value)) continue;
      count++;
      // running mean: a sum could overflow
      mean = count === 1 ? value : mean + (value - mean) / count;
    }
    return mean;
  });
}
