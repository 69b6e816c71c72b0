import type { Random } from "../../../base/random.ts";
import { matrixOf, matrixProduct } from "../../../matrices/matrix.ts";
import type { LabelledColumns } from "./train_family.ts";
import { type Factors, softmaxColumns } from "./hypotheses.ts";

/**
 * Examples whose classes no W tells apart without error: x from N(0, I), W⋆
 * from N(0, 1), and x's class drawn from softmax(W⋆ x). With many more examples
 * than entries of W, both other classes and the right one lie everywhere, so
 * that the loss is smallest at a finite W.
 *
 * @param sizes K, m and N
 * @param random draws W⋆, then the inputs, then the labels
 * @returns the examples
 *
 * @example
 * ```ts
 * import {
 *   drawColumns,
 * } from "#lib/reports/4_csi_5138/families/draw_problem.ts";
 * import { createRandom } from "alphalab/random";
 * import { equal } from "node:assert/strict";
 *
 * const { inputs, labels } = drawColumns(
 *   { classes: 3, inputs: 2, count: 10 },
 *   createRandom(0),
 * );
 * equal(inputs.columns, 10);
 * equal(labels.length, 10);
 * ```
 */
export function drawColumns(
  { classes, inputs: m, count }: {
    readonly classes: number;
    readonly inputs: number;
    readonly count: number;
  },
  random: Random,
): LabelledColumns {
  const normal = () => random.normal();
  const W = matrixOf(classes, m, normal);
  const inputs = matrixOf(m, count, normal);
  const { values } = softmaxColumns(matrixProduct(W, inputs));
  const labels = Uint8Array.from({ length: count }, (_, n) => {
    let left = random.uniform();
    for (let k = 0; k < classes - 1; k++) {
      left -= values[k * count + n]!;
      if (left < 0) return k;
    }
    return classes - 1;
  });
  return { inputs, labels };
}

/**
 * Factors whose product is 0, whatever the inner dimension: A and C random,
 * with variance 1/r and 1/m, and B = −A.
 *
 * @param sizes K, r and m
 * @param random draws A, then C
 * @returns the factors
 *
 * @example
 * ```ts
 * import {
 *   drawZeroFactors,
 * } from "#lib/reports/4_csi_5138/families/draw_problem.ts";
 * import { productOf } from "#lib/reports/4_csi_5138/families/hypotheses.ts";
 * import { createRandom } from "alphalab/random";
 * import assert from "node:assert/strict";
 *
 * const sizes = { classes: 3, inner: 2, inputs: 4 };
 * const factors = drawZeroFactors(sizes, createRandom(0));
 * assert.ok(productOf(factors).values.every((entry) => entry === 0));
 * ```
 */
export function drawZeroFactors(
  { classes, inner, inputs }: {
    readonly classes: number;
    readonly inner: number;
    readonly inputs: number;
  },
  random: Random,
): Factors {
  const A = matrixOf(
    classes,
    inner,
    () => random.normal() / Math.sqrt(inner),
  );
  return {
    A,
    B: { ...A, values: A.values.map((a) => -a) },
    C: matrixOf(inner, inputs, () => random.normal() / Math.sqrt(inputs)),
  };
}
