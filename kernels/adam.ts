import { entriesOf, ParameterEntry, ParameterTable } from "./parameter_table";
import { F32 } from "./simd";

/**
 * Adam (Kingma and Ba 2015, algorithm 1), one pass over value and moments:
 * m ← β₁ m + (1 − β₁) g, v ← β₂ v + (1 − β₂) g²,
 * value ← value − stepSize · m / (√v · vScale + ε)
 * with stepSize = learningRate / (1 − β₁ᵗ) and vScale = 1 / √(1 − β₂ᵗ); slot0
 * is m and slot1 is v.
 *
 * Plain multiplications and additions, no `madd`: all builds give the same
 * bits. Nothing may overlap.
 */
@unmanaged
class AdamParams extends ParameterTable {
  beta1: f32;
  oneMinusBeta1: f32;
  beta2: f32;
  oneMinusBeta2: f32;
  stepSize: f32;
  vScale: f32;
  epsilon: f32;
}

export function adamF32(params: usize, chunk: i32, _thread: i32): void {
  const p = changetype<AdamParams>(params);
  const end = entriesOf(p, chunk + 1);
  let entry = entriesOf(p, chunk);
  for (; entry < end; entry += offsetof<ParameterEntry>()) {
    updateEntry(p, changetype<ParameterEntry>(entry));
  }
}

function updateEntry(p: AdamParams, entry: ParameterEntry): void {
  const value = entry.value, gradient = entry.gradient;
  const first = entry.slot0, second = entry.slot1;
  const beta1 = p.beta1, oneMinusBeta1 = p.oneMinusBeta1;
  const beta2 = p.beta2, oneMinusBeta2 = p.oneMinusBeta2;
  const stepSize = p.stepSize, vScale = p.vScale, epsilon = p.epsilon;
  const beta1s = f32x4.splat(beta1), beta2s = f32x4.splat(beta2);
  const oneMinusBeta1s = f32x4.splat(oneMinusBeta1);
  const oneMinusBeta2s = f32x4.splat(oneMinusBeta2);
  const stepSizes = f32x4.splat(stepSize), vScales = f32x4.splat(vScale);
  const epsilons = f32x4.splat(epsilon);
  const end = <usize> entry.count * F32;
  const vectorEnd = end & ~15;
  let i: usize = 0;
  for (; i < vectorEnd; i += 16) {
    const g = v128.load(gradient + i);
    const m = f32x4.add(
      f32x4.mul(v128.load(first + i), beta1s),
      f32x4.mul(g, oneMinusBeta1s),
    );
    const v = f32x4.add(
      f32x4.mul(v128.load(second + i), beta2s),
      f32x4.mul(f32x4.mul(g, g), oneMinusBeta2s),
    );
    const denominator = f32x4.add(f32x4.mul(f32x4.sqrt(v), vScales), epsilons);
    const step = f32x4.div(f32x4.mul(m, stepSizes), denominator);
    v128.store(first + i, m);
    v128.store(second + i, v);
    v128.store(value + i, f32x4.sub(v128.load(value + i), step));
  }
  for (; i < end; i += F32) {
    const g = load<f32>(gradient + i);
    const m = load<f32>(first + i) * beta1 + g * oneMinusBeta1;
    const v = load<f32>(second + i) * beta2 + g * g * oneMinusBeta2;
    store<f32>(first + i, m);
    store<f32>(second + i, v);
    const step = m * stepSize / (sqrt(v) * vScale + epsilon);
    store<f32>(value + i, load<f32>(value + i) - step);
  }
}
