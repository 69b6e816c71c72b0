import { F32 } from "./simd";

/**
 * Which examples a kernel goes through, one after the other: a chunk is
 * `chunkSize` of them. The kernels' own parameters follow.
 */
@unmanaged
export class Examples {
  images: usize; // u8 [all, pixels]
  labels: usize; // i32 [all], each in 0 … classes − 1
  order: usize; // u32 [count]: indices in their order; 0: as they lie
  count: i32;
  chunkSize: i32;
  pixels: i32;
  classes: i32;
  scratch: usize; // a kernel's own, a thread's part after the other's
  scratchBytes: i32; // of a thread
  correct: usize; // i32 [chunks]: predictions that were right
}

/** Examples that are brought into the cache together. */
const AHEAD = 8;

/** Bytes of a cache line. */
const LINE = 64;

export function exampleAt(p: Examples, t: i32): usize {
  return p.order ? <usize> load<u32>(p.order + <usize> t * 4) : <usize> t;
}

/**
 * Reads a byte of each cache line of the next examples, where t is their first:
 * a shuffled epoch has them all over the memory, and so many misses at once
 * take little longer than one.
 *
 * @returns something that depends on what was read
 */
export function touchNext(p: Examples, t: i32, last: i32): u32 {
  if (t % AHEAD) return 0;
  let sum: u32 = 0;
  const end = min(t + AHEAD, last);
  for (let next = t; next < end; next++) {
    const image = p.images + exampleAt(p, next) * p.pixels;
    for (let i = 0; i < p.pixels; i += LINE) sum += load<u8>(image + <usize> i);
  }
  return sum;
}

/** Pixels as f32, 0 to 255; what follows them in `out` stays as it is. */
export function widenPixelsF32(pixels: usize, count: i32, out: usize): void {
  let i = 0;
  for (; i + 8 <= count; i += 8) {
    const words = i16x8.extend_low_i8x16_u(v128.load64_zero(pixels));
    const low = i32x4.extend_low_i16x8_u(words);
    const high = i32x4.extend_high_i16x8_u(words);
    v128.store(out, f32x4.convert_i32x4_u(low));
    v128.store(out, f32x4.convert_i32x4_u(high), 16);
    pixels += 8;
    out += 32;
  }
  for (; i < count; i++) {
    store<f32>(out, <f32> load<u8>(pixels));
    pixels += 1;
    out += F32;
  }
}

/** Pixels as i16; what follows them in `out` stays as it is. */
export function widenPixelsI16(pixels: usize, count: i32, out: usize): void {
  let i = 0;
  for (; i + 16 <= count; i += 16) {
    const bytes = v128.load(pixels);
    v128.store(out, i16x8.extend_low_i8x16_u(bytes));
    v128.store(out, i16x8.extend_high_i8x16_u(bytes), 16);
    pixels += 16;
    out += 32;
  }
  for (; i < count; i++) {
    store<i16>(out, <i16> load<u8>(pixels));
    pixels += 1;
    out += 2;
  }
}
