import type { Matrix } from "../../../matrices/matrix.ts";

/**
 * The probabilities of examples: softmax(z)ₖ = exp(zₖ) / Σⱼ exp(zⱼ) for each
 * column z. The largest zₖ is taken out first, so that nothing overflows.
 *
 * @param scores `[K, N]`, a column an example
 * @returns `[K, N]`
 *
 * @example
 * ```ts
 * import { matrixOf, softmaxColumns } from "alphalab";
 * import { deepEqual } from "node:assert/strict";
 *
 * const scores = matrixOf(2, 1, () => 1000);
 * deepEqual([...softmaxColumns(scores).values], [0.5, 0.5]);
 * ```
 */
export function softmaxColumns({ rows, columns, values }: Matrix): Matrix {
  const powers = new Float64Array(rows * columns);
  for (let n = 0; n < columns; n++) {
    let largest = -Infinity;
    for (let i = n; i < values.length; i += columns) {
      largest = Math.max(largest, values[i]!);
    }
    let sum = 0;
    for (let i = n; i < values.length; i += columns) {
      sum += powers[i] = Math.exp(values[i]! - largest);
    }
    for (let i = n; i < values.length; i += columns) powers[i]! /= sum;
  }
  return { rows, columns, values: powers };
}

/**
 * P W = W − 1 c̄ᵀ: each column less its mean. Two W are one hypothesis of
 * softmax(W x) where these are equal.
 *
 * @param W `[K, m]`
 * @returns `[K, m]`
 *
 * @example
 * ```ts
 * import { centeredColumns, matrixOf } from "alphalab";
 * import { deepEqual } from "node:assert/strict";
 *
 * const W = matrixOf(2, 1, (row) => 10 + row);
 * deepEqual([...centeredColumns(W).values], [-0.5, 0.5]);
 * ```
 */
export function centeredColumns({ rows, columns, values }: Matrix): Matrix {
  const means = new Float64Array(columns);
  values.forEach((value, i) => means[i % columns]! += value / rows);
  return {
    rows,
    columns,
    values: values.map((value, i) => value - means[i % columns]!),
  };
}
