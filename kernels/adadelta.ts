import { entriesOf, ParameterEntry, ParameterTable } from "./parameter_table";
import { F32 } from "./simd";

/**
 * Adadelta (Zeiler 2012, algorithm 1; lr and weight decay λ as in PyTorch):
 * g ← g + λ value, v ← ρ v + (1 − ρ) g², Δ = √(u + ε) / √(v + ε) · g,
 * u ← ρ u + (1 − ρ) Δ², value ← value − lr Δ; slot0 is v and slot1 is u.
 *
 * Plain multiplications and additions, no `madd`: all builds give the same
 * bits. Nothing may overlap.
 */
@unmanaged
class AdadeltaParams extends ParameterTable {
  learningRate: f32;
  rho: f32;
  oneMinusRho: f32;
  epsilon: f32;
  weightDecay: f32;
}

export function adadeltaF32(params: usize, chunk: i32, _thread: i32): void {
  const p = changetype<AdadeltaParams>(params);
  const end = entriesOf(p, chunk + 1);
  let entry = entriesOf(p, chunk);
  for (; entry < end; entry += offsetof<ParameterEntry>()) {
    updateEntry(p, changetype<ParameterEntry>(entry));
  }
}

function updateEntry(p: AdadeltaParams, entry: ParameterEntry): void {
  const value = entry.value, gradient = entry.gradient;
  const squares = entry.slot0, steps = entry.slot1;
  const learningRate = p.learningRate, weightDecay = p.weightDecay;
  const rho = p.rho, oneMinusRho = p.oneMinusRho, epsilon = p.epsilon;
  const learningRates = f32x4.splat(learningRate);
  const weightDecays = f32x4.splat(weightDecay);
  const rhos = f32x4.splat(rho), oneMinusRhos = f32x4.splat(oneMinusRho);
  const epsilons = f32x4.splat(epsilon);
  const end = <usize> entry.count * F32;
  const vectorEnd = end & ~15;
  let i: usize = 0;
  for (; i < vectorEnd; i += 16) {
    const w = v128.load(value + i), u = v128.load(steps + i);
    const g = f32x4.add(v128.load(gradient + i), f32x4.mul(w, weightDecays));
    const v = f32x4.add(
      f32x4.mul(v128.load(squares + i), rhos),
      f32x4.mul(f32x4.mul(g, g), oneMinusRhos),
    );
    const ratio = f32x4.div(
      f32x4.sqrt(f32x4.add(u, epsilons)),
      f32x4.sqrt(f32x4.add(v, epsilons)),
    );
    const step = f32x4.mul(ratio, g);
    v128.store(squares + i, v);
    v128.store(
      steps + i,
      f32x4.add(
        f32x4.mul(u, rhos),
        f32x4.mul(f32x4.mul(step, step), oneMinusRhos),
      ),
    );
    v128.store(value + i, f32x4.sub(w, f32x4.mul(step, learningRates)));
  }
  for (; i < end; i += F32) {
    const w = load<f32>(value + i), u = load<f32>(steps + i);
    const g = load<f32>(gradient + i) + w * weightDecay;
    const v = load<f32>(squares + i) * rho + g * g * oneMinusRho;
    const step = sqrt(u + epsilon) / sqrt(v + epsilon) * g;
    store<f32>(squares + i, v);
    store<f32>(steps + i, u * rho + step * step * oneMinusRho);
    store<f32>(value + i, w - step * learningRate);
  }
}
