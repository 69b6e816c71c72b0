import { countCorrect } from "../train/count_correct.ts";

/** How far two nets' logits agree on the same images. */
export interface LogitAgreement {
  /** Of the absolute differences; NaN where a logit is no number. */
  readonly largestDifference: number;
  /** Images that the first net classifies right. */
  readonly correct: number;
  /** Images that the second net classifies right. */
  readonly otherCorrect: number;
}

/**
 * Compares the logits that two nets give the same images.
 *
 * @param logits float32 `[count, numClasses]`
 * @param others of the other net, the same shape
 * @param labels int32 `[count]`
 * @throws {RangeError} where their lengths differ
 *
 * @example
 * ```ts
 * import { compareLogits } from "alphalab";
 *
 * const [a, b] = [new Float32Array([1, 2]), new Float32Array([1, 0.5])];
 * console.log(compareLogits(a, b, new Int32Array([1])));
 * // { largestDifference: 1.5, correct: 1, otherCorrect: 0 }
 * ```
 */
export function compareLogits(
  logits: Float32Array,
  others: Float32Array,
  labels: Int32Array,
): LogitAgreement {
  if (logits.length !== others.length) {
    throw new RangeError(
      `Cannot compare logits: there must be ${logits.length} of both nets: got ${others.length}`,
    );
  }
  const largestDifference = logits.reduce(
    (largest, logit, i) => Math.max(largest, Math.abs(logit - others[i]!)),
    0,
  );
  return {
    largestDifference,
    correct: countCorrect(logits, labels),
    otherCorrect: countCorrect(others, labels),
  };
}
