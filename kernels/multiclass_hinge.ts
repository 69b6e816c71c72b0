import { F32 } from "./simd";

/**
 * Per example multi-class hinge loss, with vⱼ = margin + sⱼ − s_label:
 * Σ max(0, vⱼ) or, with `largestOnly`, the largest max(0, vⱼ), over j ≠ label;
 * and its gradient in the same pass: 1 at each class that counts, minus their
 * number at the label. At the kink vⱼ = 0 a class does not count; of equal
 * largest vⱼ the first does. A NaN among the logits makes the loss NaN. A chunk
 * is `chunkRows` rows; float64 inside a row. Nothing may overlap.
 */
@unmanaged
class MulticlassHingeParams {
  logits: usize; // f32 [rows, classes]
  labels: usize; // i32 [rows], each in 0 … classes − 1
  loss: usize; // f32 [rows]
  dLogits: usize; // f32 [rows, classes]
  rows: i32;
  classes: i32;
  chunkRows: i32;
  largestOnly: i32;
  margin: f32;
}

export function multiclassHingeF32(
  params: usize,
  chunk: i32,
  _thread: i32,
): void {
  const p = changetype<MulticlassHingeParams>(params);
  const first = chunk * p.chunkRows;
  const last = min(first + p.chunkRows, p.rows);
  const end = <usize> p.classes * F32;
  for (let row = first; row < last; row++) {
    const logits = p.logits + <usize> row * end;
    const dLogits = p.dLogits + <usize> row * end;
    const label = <usize> load<i32>(p.labels + <usize> row * 4) * F32;
    const loss = p.largestOnly
      ? largestViolation(logits, dLogits, label, end, p.margin)
      : sumOfViolations(logits, dLogits, label, end, p.margin);
    store<f32>(p.loss + <usize> row * F32, <f32> loss);
  }
}

function sumOfViolations(
  logits: usize,
  dLogits: usize,
  label: usize,
  end: usize,
  margin: f64,
): f64 {
  const labelLogit = <f64> load<f32>(logits + label);
  let sum: f64 = 0;
  let count: f32 = 0;
  for (let i: usize = 0; i < end; i += F32) {
    const violation = margin + <f64> load<f32>(logits + i) - labelLogit;
    // Not `violation > 0`, which would lose a NaN.
    const counts = i != label && !(violation <= 0);
    if (counts) {
      sum += violation;
      count += 1;
    }
    store<f32>(dLogits + i, counts ? 1 : 0);
  }
  store<f32>(dLogits + label, -count);
  return sum;
}

function largestViolation(
  logits: usize,
  dLogits: usize,
  label: usize,
  end: usize,
  margin: f64,
): f64 {
  const labelLogit = <f64> load<f32>(logits + label);
  let largest: f64 = 0;
  let at = label;
  for (let i: usize = 0; i < end; i += F32) {
    const violation = margin + <f64> load<f32>(logits + i) - labelLogit;
    if (i != label && (violation > largest || violation != violation)) {
      largest = violation;
      at = i;
    }
    store<f32>(dLogits + i, 0);
  }
  if (at != label) {
    store<f32>(dLogits + at, 1);
    store<f32>(dLogits + label, -1);
  }
  return largest;
}
