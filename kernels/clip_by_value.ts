import { F32 } from "./simd";

/**
 * out = lowest where x < lowest, highest where x > highest, x elsewhere; NaN
 * and −0 are neither, so they stay. A chunk is `chunkSize` elements, the last
 * one what is left; no alignment is asked for, and out may be x.
 */
@unmanaged
class ClipByValueParams {
  x: usize; // f32 [size]
  out: usize; // f32 [size]
  size: i32;
  chunkSize: i32;
  lowest: f32;
  highest: f32;
}

export function clipByValueF32(params: usize, chunk: i32, _thread: i32): void {
  const p = changetype<ClipByValueParams>(params);
  const lowest = p.lowest, highest = p.highest;
  const lows = f32x4.splat(lowest), highs = f32x4.splat(highest);
  const first = chunk * p.chunkSize;
  const count = min(p.chunkSize, p.size - first);
  let x = p.x + <usize> first * F32;
  let out = p.out + <usize> first * F32;
  const end = x + <usize> count * F32;
  const vectorEnd = x + <usize> (count & ~3) * F32;
  // pmax(a, b) is b where a < b, a elsewhere; pmin(a, b) is b where b < a.
  for (; x < vectorEnd; x += 16, out += 16) {
    v128.store(out, f32x4.pmin(f32x4.pmax(v128.load(x), lows), highs));
  }
  for (; x < end; x += F32, out += F32) {
    const v = load<f32>(x);
    store<f32>(out, v < lowest ? lowest : v > highest ? highest : v);
  }
}
