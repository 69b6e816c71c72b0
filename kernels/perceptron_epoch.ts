import { exampleAt, Examples, touchNext, widenPixelsI16 } from "./examples";

/**
 * The multi-class perceptron, one example after the other: the first class with
 * the largest score wₖ · x is predicted; where it is wrong, x is added to the
 * weights of the label and subtracted from those of the prediction.
 *
 * Integers throughout, so that no result is rounded; the name's F32 only says
 * that the pool may call it. The inputs are the pixels, and 255 for the bias.
 * A weight is 2¹⁵ high + low with 0 ≤ low < 2¹⁵, both i16 as SIMD's products
 * want them: |w| < 2³⁰, which the host sees to. A block has the weights of four
 * classes for eight inputs: the low parts of the first class, its high parts,
 * those of the second class, and so on. What is beyond the pixels, the bias and
 * the classes is 0 and stays so.
 *
 * Without `learn` the weights stay as they are, and any number of chunks may
 * run at once.
 */
@unmanaged
class PerceptronEpochParams extends Examples {
  weights: usize; // i16 [classes / 4, inputs / 8, 4, 2, 8], rounded up
  inputs: i32; // a multiple of 8
  learn: i32;
}

/** Bytes of a block, and of a class in it. */
const BLOCK = 128;
const CLASS = 32;

/**
 * Bytes of inputs whose products fit an i32: 128 vectors, 2 · 32,768 · 255 per
 * lane.
 */
const SEGMENT = 2048;

export function perceptronEpochF32(
  params: usize,
  chunk: i32,
  thread: i32,
): void {
  const p = changetype<PerceptronEpochParams>(params);
  const first = chunk * p.chunkSize;
  const last = min(first + p.chunkSize, p.count);
  const pixels = p.pixels;
  const bytes = <usize> p.inputs * 2;
  const x = p.scratch + <usize> thread * p.scratchBytes; // i16 [inputs]
  const scores = x + bytes; // i64 [classes], rounded up to a multiple of 4
  store<i16>(x + <usize> pixels * 2, 255);
  let correct = 0;
  let touched: u32 = 0;
  for (let t = first; t < last; t++) {
    touched += touchNext(p, t, last);
    const example = exampleAt(p, t);
    widenPixelsI16(p.images + example * pixels, pixels, x);
    let prediction = 0;
    for (let k = 0; k < p.classes; k++) {
      if (!(k & 3)) scoreClasses(weightsOf(p, k), x, bytes, scores + k * 8);
      const best = load<i64>(scores + <usize> prediction * 8);
      if (load<i64>(scores + <usize> k * 8) > best) prediction = k;
    }
    const label = load<i32>(p.labels + example * 4);
    if (prediction == label) correct++;
    else if (p.learn) {
      const right = weightsOf(p, label), wrong = weightsOf(p, prediction);
      move(right, wrong, x, bytes, i16x8.splat(0x7fff));
    }
  }
  store<i32>(p.correct + <usize> chunk * 4, correct);
  store<u32>(scores, touched); // or the reading would be compiled away
}

/** A class' part of the first block that has it. */
function weightsOf(p: PerceptronEpochParams, k: i32): usize {
  const blocks = <usize> (k >> 2) * (p.inputs >> 3);
  return p.weights + blocks * BLOCK + <usize> (k & 3) * CLASS;
}

/** Scores of four classes. */
function scoreClasses(
  weights: usize,
  x: usize,
  bytes: usize,
  scores: usize,
): void {
  v128.store(scores, i64x2.splat(0));
  v128.store(scores, i64x2.splat(0), 16);
  const end = x + bytes;
  while (x < end) {
    const segment = min(end - x, SEGMENT);
    scoreSegment(weights, x, segment, scores);
    x += segment, weights += segment / 16 * BLOCK;
  }
}

function scoreSegment(w: usize, x: usize, bytes: usize, scores: usize): void {
  const zero = i32x4.splat(0);
  let low0 = zero, low1 = zero, low2 = zero, low3 = zero;
  let high0 = zero, high1 = zero, high2 = zero, high3 = zero;
  for (const end = x + bytes; x < end; x += 16) {
    const values = v128.load(x);
    low0 = i32x4.add(low0, i32x4.dot_i16x8_s(values, v128.load(w)));
    high0 = i32x4.add(high0, i32x4.dot_i16x8_s(values, v128.load(w, 16)));
    low1 = i32x4.add(low1, i32x4.dot_i16x8_s(values, v128.load(w, 32)));
    high1 = i32x4.add(high1, i32x4.dot_i16x8_s(values, v128.load(w, 48)));
    low2 = i32x4.add(low2, i32x4.dot_i16x8_s(values, v128.load(w, 64)));
    high2 = i32x4.add(high2, i32x4.dot_i16x8_s(values, v128.load(w, 80)));
    low3 = i32x4.add(low3, i32x4.dot_i16x8_s(values, v128.load(w, 96)));
    high3 = i32x4.add(high3, i32x4.dot_i16x8_s(values, v128.load(w, 112)));
    w += BLOCK;
  }
  addScore(scores, low0, high0);
  addScore(scores + 8, low1, high1);
  addScore(scores + 16, low2, high2);
  addScore(scores + 24, low3, high3);
}

function addScore(score: usize, low: v128, high: v128): void {
  const sum = sumLanes(low) + (sumLanes(high) << 15);
  store<i64>(score, load<i64>(score) + sum);
}

function sumLanes(x: v128): i64 {
  return <i64> i32x4.extract_lane(x, 0) + <i64> i32x4.extract_lane(x, 1) +
    <i64> i32x4.extract_lane(x, 2) + <i64> i32x4.extract_lane(x, 3);
}

/** right += x, wrong −= x; what leaves the low parts is carried to the high. */
function move(
  right: usize,
  wrong: usize,
  x: usize,
  bytes: usize,
  low: v128,
): void {
  for (const end = x + bytes; x < end; x += 16) {
    const values = v128.load(x);
    const sum = i16x8.add(v128.load(right), values); // below 2¹⁶
    v128.store(right, v128.and(sum, low));
    const carry = i16x8.shr_u(sum, 15);
    v128.store(right, i16x8.add(v128.load(right, 16), carry), 16);
    const difference = i16x8.sub(v128.load(wrong), values); // from −255
    v128.store(wrong, v128.and(difference, low));
    const borrow = i16x8.shr_s(difference, 15); // −1 or 0
    v128.store(wrong, i16x8.add(v128.load(wrong, 16), borrow), 16);
    right += BLOCK, wrong += BLOCK;
  }
}
