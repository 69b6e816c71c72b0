import type { Random } from "../../../base/random.ts";
import { descend, linearScores } from "../../../matrices/linear_scores.ts";
import { softmaxLoss } from "./logistic_regression.ts";

/** A perceptron with one hidden layer; matrices are row-major. */
export interface MlpParameters {
  /** W₁, `[hidden, inputs]`. */
  readonly weights1: Float64Array;
  /** b₁, `[hidden]`. */
  readonly biases1: Float64Array;
  /** W₂, `[classes, hidden]`. */
  readonly weights2: Float64Array;
  /** b₂, `[classes]`. */
  readonly biases2: Float64Array;
}

/**
 * The parameters that report 3 starts from (section 1.2.2): weights from
 * N(0.1, 0.1²), biases 0.
 *
 * @param sizes of the layers, each at least 1
 * @param random draws W₁, then W₂, each in the order in which it lies
 * @returns the parameters
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { createMlp } from "#lib/reports/3_homework_1/by_hand/mlp.ts";
 * import { createRandom } from "alphalab/random";
 *
 * const sizes = { inputs: 784, hidden: 200, classes: 4 };
 * const { weights1, biases2 } = createMlp(sizes, createRandom(0));
 * assert.equal(weights1.length, 200 * 784);
 * assert.deepEqual([...biases2], [0, 0, 0, 0]);
 * ```
 */
export function createMlp(
  sizes: { inputs: number; hidden: number; classes: number },
  random: Random,
): MlpParameters {
  const { inputs, hidden, classes } = sizes;
  const draw = () => 0.1 + 0.1 * random.normal();
  return {
    weights1: new Float64Array(hidden * inputs).map(draw),
    biases1: new Float64Array(hidden),
    weights2: new Float64Array(classes * hidden).map(draw),
    biases2: new Float64Array(classes),
  };
}

/**
 * The layers, from the inputs on: a = W₁ x + b₁, h = ReLU(a), z = W₂ h + b₂.
 *
 * @returns `h [hidden]`, and `z [classes]`, a score for each class
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { mlpScores } from "#lib/reports/3_homework_1/by_hand/mlp.ts";
 *
 * const { h, z } = mlpScores({
 *   weights1: new Float64Array([1, -1]), // 2 hidden units, 1 input
 *   biases1: new Float64Array([0.5, 0]),
 *   weights2: new Float64Array([2, 2]), // 1 class
 *   biases2: new Float64Array([10]),
 * }, [3]);
 * assert.deepEqual([...h], [3.5, 0]);
 * assert.deepEqual([...z], [17]);
 * ```
 */
export function mlpScores(
  { weights1, biases1, weights2, biases2 }: MlpParameters,
  x: ArrayLike<number>,
): { h: Float64Array; z: Float64Array } {
  const h = linearScores(weights1, x)
    .map((sum, j) => Math.max(0, sum + biases1[j]!));
  const z = linearScores(weights2, h).map((sum, k) => sum + biases2[k]!);
  return { h, z };
}

/**
 * Loss and gradients on one example, by backpropagation (report 3, section
 * 1.2.2), from the loss back to the inputs:
 *
 *     dz = softmax(z) − oneHot(y)
 *     dW₂ = dz hᵀ,  db₂ = dz
 *     da = W₂ᵀ dz where h > 0, else 0    (ReLU's slope, 0 at the kink)
 *     dW₁ = da xᵀ,  db₁ = da
 *
 * @param parameters of the net
 * @param x `[inputs]`
 * @param label y
 * @returns the loss, and a gradient for each parameter, as it lies
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import {
 *   createMlp,
 *   mlpGradient,
 * } from "#lib/reports/3_homework_1/by_hand/mlp.ts";
 * import { createRandom } from "alphalab/random";
 *
 * const sizes = { inputs: 2, hidden: 3, classes: 2 };
 * const parameters = createMlp(sizes, createRandom(0));
 * const { gradient } = mlpGradient(parameters, [0.5, 1], 1);
 * const [one, other] = gradient.biases2; // probabilities less one hot
 * assert.ok(Math.abs(one! + other!) < 1e-15);
 * ```
 */
export function mlpGradient(
  parameters: MlpParameters,
  x: ArrayLike<number>,
  label: number,
): { loss: number; gradient: MlpParameters } {
  const { h, z } = mlpScores(parameters, x);
  const { loss, dz } = softmaxLoss(z, label);
  const da = new Float64Array(h.length);
  for (let j = 0; j < h.length; j++) {
    if (h[j] === 0) continue;
    for (let k = 0; k < z.length; k++) {
      da[j]! += parameters.weights2[k * h.length + j]! * dz[k]!;
    }
  }
  const gradient = {
    weights1: outer(da, x),
    biases1: da,
    weights2: outer(dz, h),
    biases2: dz,
  };
  return { loss, gradient };
}

/**
 * A step of stochastic gradient descent on one example (report 3, equation 2):
 * θ ← θ − η dθ for each parameter θ.
 *
 * @param parameters changed in place
 * @param learningRate η, above 0
 * @returns the loss before the step
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import {
 *   createMlp,
 *   mlpStep,
 * } from "#lib/reports/3_homework_1/by_hand/mlp.ts";
 * import { createRandom } from "alphalab/random";
 *
 * const sizes = { inputs: 2, hidden: 3, classes: 2 };
 * const parameters = createMlp(sizes, createRandom(0));
 * const before = mlpStep(parameters, [0.5, 1], 1, 0.1);
 * assert.ok(mlpStep(parameters, [0.5, 1], 1, 0.1) < before);
 * ```
 */
export function mlpStep(
  parameters: MlpParameters,
  x: ArrayLike<number>,
  label: number,
  learningRate: number,
): number {
  const { loss, gradient } = mlpGradient(parameters, x, label);
  for (const name of ["weights1", "biases1", "weights2", "biases2"] as const) {
    descend(parameters[name], gradient[name], learningRate);
  }
  return loss;
}

/** a bᵀ, `[a.length, b.length]`. */
function outer(a: Float64Array, b: ArrayLike<number>): Float64Array {
  return new Float64Array(a.length * b.length).map((_, i) =>
    a[Math.floor(i / b.length)]! * b[i % b.length]!
  );
}
