import { descend, linearScores } from "../../matrices/linear_scores.ts";
import { maxOf } from "../../base/statistics.ts";

/** Which violating classes count: the worst one alone, or all of them. */
export const HINGES = ["max", "sum"] as const;

/** One of the hinges. */
export type Hinge = typeof HINGES[number];

/**
 * The multi-class hinge loss of one example, and its gradient by the scores
 * (report 5, sections 1.2 and 2.1). With v_j = 1 + s_j − s_y for each j ≠ y:
 *
 *     max:  loss = max(0, max_j v_j)        as the report prints it
 *     sum:  loss = Σ_j max(0, v_j)
 *
 *     d loss / d s_j = 1 where class j counts, 0 elsewhere
 *     d loss / d s_y = −(number of classes that count)
 *
 * A class counts where v_j > 0; on the margin's edge, v_j = 0, it does not.
 * With `max` only the maximizer counts, of equal ones the first.
 *
 * @param s a score for each class
 * @param label y
 * @param hinge which classes count
 * @returns the loss, and d loss / d s, `[numClasses]`
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { hingeLoss } from "#lib/reports/5_cs_587/linear_svm.ts";
 *
 * const s = [1, 2, 0.5]; // v_1 = 2 and v_2 = 0.5
 * assert.deepEqual(hingeLoss(s, 0, "max"), {
 *   loss: 2,
 *   ds: new Float64Array([-1, 1, 0]),
 * });
 * assert.deepEqual(hingeLoss(s, 0, "sum"), {
 *   loss: 2.5,
 *   ds: new Float64Array([-2, 1, 1]),
 * });
 * ```
 */
export function hingeLoss(
  s: ArrayLike<number>,
  label: number,
  hinge: Hinge,
): { loss: number; ds: Float64Array } {
  const violation = (j: number) => 1 + s[j]! - s[label]!;
  let counting: number[] = [];
  for (let j = 0; j < s.length; j++) {
    if (j !== label && violation(j) > 0) counting.push(j);
  }
  if (hinge === "max" && counting.length > 1) {
    const largest = maxOf(counting.map(violation));
    counting = [counting.find((j) => violation(j) === largest)!];
  }
  let loss = 0;
  const ds = new Float64Array(s.length);
  for (const j of counting) {
    loss += violation(j);
    ds[j]! += 1;
    ds[label]! -= 1;
  }
  return { loss, ds };
}

/** The norms R of the weights (report 5, section 1.2): Σ |w| and Σ w². */
export const REGULARIZATIONS = ["l1", "l2"] as const;

/** One of the norms. */
export type Regularization = typeof REGULARIZATIONS[number];

/** A linear classifier f(x) = W x + b. */
export interface LinearSvm {
  /** W, `[numClasses, inputs]`, row-major. */
  readonly weights: Float64Array;
  /** b, `[numClasses]`. */
  readonly bias: Float64Array;
}

/** An example to learn from. */
export interface LabeledInput {
  /** `[inputs]` */
  readonly x: ArrayLike<number>;
  readonly label: number;
}

/** What is minimized. */
export interface SvmLossOptions {
  readonly hinge: Hinge;
  /** λ, at least 0. */
  readonly lambda: number;
  readonly regularization: Regularization;
  /**
   * What the sum over the examples is divided by; defaults to their number. See
   * {@linkcode svmGradient} on the report's M and N.
   */
  readonly divisor?: number;
}

/**
 * Loss and gradient of a linear classifier on a mini-batch (report 5, sections
 * 1.2, 2.2 and 2.3), with sᵢ = W xᵢ + b and ds of `hingeLoss`:
 *
 *     L  = λ R(W) + 1/M Σᵢ loss(sᵢ, yᵢ)
 *     dW = λ ∇R(W) + 1/M Σᵢ dsᵢ xᵢᵀ     ∇R = sign(W) for L1, 0 at 0; 2 W for L2
 *     db =           1/M Σᵢ dsᵢ
 *
 * M is the number of examples in the mini-batch, as in the update of section
 * 1.3. Section 2.3 writes 1/N for the same mean, and N is the number of all
 * training images in section 1.2. Read so, it would make the gradient of the
 * hinge M/N of itself and leave that of λ R as it is: `divisor: N` computes it,
 * and over an epoch's batches these parts then add up to the gradient of all
 * images, of which each 1/M gradient is an estimate.
 *
 * @param svm W and b
 * @param examples M of them, at least one
 * @param options see {@linkcode SvmLossOptions}
 * @returns L; dW as W lies; db
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { svmGradient } from "#lib/reports/5_cs_587/linear_svm.ts";
 *
 * const weights = new Float64Array([1, 0, 0, 0]);
 * const svm = { weights, bias: new Float64Array(2) };
 * const examples = [{ x: [3, 5], label: 1 }];
 * const options = { hinge: "max", lambda: 0.5, regularization: "l2" } as const;
 * const { loss, dWeights, dBias } = svmGradient(svm, examples, options);
 * assert.equal(loss, 0.5 * 1 + (1 + 3 - 0));
 * assert.deepEqual([...dWeights], [1 + 3, 5, -3, -5]);
 * assert.deepEqual([...dBias], [1, -1]);
 * ```
 */
export function svmGradient(
  { weights, bias }: LinearSvm,
  examples: readonly LabeledInput[],
  options: SvmLossOptions,
): { loss: number; dWeights: Float64Array; dBias: Float64Array } {
  const { hinge, lambda, regularization, divisor = examples.length } = options;
  let norm = 0;
  const dWeights = new Float64Array(weights.length);
  const dBias = new Float64Array(bias.length);
  for (const [at, w] of weights.entries()) {
    norm += regularization === "l1" ? Math.abs(w) : w * w;
    dWeights[at] = lambda * (regularization === "l1" ? Math.sign(w) : 2 * w);
  }
  let loss = lambda * norm;
  for (const { x, label } of examples) {
    const s = linearScores(weights, x).map((score, j) => score + bias[j]!);
    const example = hingeLoss(s, label, hinge);
    loss += example.loss / divisor;
    for (const [j, ds] of example.ds.entries()) {
      if (ds === 0) continue;
      dBias[j]! += ds / divisor;
      for (let i = 0; i < x.length; i++) {
        dWeights[j * x.length + i]! += ds * x[i]! / divisor;
      }
    }
  }
  return { loss, dWeights, dBias };
}

/**
 * A step of mini-batch stochastic gradient descent (report 5, section 1.3):
 * W ← W − γ dW, b ← b − γ db.
 *
 * @param svm W and b, changed in place
 * @param examples the mini-batch
 * @param options see {@linkcode SvmLossOptions}
 * @param learningRate γ, above 0
 * @returns L before the step
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { svmStep } from "#lib/reports/5_cs_587/linear_svm.ts";
 *
 * const svm = { weights: new Float64Array(4), bias: new Float64Array(2) };
 * const options = { hinge: "max", lambda: 0, regularization: "l2" } as const;
 * svmStep(svm, [{ x: [4, 8], label: 0 }], options, 0.25);
 * assert.deepEqual([...svm.weights], [1, 2, -1, -2]);
 * assert.deepEqual([...svm.bias], [0.25, -0.25]);
 * ```
 */
export function svmStep(
  svm: LinearSvm,
  examples: readonly LabeledInput[],
  options: SvmLossOptions,
  learningRate: number,
): number {
  const { loss, dWeights, dBias } = svmGradient(svm, examples, options);
  descend(svm.weights, dWeights, learningRate);
  descend(svm.bias, dBias, learningRate);
  return loss;
}
