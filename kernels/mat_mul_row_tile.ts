import { madd } from "./simd";

/**
 * The tiles of mat_mul_panel_tile.ts for an A that lies in rows, not in a
 * panel: a pointer a row costs them a tenth of the speed.
 */
/**
 * C[0..5] from 6 rows of A, `aStride` bytes apart; from row `count` on the
 * last one again.
 */
export function rowTile6(
  a: usize,
  aStride: usize,
  count: i32,
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
    let a1 = a0 + (count > 1 ? aStride : 0);
    let a2 = a1 + (count > 2 ? aStride : 0);
    let a3 = a2 + (count > 3 ? aStride : 0);
    let a4 = a3 + (count > 4 ? aStride : 0);
    let a5 = a4 + (count > 5 ? aStride : 0);
    let b0: v128, b1: v128, x: v128;
    while (true) {
      b0 = v128.load(bAt);
      b1 = v128.load(bAt, 16);
      x = v128.load32_splat(a0);
      a0 += 4;
      c00 = madd(x, b0, c00);
      c01 = madd(x, b1, c01);
      x = v128.load32_splat(a1);
      a1 += 4;
      c10 = madd(x, b0, c10);
      c11 = madd(x, b1, c11);
      x = v128.load32_splat(a2);
      a2 += 4;
      c20 = madd(x, b0, c20);
      c21 = madd(x, b1, c21);
      x = v128.load32_splat(a3);
      a3 += 4;
      c30 = madd(x, b0, c30);
      c31 = madd(x, b1, c31);
      x = v128.load32_splat(a4);
      a4 += 4;
      c40 = madd(x, b0, c40);
      c41 = madd(x, b1, c41);
      x = v128.load32_splat(a5);
      a5 += 4;
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
      x = v128.load32_splat(a1);
      a1 += 4;
      c10 = madd(x, b0, c10);
      c11 = madd(x, b1, c11);
      x = v128.load32_splat(a2);
      a2 += 4;
      c20 = madd(x, b0, c20);
      c21 = madd(x, b1, c21);
      x = v128.load32_splat(a3);
      a3 += 4;
      c30 = madd(x, b0, c30);
      c31 = madd(x, b1, c31);
      x = v128.load32_splat(a4);
      a4 += 4;
      c40 = madd(x, b0, c40);
      c41 = madd(x, b1, c41);
      x = v128.load32_splat(a5);
      a5 += 4;
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
      x = v128.load32_splat(a1);
      a1 += 4;
      c10 = madd(x, b0, c10);
      c11 = madd(x, b1, c11);
      x = v128.load32_splat(a2);
      a2 += 4;
      c20 = madd(x, b0, c20);
      c21 = madd(x, b1, c21);
      x = v128.load32_splat(a3);
      a3 += 4;
      c30 = madd(x, b0, c30);
      c31 = madd(x, b1, c31);
      x = v128.load32_splat(a4);
      a4 += 4;
      c40 = madd(x, b0, c40);
      c41 = madd(x, b1, c41);
      x = v128.load32_splat(a5);
      a5 += 4;
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
      x = v128.load32_splat(a1);
      a1 += 4;
      c10 = madd(x, b0, c10);
      c11 = madd(x, b1, c11);
      x = v128.load32_splat(a2);
      a2 += 4;
      c20 = madd(x, b0, c20);
      c21 = madd(x, b1, c21);
      x = v128.load32_splat(a3);
      a3 += 4;
      c30 = madd(x, b0, c30);
      c31 = madd(x, b1, c31);
      x = v128.load32_splat(a4);
      a4 += 4;
      c40 = madd(x, b0, c40);
      c41 = madd(x, b1, c41);
      x = v128.load32_splat(a5);
      a5 += 4;
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

/**
 * C[0..3] from 4 rows of A, `aStride` bytes apart; from row `count` on the
 * last one again.
 */
export function rowTile4(
  a: usize,
  aStride: usize,
  count: i32,
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
    let a1 = a0 + (count > 1 ? aStride : 0);
    let a2 = a1 + (count > 2 ? aStride : 0);
    let a3 = a2 + (count > 3 ? aStride : 0);
    let b0: v128, b1: v128, x: v128;
    while (true) {
      b0 = v128.load(bAt);
      b1 = v128.load(bAt, 16);
      x = v128.load32_splat(a0);
      a0 += 4;
      c00 = madd(x, b0, c00);
      c01 = madd(x, b1, c01);
      x = v128.load32_splat(a1);
      a1 += 4;
      c10 = madd(x, b0, c10);
      c11 = madd(x, b1, c11);
      x = v128.load32_splat(a2);
      a2 += 4;
      c20 = madd(x, b0, c20);
      c21 = madd(x, b1, c21);
      x = v128.load32_splat(a3);
      a3 += 4;
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
      x = v128.load32_splat(a1);
      a1 += 4;
      c10 = madd(x, b0, c10);
      c11 = madd(x, b1, c11);
      x = v128.load32_splat(a2);
      a2 += 4;
      c20 = madd(x, b0, c20);
      c21 = madd(x, b1, c21);
      x = v128.load32_splat(a3);
      a3 += 4;
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
      x = v128.load32_splat(a1);
      a1 += 4;
      c10 = madd(x, b0, c10);
      c11 = madd(x, b1, c11);
      x = v128.load32_splat(a2);
      a2 += 4;
      c20 = madd(x, b0, c20);
      c21 = madd(x, b1, c21);
      x = v128.load32_splat(a3);
      a3 += 4;
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
      x = v128.load32_splat(a1);
      a1 += 4;
      c10 = madd(x, b0, c10);
      c11 = madd(x, b1, c11);
      x = v128.load32_splat(a2);
      a2 += 4;
      c20 = madd(x, b0, c20);
      c21 = madd(x, b1, c21);
      x = v128.load32_splat(a3);
      a3 += 4;
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
