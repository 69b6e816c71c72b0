import { zeroFloats } from "./copy_floats";
import { F32 } from "./simd";

/**
 * out[s, j] = Σ x[i, j] over the rows i with ids[i] = s, added in the order of
 * i; rows whose id is not from 0 to segments − 1 count nowhere. A chunk is
 * `chunkSize` columns of all rows, the last one what is left, so that no two
 * chunks write the same element. No alignment is asked for; nothing may
 * overlap.
 */
@unmanaged
class UnsortedSegmentSumParams {
  x: usize; // f32 [rows, columns]
  ids: usize; // i32 [rows]
  out: usize; // f32 [segments, columns]
  rows: i32;
  columns: i32;
  segments: i32;
  chunkSize: i32;
}

export function unsortedSegmentSumF32(
  params: usize,
  chunk: i32,
  _thread: i32,
): void {
  const p = changetype<UnsortedSegmentSumParams>(params);
  const first = chunk * p.chunkSize;
  const count = min(p.chunkSize, p.columns - first);
  const stride = <usize> p.columns * F32;
  const out = p.out + <usize> first * F32;
  for (let segment = 0; segment < p.segments; segment++) {
    zeroFloats(out + <usize> segment * stride, count);
  }
  let x = p.x + <usize> first * F32;
  for (let row = 0; row < p.rows; row++, x += stride) {
    const id = load<u32>(p.ids + (<usize> row << 2));
    if (id >= <u32> p.segments) continue; // a negative id is a large one
    addFloats(out + <usize> id * stride, x, count);
  }
}

/** sums += x */
function addFloats(sums: usize, x: usize, count: i32): void {
  let n = count;
  for (; n >= 4; n -= 4, sums += 16, x += 16) {
    v128.store(sums, f32x4.add(v128.load(sums), v128.load(x)));
  }
  for (; n > 0; n--, sums += F32, x += F32) {
    store<f32>(sums, load<f32>(sums) + load<f32>(x));
  }
}
