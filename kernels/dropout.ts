import { F32 } from "./simd";

/**
 * Inverted dropout (Srivastava et al. 2014): out = x · scale where a hash of
 * the element's index and the key is at least `threshold`, 0 elsewhere. The
 * backward pass is the same kernel over dy with the same key, so that no mask
 * is stored. A chunk is `chunkSize` elements, the last one what is left; out
 * may be x.
 */
@unmanaged
class DropoutParams {
  x: usize; // f32 [size]
  out: usize; // f32 [size]
  size: i32;
  chunkSize: i32;
  key: i32;
  threshold: i32; // of u32: rate · 2³²
  scale: f32; // 1 / (1 − rate)
}

export function dropoutF32(params: usize, chunk: i32, _thread: i32): void {
  const p = changetype<DropoutParams>(params);
  const first = chunk * p.chunkSize;
  const last = min(first + p.chunkSize, p.size);
  const scale = f32x4.splat(p.scale);
  const threshold = i32x4.splat(p.threshold);
  const key = i32x4.splat(p.key);
  // Weyl's sequence of the golden ratio spreads neighbouring indices.
  const golden: i32 = 0x9e3779b9;
  let weyl = i32x4.add(
    i32x4.splat(golden * first),
    i32x4.mul(i32x4.splat(golden), i32x4(0, 1, 2, 3)),
  );
  const step = i32x4.splat(golden * 4);
  const factor1 = i32x4.splat(0x7feb352d);
  const factor2 = i32x4.splat(0x846ca68b);
  let i = first;
  for (; i + 4 <= last; i += 4) {
    const at = <usize> i * F32;
    const hash = mix(v128.xor(weyl, key), factor1, factor2);
    const keep = i32x4.ge_u(hash, threshold);
    const value = f32x4.mul(v128.load(p.x + at), scale);
    v128.store(p.out + at, v128.and(value, keep));
    weyl = i32x4.add(weyl, step);
  }
  if (i == last) return;
  const keep = i32x4.ge_u(
    mix(v128.xor(weyl, key), factor1, factor2),
    threshold,
  );
  let bits = i32x4.bitmask(keep);
  for (; i < last; i++, bits >>= 1) {
    const at = <usize> i * F32;
    store<f32>(p.out + at, bits & 1 ? load<f32>(p.x + at) * p.scale : 0);
  }
}

/**
 * A bijection of u32 in which each bit of x moves half of the bits: Wellons'
 * lowbias32 (nullprogram.com/blog/2018/07/31).
 */
function mix(x: v128, factor1: v128, factor2: v128): v128 {
  x = v128.xor(x, i32x4.shr_u(x, 16));
  x = i32x4.mul(x, factor1);
  x = v128.xor(x, i32x4.shr_u(x, 15));
  x = i32x4.mul(x, factor2);
  return v128.xor(x, i32x4.shr_u(x, 16));
}
