/**
 * −log softmax(z)[label] of each row z, and its gradient
 * softmax(z) − oneHot(label), in float64. With the maximum M of the row:
 * softmax(z)ₖ = exp(zₖ − M) / Σⱼ exp(zⱼ − M).
 */
export function softmaxCrossEntropy(
  logits: ArrayLike<number>,
  labels: ArrayLike<number>,
  numClasses: number,
) {
  const loss = new Float64Array(labels.length);
  const dLogits = new Float64Array(logits.length);
  for (let row = 0; row < labels.length; row++) {
    const z = Array.from(
      { length: numClasses },
      (_, k) => logits[row * numClasses + k]!,
    );
    const maximum = Math.max(...z);
    const sum = z.reduce((total, zk) => total + Math.exp(zk - maximum), 0);
    const label = labels[row]!;
    loss[row] = Math.log(sum) - (z[label]! - maximum);
    for (let k = 0; k < numClasses; k++) {
      const probability = Math.exp(z[k]! - maximum) / sum;
      dLogits[row * numClasses + k] = probability - (k === label ? 1 : 0);
    }
  }
  return { loss, dLogits };
}
