import { madd } from "./simd";

/**
 * What the benchmarks measure speed against: 12 × `iterations` products and
 * sums of four lanes that wait for nothing but a register. Not for results.
 */
@unmanaged
class MaddPeakParams {
  values: usize; // f32 [chunks, 12]: two vectors in, one out
  iterations: i32;
}

export function maddPeakF32(params: usize, chunk: i32, _thread: i32): void {
  const p = changetype<MaddPeakParams>(params);
  const values = p.values + <usize> chunk * 48;
  const x = v128.load(values), y = v128.load(values, 16);
  let s0 = x, s1 = y, s2 = x, s3 = y, s4 = x, s5 = y;
  let s6 = x, s7 = y, s8 = x, s9 = y, s10 = x, s11 = y;
  for (let i = p.iterations; i > 0; i--) {
    s0 = madd(s0, x, y);
    s1 = madd(s1, x, y);
    s2 = madd(s2, x, y);
    s3 = madd(s3, x, y);
    s4 = madd(s4, x, y);
    s5 = madd(s5, x, y);
    s6 = madd(s6, x, y);
    s7 = madd(s7, x, y);
    s8 = madd(s8, x, y);
    s9 = madd(s9, x, y);
    s10 = madd(s10, x, y);
    s11 = madd(s11, x, y);
  }
  let sum = f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3));
  sum = f32x4.add(sum, f32x4.add(f32x4.add(s4, s5), f32x4.add(s6, s7)));
  sum = f32x4.add(sum, f32x4.add(f32x4.add(s8, s9), f32x4.add(s10, s11)));
  v128.store(values, sum, 32);
}
