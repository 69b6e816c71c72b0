import { maxOf } from "../../../base/statistics.ts";
import type { Matrix } from "../../../matrices/matrix.ts";
import { crossEntropy, type LabelledColumns } from "./cross_entropy.ts";
import type { Family } from "./families.ts";
import { centeredColumns } from "./softmax_columns.ts";

/** How gradient descent runs. */
export interface DescentOptions {
  /** η. */
  readonly learningRate: number;
  /** The descent has converged where no parameter's gradient is above it. */
  readonly tolerance: number;
  /** After so many it stops in any case. */
  readonly maxSteps: number;
}

/** What a descent found, and its way there. */
export interface Descent {
  /** The mean loss before each step, and at the end; `[steps + 1]`. */
  readonly losses: number[];
  /**
   * The entries (1, 1) and (1, 2) of P W, as many: the same for all W of a
   * hypothesis.
   */
  readonly path: [number, number][];
  /** W at the end. */
  readonly product: Matrix;
  /** The largest entry of W's gradient there; where it is 0, no W is better. */
  readonly gradient: number;
  readonly converged: boolean;
}

/**
 * Full-batch gradient descent, θ ← θ − η dL/dθ, until all gradients are small.
 *
 * @param family what the parameters are
 * @param parameters where it starts; changed in place
 * @param data the examples
 * @param options see {@linkcode DescentOptions}
 * @returns losses, path and end
 *
 * @example
 * ```ts
 * import {
 *   createRandom,
 *   DIRECT,
 *   drawColumns,
 *   matrixOf,
 *   trainFamily,
 * } from "alphalab";
 * import assert from "node:assert/strict";
 *
 * const sizes = { classes: 2, inputs: 2, count: 50 };
 * const data = drawColumns(sizes, createRandom(0));
 * const options = { learningRate: 1, tolerance: 1e-6, maxSteps: 10_000 };
 * const W = matrixOf(2, 2, () => 0);
 * const { losses, converged } = trainFamily(DIRECT, W, data, options);
 * assert.ok(Math.abs(losses[0]! - Math.log(2)) < 1e-14);
 * assert.ok(converged && losses.at(-1)! < losses[0]!);
 * ```
 */
export function trainFamily<P>(
  family: Family<P>,
  parameters: P,
  data: LabelledColumns,
  { learningRate, tolerance, maxSteps }: DescentOptions,
): Descent {
  const losses: number[] = [];
  const path: [number, number][] = [];
  const parts = family.parts(parameters);
  for (let step = 0;; step++) {
    const product = family.product(parameters);
    const { loss, dW } = crossEntropy(product, data);
    const [first, second] = centeredColumns(product).values;
    losses.push(loss);
    path.push([first!, second!]);
    const gradients = family.gradients(parameters, dW);
    const converged = maxOf(gradients.map(largest)) <= tolerance;
    if (converged || step === maxSteps || !Number.isFinite(loss)) {
      return { losses, path, product, gradient: largest(dW), converged };
    }
    parts.forEach(({ values }, i) => {
      const gradient = gradients[i]!.values;
      for (let j = 0; j < values.length; j++) {
        values[j]! -= learningRate * gradient[j]!;
      }
    });
  }
}

const largest = ({ values }: Matrix) =>
  values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
