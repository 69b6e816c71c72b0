import { madd } from "./simd";

/**
 * The innermost loops of the matrix product: `tiles` tiles of C side by side,
 * 6 × 8 or 4 × 8, each in registers while `depth` ≥ 1 products are added to it.
 * 12 sums, 2 vectors of B and 1 splat of A are the 15 registers that V8 gives
 * out on x86-64.
 *
 * Where V8 checks every access against the memory's size (Deno does not give it
 * the trap handler), a load costs 3 to 4 instructions; then a pointer of its
 * own with offset 0 is the cheapest, because all such checks share one bound.
 * The `break`s keep the optimizer from moving a step's products behind the next
 * step's loads, which would spill. Measured against a loop of `madd` alone:
 * panelTile6 92 %, rowTile6 84 %, either of height 4 82 %.
 *
 * B's rows are 8 values, `bStride` bytes apart, its tiles are `bTile` bytes
 * apart. C's rows are `cStride` bytes apart; with `accumulate` the sums start
 * from C instead of 0. Alignment is not needed; C must not overlap A or B.
 *
 * This one takes C from a panel of A: 6 values for each step, without gaps.
 */
export function panelTile6(
  a: usize,
  b: usize,
  bStride: usize,
  bTile: usize,
  depth: i32,
  c: usize,
  cStride: usize,
  accumulate: bool,
  tiles: i32,
): void {
  const zero = f32x4.splat(0);
  for (; tiles > 0; tiles--, b += bTile, c += 32) {
    const r1 = c + cStride;
    const r2 = r1 + cStride;
    const r3 = r2 + cStride;
    const r4 = r3 + cStride;
    const r5 = r4 + cStride;
    let c00 = zero, c01 = zero;
    let c10 = zero, c11 = zero;
    let c20 = zero, c21 = zero;
    let c30 = zero, c31 = zero;
    let c40 = zero, c41 = zero;
    let c50 = zero, c51 = zero;
    let bAt = b, k = depth;
    let a0 = a;
    if (accumulate) {
      c00 = v128.load(c);
      c01 = v128.load(c, 16);
      c10 = v128.load(r1);
      c11 = v128.load(r1, 16);
      c20 = v128.load(r2);
      c21 = v128.load(r2, 16);
      c30 = v128.load(r3);
      c31 = v128.load(r3, 16);
      c40 = v128.load(r4);
      c41 = v128.load(r4, 16);
      c50 = v128.load(r5);
      c51 = v128.load(r5, 16);
    }
    let b0: v128, b1: v128, x: v128;
    while (true) {
      b0 = v128.load(bAt);
      b1 = v128.load(bAt, 16);
      x = v128.load32_splat(a0);
      a0 += 4;
      c00 = madd(x, b0, c00);
      c01 = madd(x, b1, c01);
      x = v128.load32_splat(a0);
      a0 += 4;
      c10 = madd(x, b0, c10);
      c11 = madd(x, b1, c11);
      x = v128.load32_splat(a0);
      a0 += 4;
      c20 = madd(x, b0, c20);
      c21 = madd(x, b1, c21);
      x = v128.load32_splat(a0);
      a0 += 4;
      c30 = madd(x, b0, c30);
      c31 = madd(x, b1, c31);
      x = v128.load32_splat(a0);
      a0 += 4;
      c40 = madd(x, b0, c40);
      c41 = madd(x, b1, c41);
      x = v128.load32_splat(a0);
      a0 += 4;
      c50 = madd(x, b0, c50);
      c51 = madd(x, b1, c51);
      bAt += bStride;
      if (k <= 1) break;
      b0 = v128.load(bAt);
      b1 = v128.load(bAt, 16);
      x = v128.load32_splat(a0);
      a0 += 4;
      c00 = madd(x, b0, c00);
      c01 = madd(x, b1, c01);
      x = v128.load32_splat(a0);
      a0 += 4;
      c10 = madd(x, b0, c10);
      c11 = madd(x, b1, c11);
      x = v128.load32_splat(a0);
      a0 += 4;
      c20 = madd(x, b0, c20);
      c21 = madd(x, b1, c21);
      x = v128.load32_splat(a0);
      a0 += 4;
      c30 = madd(x, b0, c30);
      c31 = madd(x, b1, c31);
      x = v128.load32_splat(a0);
      a0 += 4;
      c40 = madd(x, b0, c40);
      c41 = madd(x, b1, c41);
      x = v128.load32_splat(a0);
      a0 += 4;
      c50 = madd(x, b0, c50);
      c51 = madd(x, b1, c51);
      bAt += bStride;
      if (k <= 2) break;
      b0 = v128.load(bAt);
      b1 = v128.load(bAt, 16);
      x = v128.load32_splat(a0);
      a0 += 4;
      c00 = madd(x, b0, c00);
      c01 = madd(x, b1, c01);
      x = v128.load32_splat(a0);
      a0 += 4;
      c10 = madd(x, b0, c10);
      c11 = madd(x, b1, c11);
      x = v128.load32_splat(a0);
      a0 += 4;
      c20 = madd(x, b0, c20);
      c21 = madd(x, b1, c21);
      x = v128.load32_splat(a0);
      a0 += 4;
      c30 = madd(x, b0, c30);
      c31 = madd(x, b1, c31);
      x = v128.load32_splat(a0);
      a0 += 4;
      c40 = madd(x, b0, c40);
      c41 = madd(x, b1, c41);
      x = v128.load32_splat(a0);
      a0 += 4;
      c50 = madd(x, b0, c50);
      c51 = madd(x, b1, c51);
      bAt += bStride;
      if (k <= 3) break;
      b0 = v128.load(bAt);
      b1 = v128.load(bAt, 16);
      x = v128.load32_splat(a0);
      a0 += 4;
      c00 = madd(x, b0, c00);
      c01 = madd(x, b1, c01);
      x = v128.load32_splat(a0);
      a0 += 4;
      c10 = madd(x, b0, c10);
      c11 = madd(x, b1, c11);
      x = v128.load32_splat(a0);
      a0 += 4;
      c20 = madd(x, b0, c20);
      c21 = madd(x, b1, c21);
      x = v128.load32_splat(a0);
      a0 += 4;
      c30 = madd(x, b0, c30);
      c31 = madd(x, b1, c31);
      x = v128.load32_splat(a0);
      a0 += 4;
      c40 = madd(x, b0, c40);
      c41 = madd(x, b1, c41);
      x = v128.load32_splat(a0);
      a0 += 4;
      c50 = madd(x, b0, c50);
      c51 = madd(x, b1, c51);
      bAt += bStride;
      k -= 4;
      if (k <= 0) break;
    }
    v128.store(c, c00);
    v128.store(c, c01, 16);
    v128.store(r1, c10);
    v128.store(r1, c11, 16);
    v128.store(r2, c20);
    v128.store(r2, c21, 16);
    v128.store(r3, c30);
    v128.store(r3, c31, 16);
    v128.store(r4, c40);
    v128.store(r4, c41, 16);
    v128.store(r5, c50);
    v128.store(r5, c51, 16);
  }
}

/** C from a panel of A: 4 values for each step, without gaps. */
export function panelTile4(
  a: usize,
  b: usize,
  bStride: usize,
  bTile: usize,
  depth: i32,
  c: usize,
  cStride: usize,
  accumulate: bool,
  tiles: i32,
): void {
  const zero = f32x4.splat(0);
  for (; tiles > 0; tiles--, b += bTile, c += 32) {
    const r1 = c + cStride;
    const r2 = r1 + cStride;
    const r3 = r2 + cStride;
    let c00 = zero, c01 = zero;
    let c10 = zero, c11 = zero;
    let c20 = zero, c21 = zero;
    let c30 = zero, c31 = zero;
    let bAt = b, k = depth;
    let a0 = a;
    if (accumulate) {
      c00 = v128.load(c);
      c01 = v128.load(c, 16);
      c10 = v128.load(r1);
      c11 = v128.load(r1, 16);
      c20 = v128.load(r2);
      c21 = v128.load(r2, 16);
      c30 = v128.load(r3);
      c31 = v128.load(r3, 16);
    }
    let b0: v128, b1: v128, x: v128;
    while (true) {
      b0 = v128.load(bAt);
      b1 = v128.load(bAt, 16);
      x = v128.load32_splat(a0);
      a0 += 4;
      c00 = madd(x, b0, c00);
      c01 = madd(x, b1, c01);
      x = v128.load32_splat(a0);
      a0 += 4;
      c10 = madd(x, b0, c10);
      c11 = madd(x, b1, c11);
      x = v128.load32_splat(a0);
      a0 += 4;
      c20 = madd(x, b0, c20);
      c21 = madd(x, b1, c21);
      x = v128.load32_splat(a0);
      a0 += 4;
      c30 = madd(x, b0, c30);
      c31 = madd(x, b1, c31);
      bAt += bStride;
      if (k <= 1) break;
      b0 = v128.load(bAt);
      b1 = v128.load(bAt, 16);
      x = v128.load32_splat(a0);
      a0 += 4;
      c00 = madd(x, b0, c00);
      c01 = madd(x, b1, c01);
      x = v128.load32_splat(a0);
      a0 += 4;
      c10 = madd(x, b0, c10);
      c11 = madd(x, b1, c11);
      x = v128.load32_splat(a0);
      a0 += 4;
      c20 = madd(x, b0, c20);
      c21 = madd(x, b1, c21);
      x = v128.load32_splat(a0);
      a0 += 4;
      c30 = madd(x, b0, c30);
      c31 = madd(x, b1, c31);
      bAt += bStride;
      if (k <= 2) break;
      b0 = v128.load(bAt);
      b1 = v128.load(bAt, 16);
      x = v128.load32_splat(a0);
      a0 += 4;
      c00 = madd(x, b0, c00);
      c01 = madd(x, b1, c01);
      x = v128.load32_splat(a0);
      a0 += 4;
      c10 = madd(x, b0, c10);
      c11 = madd(x, b1, c11);
      x = v128.load32_splat(a0);
      a0 += 4;
      c20 = madd(x, b0, c20);
      c21 = madd(x, b1, c21);
      x = v128.load32_splat(a0);
      a0 += 4;
      c30 = madd(x, b0, c30);
      c31 = madd(x, b1, c31);
      bAt += bStride;
      if (k <= 3) break;
      b0 = v128.load(bAt);
      b1 = v128.load(bAt, 16);
      x = v128.load32_splat(a0);
      a0 += 4;
      c00 = madd(x, b0, c00);
      c01 = madd(x, b1, c01);
      x = v128.load32_splat(a0);
      a0 += 4;
      c10 = madd(x, b0, c10);
      c11 = madd(x, b1, c11);
      x = v128.load32_splat(a0);
      a0 += 4;
      c20 = madd(x, b0, c20);
      c21 = madd(x, b1, c21);
      x = v128.load32_splat(a0);
      a0 += 4;
      c30 = madd(x, b0, c30);
      c31 = madd(x, b1, c31);
      bAt += bStride;
      k -= 4;
      if (k <= 0) break;
    }
    v128.store(c, c00);
    v128.store(c, c01, 16);
    v128.store(r1, c10);
    v128.store(r1, c11, 16);
    v128.store(r2, c20);
    v128.store(r2, c21, 16);
    v128.store(r3, c30);
    v128.store(r3, c31, 16);
  }
}
