import {
  elementwise,
  type Matrix,
  matrixOf,
  matrixProduct,
} from "../../../matrices/matrix.ts";

/**
 * The probabilities of examples: softmax(z)ₖ = exp(zₖ) / Σⱼ exp(zⱼ) for each
 * column z. The largest zₖ is taken out first, so that nothing overflows.
 *
 * @param scores `[K, N]`, a column an example
 * @returns `[K, N]`
 *
 * @example
 * ```ts
 * import { matrixOf } from "#lib/matrices/matrix.ts";
 * import {
 *   softmaxColumns,
 * } from "#lib/reports/4_csi_5138/families/hypotheses.ts";
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
 * import { matrixOf } from "#lib/matrices/matrix.ts";
 * import {
 *   centeredColumns,
 * } from "#lib/reports/4_csi_5138/families/hypotheses.ts";
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

/** A hypothesis softmax((A + B) C x) of report 4's H₂, r being K there. */
export interface Factors {
  /** `[K, r]`. */
  readonly A: Matrix;
  /** `[K, r]`. */
  readonly B: Matrix;
  /** `[r, m]`. */
  readonly C: Matrix;
}

/**
 * The hypothesis of H₁ that one of H₂ is: softmax(W x) with W = (A + B) C. So
 * H₂ ⊆ H₁ for every K, m and r.
 *
 * @param factors A, B and C
 * @returns W, `[K, m]`
 *
 * @example
 * ```ts
 * import { matrixOf } from "#lib/matrices/matrix.ts";
 * import { productOf } from "#lib/reports/4_csi_5138/families/hypotheses.ts";
 * import { equal } from "node:assert/strict";
 *
 * const scalar = (value: number) => matrixOf(1, 1, () => value);
 * const W = productOf({ A: scalar(1), B: scalar(2), C: scalar(5) });
 * equal(W.values[0], 15);
 * ```
 */
export function productOf({ A, B, C }: Factors): Matrix {
  return matrixProduct(elementwise((a, b) => a + b, A, B), C);
}

/**
 * The scores (A + B) (C x) of examples, in the order that H₂ is written in.
 *
 * @param factors A, B and C
 * @param inputs `[m, N]`, a column an example
 * @returns `[K, N]`
 *
 * @example
 * ```ts
 * import { matrixOf } from "#lib/matrices/matrix.ts";
 * import {
 *   factoredScores,
 * } from "#lib/reports/4_csi_5138/families/hypotheses.ts";
 * import { equal } from "node:assert/strict";
 *
 * const scalar = (value: number) => matrixOf(1, 1, () => value);
 * const factors = { A: scalar(1), B: scalar(2), C: scalar(5) };
 * equal(factoredScores(factors, scalar(10)).values[0], 150);
 * ```
 */
export function factoredScores({ A, B, C }: Factors, inputs: Matrix): Matrix {
  const sum = elementwise((a, b) => a + b, A, B);
  return matrixProduct(sum, matrixProduct(C, inputs));
}

/**
 * The inner dimension from which on H₂ is all of H₁: min(K − 1, m).
 *
 * softmax does not see a shift: softmax(z + c 1) = softmax(z), and for no other
 * z′ is softmax(z′) = softmax(z), since zᵢ − zⱼ = log pᵢ − log pⱼ. So W and W′
 * are one hypothesis just where W′ = W + 1 cᵀ, that is where P W′ = P W with
 * P = I − 1 1ᵀ / K, which takes each column's mean away.
 *
 * Enough: {@linkcode factorsOf} builds A, B and C. Necessary: P has rank K − 1,
 * so that some P W have rank min(K − 1, m), almost all of them. But P (A + B) C
 * has at most rank r.
 *
 * @param classes K, at least 1
 * @param inputs m, at least 1
 * @returns the smallest r, 0 where K is 1
 *
 * @example
 * ```ts
 * import {
 *   neededInnerDimension,
 * } from "#lib/reports/4_csi_5138/families/hypotheses.ts";
 * import { equal } from "node:assert/strict";
 *
 * equal(neededInnerDimension(4, 6), 3); // one below K
 * equal(neededInnerDimension(6, 3), 3); // K > m: three below K
 * ```
 */
export function neededInnerDimension(classes: number, inputs: number): number {
  return Math.min(classes - 1, inputs);
}

/**
 * The hypothesis of H₂ that one of H₁ is, with B = 0 and
 *
 *     r ≥ K:      A = I,      C = W           (A + B) C = W
 *     r ≥ m:      A = W,      C = I           (A + B) C = W
 *     r ≥ K − 1:  A = I,      C = W − 1 wᵀ    (A + B) C = W − 1 wᵀ
 *
 * where wᵀ is W's last row. In the last case C's last row is 0 and left out, as
 * is A's last column: the scores are W's, less the last class's. Whatever r has
 * beyond these sizes is filled with 0.
 *
 * @param W `[K, m]`
 * @param inner r
 * @returns A, B, C with softmax((A + B) C x) = softmax(W x) for all x
 * @throws {RangeError} where r < min(K − 1, m): there is none in general
 *
 * @example
 * ```ts
 * import { matrixOf } from "#lib/matrices/matrix.ts";
 * import {
 *   factorsOf,
 *   productOf,
 * } from "#lib/reports/4_csi_5138/families/hypotheses.ts";
 * import { deepEqual } from "node:assert/strict";
 *
 * const W = matrixOf(3, 2, (row, column) => row - column);
 * deepEqual(productOf(factorsOf(W, 3)), W);
 * deepEqual(productOf(factorsOf(W, 2)), W);
 * ```
 */
export function factorsOf(W: Matrix, inner: number): Factors {
  const { rows: K, columns: m, values } = W;
  const needed = neededInnerDimension(K, m);
  if (inner < needed || inner < 1) {
    throw new RangeError(
      `Cannot factor W: the inner dimension must be at least ${
        Math.max(1, needed)
      } for ${K} classes and ${m} inputs: got ${inner}`,
    );
  }
  const entry = (row: number, column: number) => values[row * m + column]!;
  const unit = (row: number, column: number) => row === column ? 1 : 0;
  const B = matrixOf(K, inner, () => 0);
  if (inner < K && inner >= m) {
    return {
      A: matrixOf(K, inner, (k, j) => j < m ? entry(k, j) : 0),
      B,
      C: matrixOf(inner, m, unit),
    };
  }
  const last = (column: number) => inner < K ? entry(K - 1, column) : 0;
  return {
    A: matrixOf(K, inner, unit),
    B,
    C: matrixOf(inner, m, (j, i) => j < K ? entry(j, i) - last(i) : 0),
  };
}
