import { expF64, logF64 } from "./math";
import { F32 } from "./simd";

/**
 * Per example loss −log softmax(logits)[label] and its gradient
 * softmax(logits) − oneHot(label), in one pass over a row of logits, through
 * the row's maximum so that no exponent overflows. A chunk is `chunkRows`
 * rows; float64 inside a row. dLogits may be logits.
 */
@unmanaged
class SoftmaxCrossEntropyParams {
  logits: usize; // f32 [rows, classes]
  labels: usize; // i32 [rows], each in 0 … classes − 1
  loss: usize; // f32 [rows]
  dLogits: usize; // f32 [rows, classes]
  rows: i32;
  classes: i32;
  chunkRows: i32;
}

export function softmaxCrossEntropyF32(
  params: usize,
  chunk: i32,
  _thread: i32,
): void {
  const p = changetype<SoftmaxCrossEntropyParams>(params);
  const first = chunk * p.chunkRows;
  const last = min(first + p.chunkRows, p.rows);
  const rowBytes = <usize> p.classes * F32;
  for (let row = first; row < last; row++) {
    const logits = p.logits + <usize> row * rowBytes;
    const dLogits = p.dLogits + <usize> row * rowBytes;
    const label = <usize> load<i32>(p.labels + <usize> row * 4) * F32;
    const labelLogit = <f64> load<f32>(logits + label);
    let maximum = -Infinity;
    for (let i: usize = 0; i < rowBytes; i += F32) {
      maximum = max(maximum, <f64> load<f32>(logits + i));
    }
    let sum: f64 = 0;
    for (let i: usize = 0; i < rowBytes; i += F32) {
      sum += expF64(<f64> load<f32>(logits + i) - maximum);
    }
    store<f32>(
      p.loss + <usize> row * F32,
      <f32> (logF64(sum) - (labelLogit - maximum)),
    );
    const scale = 1 / sum;
    for (let i: usize = 0; i < rowBytes; i += F32) {
      const probability = expF64(<f64> load<f32>(logits + i) - maximum) * scale;
      store<f32>(
        dLogits + i,
        <f32> (i == label ? probability - 1 : probability),
      );
    }
  }
}
