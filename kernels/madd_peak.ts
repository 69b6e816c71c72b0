import { madd } from "./simd";

/**
 * What the benchmarks measure speed against: 12 × `iterations` products and
 * sums of four lanes that wait for nothing but a register. Not for results.
 */
@unmanaged
class MaddPeakParams {
  values: usize; // f32 [chunks, 16]: two vectors in, two out
  iterations: i32; // even
}

export function maddPeakF32(params: usize, chunk: i32, _thread: i32): void {
  const p = changetype<MaddPeakParams>(params);
  const values = p.values + <usize> chunk * 64;
  const x = v128.load(values), y = v128.load(values, 16);
  let a0 = x, a1 = x, a2 = x, a3 = x, a4 = x, a5 = x;
  let a6 = x, a7 = x, a8 = x, a9 = x, a10 = x, a11 = x;
  let b0 = y, b1 = y, b2 = y, b3 = y, b4 = y, b5 = y;
  let b6 = y, b7 = y, b8 = y, b9 = y, b10 = y, b11 = y;
  for (let i = p.iterations; i > 0; i -= WIDE ? 2 : 1) {
    // deno-fmt-ignore -- one line per pair
    {
      a0 = madd(a0, x, x), b0 = madd(b0, y, y);
      a1 = madd(a1, x, x), b1 = madd(b1, y, y);
      a2 = madd(a2, x, x), b2 = madd(b2, y, y);
      a3 = madd(a3, x, x), b3 = madd(b3, y, y);
      a4 = madd(a4, x, x), b4 = madd(b4, y, y);
      a5 = madd(a5, x, x), b5 = madd(b5, y, y);
      if (WIDE) {
        a6 = madd(a6, x, x), b6 = madd(b6, y, y);
        a7 = madd(a7, x, x), b7 = madd(b7, y, y);
        a8 = madd(a8, x, x), b8 = madd(b8, y, y);
        a9 = madd(a9, x, x), b9 = madd(b9, y, y);
        a10 = madd(a10, x, x), b10 = madd(b10, y, y);
        a11 = madd(a11, x, x), b11 = madd(b11, y, y);
      }
    }
  }
  // deno-fmt-ignore -- one line per sum
  {
    a0 = f32x4.add(a0, a1), b0 = f32x4.add(b0, b1);
    a2 = f32x4.add(a2, a3), b2 = f32x4.add(b2, b3);
    a4 = f32x4.add(a4, a5), b4 = f32x4.add(b4, b5);
    a6 = f32x4.add(a6, a7), b6 = f32x4.add(b6, b7);
    a8 = f32x4.add(a8, a9), b8 = f32x4.add(b8, b9);
    a10 = f32x4.add(a10, a11), b10 = f32x4.add(b10, b11);
  }
  a0 = f32x4.add(f32x4.add(a0, a2), f32x4.add(a4, a6));
  b0 = f32x4.add(f32x4.add(b0, b2), f32x4.add(b4, b6));
  a0 = f32x4.add(a0, f32x4.add(a8, a10));
  b0 = f32x4.add(b0, f32x4.add(b8, b10));
  v128.store(values, b0, 48); // the higher first, for pairs to be packed
  v128.store(values, a0, 32);
}
