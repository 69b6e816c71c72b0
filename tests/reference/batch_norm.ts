/**
 * Batch normalization in float64 as Ioffe and Szegedy 2015 (arXiv 1502.03167)
 * write it down, for x of `[values, channels]`; each channel on its own.
 */

interface Batch {
  x: ArrayLike<number>;
  scale: ArrayLike<number>;
  offset: ArrayLike<number>;
  epsilon: number;
}

/** Algorithm 1. */
export function batchNorm({ x, scale, offset, epsilon }: Batch) {
  const channels = scale.length, n = x.length / channels;
  const mean = new Float64Array(channels);
  const variance = new Float64Array(channels);
  const xHat = new Float64Array(x.length);
  const y = new Float64Array(x.length);
  for (let c = 0; c < channels; c++) {
    for (let i = c; i < x.length; i += channels) mean[c]! += x[i]! / n;
    for (let i = c; i < x.length; i += channels) {
      variance[c]! += (x[i]! - mean[c]!) ** 2 / n;
    }
    for (let i = c; i < x.length; i += channels) {
      xHat[i] = (x[i]! - mean[c]!) / Math.sqrt(variance[c]! + epsilon);
      y[i] = scale[c]! * xHat[i]! + offset[c]!;
    }
  }
  return { y, mean, variance, xHat };
}

/** The chain rule at the end of section 3, derivative by derivative. */
export function batchNormGrad(batch: Batch, dy: ArrayLike<number>) {
  const { x, scale, epsilon } = batch;
  const { mean, variance, xHat } = batchNorm(batch);
  const channels = scale.length, n = x.length / channels;
  const dx = new Float64Array(x.length);
  const dScale = new Float64Array(channels);
  const dOffset = new Float64Array(channels);
  for (let c = 0; c < channels; c++) {
    const root = Math.sqrt(variance[c]! + epsilon);
    let dVariance = 0, ofXHat = 0, deviations = 0;
    for (let i = c; i < x.length; i += channels) {
      const dXHat = dy[i]! * scale[c]!;
      dVariance += dXHat * (x[i]! - mean[c]!) * -0.5 / root ** 3;
      ofXHat += dXHat * -1 / root;
      deviations += -2 * (x[i]! - mean[c]!) / n;
      dScale[c]! += dy[i]! * xHat[i]!;
      dOffset[c]! += dy[i]!;
    }
    const dMean = ofXHat + dVariance * deviations;
    for (let i = c; i < x.length; i += channels) {
      dx[i] = dy[i]! * scale[c]! / root +
        dVariance * 2 * (x[i]! - mean[c]!) / n + dMean / n;
    }
  }
  return { dx, dScale, dOffset };
}
