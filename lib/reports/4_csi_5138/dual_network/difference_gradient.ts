import type { Matrix } from "../../../matrices/matrix.ts";

/**
 * The gradient of a float64 function by central differences:
 *
 *     ∂f/∂θᵢ ≈ (f(θ + h eᵢ) − f(θ − h eᵢ)) / 2h,  h = ∛ε · max(1, |θᵢ|)
 *
 * with ε = 2⁻⁵². The formula is off by h²/6 · f‴ and f's rounding makes up to
 * ε |f| / h of error; h ∝ ∛ε is where both are of one size, about ε^⅔ = 4e-11
 * for functions whose values and derivatives are near 1. What is divided by is
 * the distance of the two points as they were rounded, not 2h.
 *
 * @param f of a matrix of θ's shape, which it must not keep
 * @param theta where the gradient is taken
 * @returns the gradient, of θ's shape
 *
 * @example
 * ```ts
 * import { differenceGradient, matrixOf } from "alphalab";
 * import assert from "node:assert/strict";
 *
 * const theta = matrixOf(1, 2, (_, column) => column + 1); // 1 2
 * const sumOfCubes = ({ values }: { values: Float64Array }) =>
 *   values.reduce((sum, value) => sum + value ** 3, 0);
 * const [first, second] = differenceGradient(sumOfCubes, theta).values;
 * assert.ok(Math.abs(first! - 3) < 1e-9 && Math.abs(second! - 12) < 1e-8);
 * ```
 */
export function differenceGradient(
  f: (theta: Matrix) => number,
  theta: Matrix,
): Matrix {
  const at = { ...theta, values: theta.values.slice() };
  const step = Math.cbrt(Number.EPSILON);
  const values = theta.values.map((value, i) => {
    const h = step * Math.max(1, Math.abs(value));
    const [high, low] = [value + h, value - h];
    at.values[i] = high;
    const above = f(at);
    at.values[i] = low;
    const below = f(at);
    at.values[i] = value;
    return (above - below) / (high - low);
  });
  return { ...theta, values };
}
