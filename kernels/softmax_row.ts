import { expF64, logF64 } from "./math";
import { F32 } from "./simd";

/** Index of the first of the largest values, f32 [count]. */
export function argmax(values: usize, count: i32): i32 {
  let best = 0;
  for (let k = 1; k < count; k++) {
    if (load<f32>(values + k * F32) > load<f32>(values + best * F32)) best = k;
  }
  return best;
}

/**
 * −log softmax(scale · z)[label] of one example, in float64 through the largest
 * logit, and its gradient times a factor:
 * (softmax(scale · z) − oneHot) · factor.
 *
 * @param z f32 [classes]
 * @param gradient f32 [classes]; may be z
 * @param room f64 [classes]
 */
export function softmaxRow(
  z: usize,
  scale: f64,
  classes: i32,
  label: i32,
  gradient: usize,
  factor: f64,
  room: usize,
): f64 {
  const maximum = <f64> load<f32>(z + argmax(z, classes) * F32) * scale;
  const labelLogit = <f64> load<f32>(z + label * F32) * scale;
  let sum: f64 = 0;
  for (let k = 0; k < classes; k++) {
    const e = expF64(<f64> load<f32>(z + k * F32) * scale - maximum);
    store<f64>(room + k * sizeof<f64>(), e);
    sum += e;
  }
  for (let k = 0; k < classes; k++) {
    const probability = load<f64>(room + k * sizeof<f64>()) / sum;
    const slope = probability - f64(k == label);
    store<f32>(gradient + k * F32, <f32> (slope * factor));
  }
  return logF64(sum) - (labelLogit - maximum);
}
