import { exampleAt, Examples, touchNext, widenPixelsF32 } from "./examples";
import { dotRows, stepAndDotRows } from "./row_pass";
import { F32 } from "./simd";
import { argmax, softmaxRow } from "./softmax_row";

/**
 * Softmax regression by stochastic gradient descent, one example after the
 * other: W ← W − η (softmax(W x) − oneHot(label)) xᵀ.
 *
 * Pixels stay 0 to 255, the bias' input is 255, and the factor 1 / 255 goes
 * with the logits and with the step. A row is a class; `inputs` is a multiple
 * of 8, and there are four rows for every four classes or part of that. What is
 * beyond the pixels, the bias and the classes is 0 and stays so. An example's
 * step is done in the next one's pass over the weights, the last one's at the
 * end, so that where a call ends changes no bit.
 *
 * Where the learning rate is 0 the weights stay as they are, and any number of
 * chunks may run at once.
 */
@unmanaged
class LogisticRegressionEpochParams extends Examples {
  losses: usize; // f64 [chunks]: sums, each loss before its step
  weights: usize; // f32 [rows, inputs]
  inputs: i32;
  learningRate: f32;
}

export function logisticRegressionEpochF32(
  params: usize,
  chunk: i32,
  thread: i32,
): void {
  const p = changetype<LogisticRegressionEpochParams>(params);
  const first = chunk * p.chunkSize;
  const last = min(first + p.chunkSize, p.count);
  const classes = p.classes, pixels = p.pixels;
  const bytes = <usize> p.inputs * F32;
  const groups = (classes + 3) >> 2;
  const scratch = p.scratch + <usize> thread * p.scratchBytes;
  const logits = scratch; // f32 [rows]
  const steps = logits + groups * 16; // f32 [rows]
  const room = steps + groups * 16; // f64 [rows]
  let x = room + groups * 32, previous = x + bytes; // f32 [inputs] each
  const bias = <usize> pixels * F32;
  store<f32>(x + bias, 255);
  store<f32>(previous + bias, 255);
  const learns = p.learningRate != 0;
  const scale: f64 = 1.0 / 255;
  const factor = -<f64> p.learningRate * scale;
  let loss: f64 = 0;
  let correct = 0;
  let touched: u32 = 0;
  for (let t = first; t < last; t++) {
    touched += touchNext(p, t, last);
    const example = exampleAt(p, t);
    widenPixelsF32(p.images + example * pixels, pixels, x);
    pass(p, learns && t > first, groups, bytes, steps, previous, x, logits);
    const label = load<i32>(p.labels + example * 4);
    if (argmax(logits, classes) == label) correct++;
    loss += softmaxRow(logits, scale, classes, label, steps, factor, room);
    const swapped = x;
    x = previous, previous = swapped;
  }
  if (learns) pass(p, true, groups, bytes, steps, previous, x, logits);
  store<f64>(p.losses + <usize> chunk * sizeof<f64>(), loss);
  store<i32>(p.correct + <usize> chunk * 4, correct);
  store<u32>(room, touched); // or the reading would be compiled away
}

/** The last example's step, if there is one, and the logits of x, times 255. */
function pass(
  p: LogisticRegressionEpochParams,
  steps: bool,
  groups: i32,
  bytes: usize,
  step: usize,
  previous: usize,
  x: usize,
  logits: usize,
): void {
  let row = p.weights;
  for (let group = 0; group < groups; group++) {
    const row1 = row + bytes, row2 = row1 + bytes, row3 = row2 + bytes;
    if (steps) {
      stepAndDotRows(row, row1, row2, row3, step, previous, x, bytes, logits);
    } else {
      dotRows(row, row1, row2, row3, x, bytes, logits);
    }
    row = row3 + bytes, step += 16, logits += 16;
  }
}
