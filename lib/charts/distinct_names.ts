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
