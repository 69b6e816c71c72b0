import { mean } from "./statistics.ts";

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
 * import { correlation } from "alphalab";
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
