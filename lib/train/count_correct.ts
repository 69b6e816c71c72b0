/**
 * Counts the examples whose largest logit is their label's; of equal largest
 * logits the first counts.
 *
 * @param logits float32 `[size, numClasses]`, row-major
 * @param labels int32 `[size]`, class ids
 * @returns 0 to size
 *
 * @example
 * ```ts
 * import { countCorrect } from "alphalab";
 *
 * const logits = new Float32Array([0.1, 0.9, 0.8, 0.2]);
 * console.log(countCorrect(logits, new Int32Array([1, 1]))); // 1
 * ```
 */
export function countCorrect(
  logits: Float32Array,
  labels: Int32Array,
): number {
  const numClasses = logits.length / labels.length;
  let correct = 0;
  for (let row = 0; row < labels.length; row++) {
    const start = row * numClasses;
    let best = 0;
    for (let k = 1; k < numClasses; k++) {
      if (logits[start + k]! > logits[start + best]!) best = k;
    }
    if (best === labels[row]) correct++;
  }
  return correct;
}
