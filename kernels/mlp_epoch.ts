import { exampleAt, Examples, touchNext, widenPixelsF32 } from "./examples";
import { dotRows, stepAndDotRows } from "./row_pass";
import { F32, madd, sumLanes } from "./simd";
import { argmax, softmaxRow } from "./softmax_row";

/**
 * A perceptron with one hidden layer of ReLUs by stochastic gradient descent,
 * one example after the other: h = ReLU(W₁ x + b₁), z = W₂ h + b₂, softmax
 * cross entropy; the gradients by hand.
 *
 * Pixels stay 0 to 255; b₁ is the column of W₁ after the pixels, whose input is
 * 255, and the factor 1 / 255 goes with the sums and with the step. Both
 * `inputs` and `hidden` are padded, to multiples of 8 and 4; W₂ lies
 * transposed, four classes per vector. The padding is 0 and stays so.
 *
 * W₁ is what costs time. An example's step is done in the next one's pass over
 * it, the last one's at the end, so that where a call ends changes no bit; and
 * rows of hidden units that were 0, whose gradient is 0, are not written.
 *
 * Where the learning rate is 0 the weights stay as they are, and any number of
 * chunks may run at once.
 */
@unmanaged
class MlpEpochParams extends Examples {
  losses: usize; // f64 [chunks]: sums, each loss before its step
  weights1: usize; // f32 [hidden, inputs]
  weights2: usize; // f32 [hidden, outputs]
  biases2: usize; // f32 [outputs]
  inputs: i32;
  hidden: i32;
  outputs: i32; // the classes, padded to a multiple of 4
  learningRate: f32;
}

/** Bytes that a {@link Scratch} takes at most, before the arrays. */
export const SCRATCH_HEADER: usize = 64;

/** A thread's arrays; `order` has the rows to be written first. */
@unmanaged
class Scratch {
  order: usize; // u32 [hidden]
  active: i32; // how many of them have a step
  steps: usize; // f32 [hidden], in that order
  h: usize; // f32 [hidden], in the rows' own order
  z: usize; // f32 [outputs]
  dz: usize; // f32 [outputs]
  room: usize; // f64 [outputs]
  sums: usize; // f32 [4]
  x: usize; // f32 [inputs]
  previous: usize; // f32 [inputs]
}

function layOut(p: MlpEpochParams, thread: i32): Scratch {
  const at = p.scratch + <usize> thread * p.scratchBytes;
  const s = changetype<Scratch>(at);
  const inputs = <usize> p.inputs * F32, hidden = <usize> p.hidden * F32;
  const outputs = <usize> p.outputs * F32;
  s.room = at + SCRATCH_HEADER;
  s.z = s.room + 2 * outputs;
  s.dz = s.z + outputs;
  s.sums = s.dz + outputs;
  s.order = s.sums + 16;
  s.steps = s.order + hidden;
  s.h = s.steps + hidden;
  s.x = s.h + hidden;
  s.previous = s.x + inputs;
  const bias = <usize> p.pixels * F32;
  store<f32>(s.x + bias, 255);
  store<f32>(s.previous + bias, 255);
  s.active = 0;
  for (let j = 0; j < p.hidden; j++) store<i32>(s.order + j * 4, j);
  return s;
}

export function mlpEpochF32(params: usize, chunk: i32, thread: i32): void {
  const p = changetype<MlpEpochParams>(params);
  const first = chunk * p.chunkSize;
  const last = min(first + p.chunkSize, p.count);
  const pixels = p.pixels;
  const s = layOut(p, thread);
  let loss: f64 = 0;
  let correct = 0;
  let touched: u32 = 0;
  for (let t = first; t < last; t++) {
    touched += touchNext(p, t, last);
    const example = exampleAt(p, t);
    widenPixelsF32(p.images + example * pixels, pixels, s.x);
    const label = load<i32>(p.labels + example * 4);
    passLayer1(p, s);
    forwardLayer2(p, s);
    if (argmax(s.z, p.classes) == label) correct++;
    loss += softmaxRow(s.z, 1, p.classes, label, s.dz, 1, s.room);
    if (p.learningRate != 0) backward(p, s);
    const swapped = s.x;
    s.x = s.previous, s.previous = swapped;
  }
  if (s.active) passLayer1(p, s);
  store<f64>(p.losses + <usize> chunk * sizeof<f64>(), loss);
  store<i32>(p.correct + <usize> chunk * 4, correct);
  store<u32>(s.room, touched); // or the reading would be compiled away
}

/** The last example's step of W₁ and b₁, and the present one's h. */
function passLayer1(p: MlpEpochParams, s: Scratch): void {
  const bytes = <usize> p.inputs * F32;
  const weights = p.weights1, x = s.x, sums = s.sums, h = s.h;
  const scale: f32 = 1.0 / 255;
  for (let i = 0; i < p.hidden; i += 4) {
    const order = s.order + i * 4;
    const j0 = <usize> load<u32>(order), j1 = <usize> load<u32>(order, 4);
    const j2 = <usize> load<u32>(order, 8), j3 = <usize> load<u32>(order, 12);
    const row0 = weights + j0 * bytes, row1 = weights + j1 * bytes;
    const row2 = weights + j2 * bytes, row3 = weights + j3 * bytes;
    if (i < s.active) {
      const steps = s.steps + i * F32;
      stepAndDotRows(row0, row1, row2, row3, steps, s.previous, x, bytes, sums);
    } else {
      dotRows(row0, row1, row2, row3, x, bytes, sums);
    }
    store<f32>(h + j0 * F32, max<f32>(0, load<f32>(sums) * scale));
    store<f32>(h + j1 * F32, max<f32>(0, load<f32>(sums, 4) * scale));
    store<f32>(h + j2 * F32, max<f32>(0, load<f32>(sums, 8) * scale));
    store<f32>(h + j3 * F32, max<f32>(0, load<f32>(sums, 12) * scale));
  }
}

/** z = W₂ h + b₂. */
function forwardLayer2(p: MlpEpochParams, s: Scratch): void {
  const outputs = <usize> p.outputs * F32;
  const end = s.h + <usize> p.hidden * F32;
  for (let k: usize = 0; k < outputs; k += 16) {
    let z = v128.load(p.biases2 + k);
    let row = p.weights2 + k;
    for (let h = s.h; h < end; h += F32) {
      z = madd(v128.load(row), v128.load32_splat(h), z);
      row += outputs;
    }
    v128.store(s.z + k, z);
  }
}

/**
 * dz is there: dhⱼ = W₂ᵀ dz where hⱼ > 0, whose step of W₁ is left for the next
 * pass; then the steps of W₂ and b₂.
 */
function backward(p: MlpEpochParams, s: Scratch): void {
  const outputs = <usize> p.outputs * F32;
  const rate = f32x4.splat(p.learningRate);
  const factor: f32 = -p.learningRate * (1.0 / 255);
  let active = 0, idle = p.hidden;
  for (let j = 0; j < p.hidden; j++) {
    const h = load<f32>(s.h + j * F32);
    let dh: f32 = 0;
    if (h > 0) {
      const row = p.weights2 + j * outputs;
      const rateH = f32x4.mul(rate, f32x4.splat(h));
      for (let k: usize = 0; k < outputs; k += 16) {
        const w = v128.load(row + k), dz = v128.load(s.dz + k);
        dh += sumLanes(f32x4.mul(w, dz));
        v128.store(row + k, f32x4.sub(w, f32x4.mul(rateH, dz)));
      }
    }
    if (dh != 0) {
      store<f32>(s.steps + active * F32, dh * factor);
      store<i32>(s.order + active * 4, j);
      active++;
    } else {
      idle--;
      store<i32>(s.order + idle * 4, j);
    }
  }
  // A group of four that is active in part takes steps of 0 with it.
  for (let i = active; i & 3; i++) store<f32>(s.steps + i * F32, 0);
  for (let k: usize = 0; k < outputs; k += 16) {
    const step = f32x4.mul(rate, v128.load(s.dz + k));
    v128.store(p.biases2 + k, f32x4.sub(v128.load(p.biases2 + k), step));
  }
  s.active = active;
}
