/** Sums of products in float64, and the sums of the products' magnitudes. */
export interface Sums {
  values: Float64Array;
  magnitudes: Float64Array;
}

/**
 * C[i, j] = Σₖ A[i, k] · B[k, j], with A stored as `[rows, depth]`, or
 * `[depth, rows]` if transposed, and B as `[depth, columns]`, or
 * `[columns, depth]`.
 */
export function matMul(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  c: {
    rows: number;
    columns: number;
    depth: number;
    transposeA: boolean;
    transposeB: boolean;
  },
): Sums {
  const values = new Float64Array(c.rows * c.columns);
  const magnitudes = new Float64Array(c.rows * c.columns);
  for (let i = 0; i < c.rows; i++) {
    for (let j = 0; j < c.columns; j++) {
      let value = 0;
      let magnitude = 0;
      for (let k = 0; k < c.depth; k++) {
        const product = a[c.transposeA ? k * c.rows + i : i * c.depth + k]! *
          b[c.transposeB ? j * c.depth + k : k * c.columns + j]!;
        value += product;
        magnitude += Math.abs(product);
      }
      values[i * c.columns + j] = value;
      magnitudes[i * c.columns + j] = magnitude;
    }
  }
  return { values, magnitudes };
}
