/**
 * The mean of some values.
 *
 * @param values at least one
 * @returns their sum by their count
 *
 * @example
 * ```ts
 * import { mean } from "alphalab";
 * import { equal } from "node:assert/strict";
 *
 * equal(mean([1, 2, 6]), 3);
 * ```
 */
export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}

/**
 * The sample standard deviation √(Σ (xᵢ − mean)² / (n − 1)).
 *
 * @param values any number of them
 * @returns the deviation, NaN for fewer than two values
 *
 * @example
 * ```ts
 * import { standardDeviation } from "alphalab";
 * import { equal } from "node:assert/strict";
 *
 * equal(standardDeviation([1, 2, 3]), 1);
 * ```
 */
export function standardDeviation(values: readonly number[]): number {
  const center = mean(values);
  const squares = values.map((value) => (value - center) ** 2);
  return Math.sqrt(mean(squares) * values.length / (values.length - 1));
}

/**
 * Repeated measurements as one text: `mean ± standard deviation`.
 *
 * @param values one a repetition, at least one
 * @param format how one value reads; the deviation is shown without a sign
 * @returns the text; without `±` for a single value
 *
 * @example
 * ```ts
 * import { formatSpread } from "alphalab";
 * import { equal } from "node:assert/strict";
 *
 * equal(formatSpread([0.1, 0.2, 0.3], (x) => x.toFixed(2)), "0.20 ± 0.10");
 * ```
 */
export function formatSpread(
  values: readonly number[],
  format: (value: number) => string,
): string {
  const center = format(mean(values));
  if (values.length === 1) return center;
  const deviation = format(standardDeviation(values)).replace(/^\+/, "");
  const [, unit = ""] = /(\s\D+)$/.exec(center) ?? [];
  return `${center.slice(0, center.length - unit.length)} ± ${deviation}`;
}
