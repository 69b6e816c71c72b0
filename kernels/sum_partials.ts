import { F32 } from "./simd";

/**
 * out[j] = Σᵢ partials[i, j], added in the order of i in float64: the second
 * half of every reduction whose first half left one row per chunk. A chunk is
 * `chunkSize` columns; the accumulator is a register, so nothing may alias.
 */
@unmanaged
class SumPartialsParams {
  partials: usize; // f32 [rows, columns]
  out: usize; // f32 [columns]
  rows: i32;
  columns: i32;
  chunkSize: i32;
}

export function sumPartialsF32(params: usize, chunk: i32, _thread: i32): void {
  const p = changetype<SumPartialsParams>(params);
  const stride = <usize> p.columns * F32;
  const first = chunk * p.chunkSize;
  const last = min(first + p.chunkSize, p.columns);
  let column = first;
  for (; column + 4 <= last; column += 4) {
    let at = p.partials + <usize> column * F32;
    let low = f64x2.splat(0), high = f64x2.splat(0);
    for (let row = 0; row < p.rows; row++, at += stride) {
      low = f64x2.add(low, f64x2.promote_low_f32x4(v128.load64_zero(at)));
      high = f64x2.add(high, f64x2.promote_low_f32x4(v128.load64_zero(at + 8)));
    }
    v128.store(
      p.out + <usize> column * F32,
      v128.shuffle<i32>(
        f32x4.demote_f64x2_zero(low),
        f32x4.demote_f64x2_zero(high),
        0,
        1,
        4,
        5,
      ),
    );
  }
  for (; column < last; column++) {
    let at = p.partials + <usize> column * F32;
    let sum: f64 = 0;
    for (let row = 0; row < p.rows; row++, at += stride) sum += load<f32>(at);
    store<f32>(p.out + <usize> column * F32, <f32> sum);
  }
}
