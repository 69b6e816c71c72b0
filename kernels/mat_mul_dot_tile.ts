import { madd } from "./simd";

/** The sums of four vectors' lanes, each in the order (0 + 2) + (1 + 3). */
function sumFour(x0: v128, x1: v128, x2: v128, x3: v128): v128 {
  const sum01 = f32x4.add(
    v128.shuffle<f32>(x0, x1, 0, 4, 1, 5),
    v128.shuffle<f32>(x0, x1, 2, 6, 3, 7),
  );
  const sum23 = f32x4.add(
    v128.shuffle<f32>(x2, x3, 0, 4, 1, 5),
    v128.shuffle<f32>(x2, x3, 2, 6, 3, 7),
  );
  return f32x4.add(
    v128.shuffle<f64>(sum01, sum23, 0, 2),
    v128.shuffle<f64>(sum01, sum23, 1, 3),
  );
}

/**
 * Sums of a panel of 6 rows of A times 2 columns of B over `vectors` × 4
 * steps: sums[j * 8 + i].
 */
export function dotTile6(
  a: usize,
  b0: usize,
  b1: usize,
  vectors: i32,
  sums: usize,
): void {
  const zero = f32x4.splat(0);
  let c00 = zero, c01 = zero;
  let c10 = zero, c11 = zero;
  let c20 = zero, c21 = zero;
  let c30 = zero, c31 = zero;
  let c40 = zero, c41 = zero;
  let c50 = zero, c51 = zero;
  let y0: v128, y1: v128, x: v128;
  while (vectors > 0) {
    y0 = v128.load(b0);
    y1 = v128.load(b1);
    b0 += 16;
    b1 += 16;
    x = v128.load(a);
    a += 16;
    c00 = madd(x, y0, c00);
    c01 = madd(x, y1, c01);
    x = v128.load(a);
    a += 16;
    c10 = madd(x, y0, c10);
    c11 = madd(x, y1, c11);
    x = v128.load(a);
    a += 16;
    c20 = madd(x, y0, c20);
    c21 = madd(x, y1, c21);
    x = v128.load(a);
    a += 16;
    c30 = madd(x, y0, c30);
    c31 = madd(x, y1, c31);
    x = v128.load(a);
    a += 16;
    c40 = madd(x, y0, c40);
    c41 = madd(x, y1, c41);
    x = v128.load(a);
    a += 16;
    c50 = madd(x, y0, c50);
    c51 = madd(x, y1, c51);
    if (vectors <= 1) break;
    y0 = v128.load(b0);
    y1 = v128.load(b1);
    b0 += 16;
    b1 += 16;
    x = v128.load(a);
    a += 16;
    c00 = madd(x, y0, c00);
    c01 = madd(x, y1, c01);
    x = v128.load(a);
    a += 16;
    c10 = madd(x, y0, c10);
    c11 = madd(x, y1, c11);
    x = v128.load(a);
    a += 16;
    c20 = madd(x, y0, c20);
    c21 = madd(x, y1, c21);
    x = v128.load(a);
    a += 16;
    c30 = madd(x, y0, c30);
    c31 = madd(x, y1, c31);
    x = v128.load(a);
    a += 16;
    c40 = madd(x, y0, c40);
    c41 = madd(x, y1, c41);
    x = v128.load(a);
    a += 16;
    c50 = madd(x, y0, c50);
    c51 = madd(x, y1, c51);
    if (vectors <= 2) break;
    y0 = v128.load(b0);
    y1 = v128.load(b1);
    b0 += 16;
    b1 += 16;
    x = v128.load(a);
    a += 16;
    c00 = madd(x, y0, c00);
    c01 = madd(x, y1, c01);
    x = v128.load(a);
    a += 16;
    c10 = madd(x, y0, c10);
    c11 = madd(x, y1, c11);
    x = v128.load(a);
    a += 16;
    c20 = madd(x, y0, c20);
    c21 = madd(x, y1, c21);
    x = v128.load(a);
    a += 16;
    c30 = madd(x, y0, c30);
    c31 = madd(x, y1, c31);
    x = v128.load(a);
    a += 16;
    c40 = madd(x, y0, c40);
    c41 = madd(x, y1, c41);
    x = v128.load(a);
    a += 16;
    c50 = madd(x, y0, c50);
    c51 = madd(x, y1, c51);
    if (vectors <= 3) break;
    y0 = v128.load(b0);
    y1 = v128.load(b1);
    b0 += 16;
    b1 += 16;
    x = v128.load(a);
    a += 16;
    c00 = madd(x, y0, c00);
    c01 = madd(x, y1, c01);
    x = v128.load(a);
    a += 16;
    c10 = madd(x, y0, c10);
    c11 = madd(x, y1, c11);
    x = v128.load(a);
    a += 16;
    c20 = madd(x, y0, c20);
    c21 = madd(x, y1, c21);
    x = v128.load(a);
    a += 16;
    c30 = madd(x, y0, c30);
    c31 = madd(x, y1, c31);
    x = v128.load(a);
    a += 16;
    c40 = madd(x, y0, c40);
    c41 = madd(x, y1, c41);
    x = v128.load(a);
    a += 16;
    c50 = madd(x, y0, c50);
    c51 = madd(x, y1, c51);
    vectors -= 4;
  }
  v128.store(sums, sumFour(c00, c10, c20, c30), 0);
  v128.store(sums, sumFour(c40, c50, zero, zero), 16);
  v128.store(sums, sumFour(c01, c11, c21, c31), 32);
  v128.store(sums, sumFour(c41, c51, zero, zero), 48);
}

/**
 * Sums of a panel of 4 rows of A times 2 columns of B over `vectors` × 4
 * steps: sums[j * 8 + i].
 */
export function dotTile4(
  a: usize,
  b0: usize,
  b1: usize,
  vectors: i32,
  sums: usize,
): void {
  const zero = f32x4.splat(0);
  let c00 = zero, c01 = zero;
  let c10 = zero, c11 = zero;
  let c20 = zero, c21 = zero;
  let c30 = zero, c31 = zero;
  let y0: v128, y1: v128, x: v128;
  while (vectors > 0) {
    y0 = v128.load(b0);
    y1 = v128.load(b1);
    b0 += 16;
    b1 += 16;
    x = v128.load(a);
    a += 16;
    c00 = madd(x, y0, c00);
    c01 = madd(x, y1, c01);
    x = v128.load(a);
    a += 16;
    c10 = madd(x, y0, c10);
    c11 = madd(x, y1, c11);
    x = v128.load(a);
    a += 16;
    c20 = madd(x, y0, c20);
    c21 = madd(x, y1, c21);
    x = v128.load(a);
    a += 16;
    c30 = madd(x, y0, c30);
    c31 = madd(x, y1, c31);
    if (vectors <= 1) break;
    y0 = v128.load(b0);
    y1 = v128.load(b1);
    b0 += 16;
    b1 += 16;
    x = v128.load(a);
    a += 16;
    c00 = madd(x, y0, c00);
    c01 = madd(x, y1, c01);
    x = v128.load(a);
    a += 16;
    c10 = madd(x, y0, c10);
    c11 = madd(x, y1, c11);
    x = v128.load(a);
    a += 16;
    c20 = madd(x, y0, c20);
    c21 = madd(x, y1, c21);
    x = v128.load(a);
    a += 16;
    c30 = madd(x, y0, c30);
    c31 = madd(x, y1, c31);
    if (vectors <= 2) break;
    y0 = v128.load(b0);
    y1 = v128.load(b1);
    b0 += 16;
    b1 += 16;
    x = v128.load(a);
    a += 16;
    c00 = madd(x, y0, c00);
    c01 = madd(x, y1, c01);
    x = v128.load(a);
    a += 16;
    c10 = madd(x, y0, c10);
    c11 = madd(x, y1, c11);
    x = v128.load(a);
    a += 16;
    c20 = madd(x, y0, c20);
    c21 = madd(x, y1, c21);
    x = v128.load(a);
    a += 16;
    c30 = madd(x, y0, c30);
    c31 = madd(x, y1, c31);
    if (vectors <= 3) break;
    y0 = v128.load(b0);
    y1 = v128.load(b1);
    b0 += 16;
    b1 += 16;
    x = v128.load(a);
    a += 16;
    c00 = madd(x, y0, c00);
    c01 = madd(x, y1, c01);
    x = v128.load(a);
    a += 16;
    c10 = madd(x, y0, c10);
    c11 = madd(x, y1, c11);
    x = v128.load(a);
    a += 16;
    c20 = madd(x, y0, c20);
    c21 = madd(x, y1, c21);
    x = v128.load(a);
    a += 16;
    c30 = madd(x, y0, c30);
    c31 = madd(x, y1, c31);
    vectors -= 4;
  }
  v128.store(sums, sumFour(c00, c10, c20, c30), 0);
  v128.store(sums, sumFour(c01, c11, c21, c31), 32);
}
