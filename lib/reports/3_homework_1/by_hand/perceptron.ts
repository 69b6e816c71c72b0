import {
  linearScores,
  predictedClass,
} from "../../../matrices/linear_scores.ts";

/**
 * A step of the multi-class perceptron on one example (report 3, section 1.1.1;
 * Rosenblatt 1958):
 *
 *     ŷ = argmaxₖ wₖ · x
 *     where ŷ ≠ y:  w_y ← w_y + η x,  w_ŷ ← w_ŷ − η x
 *
 * From weights of 0 on, η is a factor of all weights and of all scores and
 * changes no decision; neither does a factor of all inputs. So a training on
 * integer inputs, which float64 computes without any rounding, makes the same
 * mistakes as one on inputs between 0 and 1.
 *
 * @param weights `[numClasses, inputs]`, row-major; changed in place
 * @param x `[inputs]`, the last one constant, for the bias
 * @param label y
 * @param learningRate η, above 0
 * @returns ŷ, before the step
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import {
 *   perceptronStep,
 * } from "#lib/reports/3_homework_1/by_hand/perceptron.ts";
 *
 * const weights = new Float64Array(4); // 2 classes, 1 pixel and the bias
 * assert.equal(perceptronStep(weights, [0.5, 1], 1, 1), 0);
 * assert.deepEqual([...weights], [-0.5, -1, 0.5, 1]);
 * ```
 */
export function perceptronStep(
  weights: Float64Array,
  x: ArrayLike<number>,
  label: number,
  learningRate: number,
): number {
  const prediction = predictedClass(linearScores(weights, x));
  if (prediction !== label) {
    for (let i = 0; i < x.length; i++) {
      weights[label * x.length + i]! += learningRate * x[i]!;
      weights[prediction * x.length + i]! -= learningRate * x[i]!;
    }
  }
  return prediction;
}
