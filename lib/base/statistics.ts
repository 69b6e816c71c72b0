/**
 * The mean of some values.
 *
 * @param values at least one
 * @returns their sum by their count
 *
 * @example
 * ```ts
 * import { mean } from "alphalab/reporting";
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
 * import { standardDeviation } from "alphalab/reporting";
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
 * @param values one per repetition, at least one
 * @param format how one value reads; the deviation is shown without a sign
 * @returns the text; without `±` for a single value
 *
 * @example
 * ```ts
 * import { formatSpread } from "#lib/base/statistics.ts";
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

/**
 * Pearson's correlation coefficient
 * r = Σ (xᵢ − x̄)(yᵢ − ȳ) / √(Σ (xᵢ − x̄)² Σ (yᵢ − ȳ)²), in float64.
 *
 * @param x at least one finite value
 * @param y as many
 * @returns −1 to 1; 0 where x or y is the same everywhere, or as good as
 *   that for float64, which leaves r undefined
 * @throws {RangeError} where x and y differ in length
 *
 * @example
 * ```ts
 * import { correlation } from "#lib/base/statistics.ts";
 *
 * console.log(correlation([1, 2, 3], [5, 3, 1])); // -1
 * ```
 */
export function correlation(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
): number {
  if (x.length !== y.length) {
    throw new RangeError(
      `Cannot compute the correlation: both must have ${x.length} values: got ${y.length}`,
    );
  }
  // A mean that is rounded would leave differences to correlate.
  if (isConstant(x) || isConstant(y)) return 0;
  const meanX = mean(x);
  const meanY = mean(y);
  let products = 0;
  let squaresX = 0;
  let squaresY = 0;
  for (let i = 0; i < x.length; i++) {
    const dx = x[i]! - meanX;
    const dy = y[i]! - meanY;
    products += dx * dy;
    squaresX += dx * dx;
    squaresY += dy * dy;
  }
  const scale = Math.sqrt(squaresX * squaresY);
  return scale === 0 ? 0 : Math.max(-1, Math.min(1, products / scale));
}

function isConstant(values: ArrayLike<number>): boolean {
  for (let i = 1; i < values.length; i++) {
    if (values[i] !== values[0]) return false;
  }
  return true;
}

/**
 * The largest of any number of numbers, as Math.max has it: NaN if one is, −∞
 * of none. A call that spreads an array puts each element on the stack, which
 * about 130,000 of them overflow.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { maxOf } from "./statistics.ts";
 *
 * assert.equal(maxOf([1, 3, 2]), 3);
 * ```
 */
export function maxOf(values: ArrayLike<number>): number {
  let largest = -Infinity;
  for (let i = 0; i < values.length; i++) {
    largest = Math.max(largest, values[i]!);
  }
  return largest;
}

/** The smallest of any number of numbers, as Math.min has it; see `maxOf`. */
export function minOf(values: ArrayLike<number>): number {
  let smallest = Infinity;
  for (let i = 0; i < values.length; i++) {
    smallest = Math.min(smallest, values[i]!);
  }
  return smallest;
}
