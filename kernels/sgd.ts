import { entriesOf, ParameterEntry, ParameterTable } from "./parameter_table";
import { F32 } from "./simd";

/**
 * Stochastic gradient descent as in PyTorch, with weight decay λ and momentum
 * μ: g ← g + λ value, velocity ← μ velocity + g, value ← value − lr velocity.
 * slot0 is the velocity, 0 at first; without a slot0 the velocity is g.
 *
 * Plain multiplications and additions, no `madd`: all builds give the same
 * bits. Nothing may overlap.
 */
@unmanaged
class SgdParams extends ParameterTable {
  learningRate: f32;
  momentum: f32;
  weightDecay: f32;
}

export function sgdF32(params: usize, chunk: i32, _thread: i32): void {
  const p = changetype<SgdParams>(params);
  const end = entriesOf(p, chunk + 1);
  let entry = entriesOf(p, chunk);
  for (; entry < end; entry += offsetof<ParameterEntry>()) {
    updateEntry(p, changetype<ParameterEntry>(entry));
  }
}

function updateEntry(p: SgdParams, entry: ParameterEntry): void {
  const value = entry.value, gradient = entry.gradient;
  const velocity = entry.slot0;
  const learningRate = p.learningRate, momentum = p.momentum;
  const weightDecay = p.weightDecay;
  const learningRates = f32x4.splat(learningRate);
  const momentums = f32x4.splat(momentum);
  const weightDecays = f32x4.splat(weightDecay);
  const end = <usize> entry.count * F32;
  const vectorEnd = end & ~15;
  let i: usize = 0;
  for (; i < vectorEnd; i += 16) {
    const w = v128.load(value + i);
    let step = f32x4.add(
      v128.load(gradient + i),
      f32x4.mul(w, weightDecays),
    );
    if (velocity) {
      step = f32x4.add(f32x4.mul(v128.load(velocity + i), momentums), step);
      v128.store(velocity + i, step);
    }
    v128.store(value + i, f32x4.sub(w, f32x4.mul(step, learningRates)));
  }
  for (; i < end; i += F32) {
    const w = load<f32>(value + i);
    let step = load<f32>(gradient + i) + w * weightDecay;
    if (velocity) {
      step = load<f32>(velocity + i) * momentum + step;
      store<f32>(velocity + i, step);
    }
    store<f32>(value + i, w - step * learningRate);
  }
}
