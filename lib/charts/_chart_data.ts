/**
 * The range of values that a chart has to show.
 *
 * A line that does not move, or moves less than its ticks could tell, gets room
 * above and below.
 *
 * @param lists any number of lists of values
 * @returns the smallest and the largest value, finite and apart; 0 and 1 where
 *   there is none
 */
export function valueRange(
  lists: readonly ArrayLike<number>[],
): [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (const values of lists) {
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

/**
 * Thins a series: the mean of the drawable values in each of several equal
 * bins.
 *
 * Bin b holds the steps from ⌊b·steps/bins⌋ up to ⌊(b + 1)·steps/bins⌋
 * exclusive.
 *
 * @param values one value per step; a step beyond its end counts as a gap
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

/**
 * Checks that a chart's reader can tell its series apart.
 *
 * @param what what has the names, such as `series`
 * @param names the names
 * @throws {TypeError} if two are equal
 */
export function checkDistinctNames(
  what: string,
  names: readonly string[],
): void {
  const repeated = names.find((name, i) => names.indexOf(name) !== i);
  if (repeated !== undefined) {
    throw new TypeError(
      `Cannot draw the chart: names of ${what} must differ: got "${repeated}" twice`,
    );
  }
}

/**
 * Checks that a chart made of characters has room for its axes.
 *
 * @param width columns of the whole chart
 * @param height rows of the plot area
 * @throws {RangeError} for less than 40 columns or 5 rows
 */
export function checkChartSize(width: number, height: number): void {
  if (!(width >= 40 && height >= 5)) {
    throw new RangeError(
      `Cannot draw the chart: it must be at least 40 wide and 5 high: got ${width} and ${height}`,
    );
  }
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
