/**
 * The gradient of a float64 function by (f(x + h eᵢ) − f(x − h eᵢ)) / 2h; its
 * error is h² / 6 times the third derivative, and f's own rounding by h.
 */
export function centralDifferences(
  f: (x: Float64Array) => number,
  x: ArrayLike<number>,
  h: number,
): Float64Array {
  const at = Float64Array.from(x);
  return Float64Array.from(x, (value, i) => {
    at[i] = value + h;
    const above = f(at);
    at[i] = value - h;
    const below = f(at);
    at[i] = value;
    return (above - below) / (2 * h);
  });
}
