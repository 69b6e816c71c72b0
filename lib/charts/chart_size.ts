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
