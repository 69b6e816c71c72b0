import { madd } from "./simd";

/**
 * The transforms of Winograd's F(4×4, 3×3) (Lavin & Gray 2016, section 4):
 * y = V₄ᵀ [(V₃ g V₃ᵀ) ⊙ D ⊙ (Bᵀ d B)] V₄ for a tile d of 6×6
 * inputs, a filter g of 3×3 and 4×4 outputs; the gradient of the filter is
 * V₃ᵀ [(V₄ dy V₄ᵀ) ⊙ D ⊙ (Bᵀ d B)] V₃. Cook and Toom's construction has a free
 * choice of points; Lavin & Gray's 0, ±1, ±2, ∞ lose most by rounding. Here
 * they are 0, ±¾, ±³⁄₂, ∞: of symmetric ones, whose rows share their even and
 * odd parts, they are near the best (Barabasz et al. 2018 search such points),
 * with less than a third of the loss; and all numbers below are exact. Rows of
 * Vₖ are the powers 0 … k − 1 of a point p, and (0 … 0 1) for ∞; rows of Bᵀ the
 * coefficients of Π (x − q) over all finite q ≠ p, over all for ∞. D divides by
 * the values of that product at p:
 *
 *       1   0    0  …         81/64   0    −45/16   0     1   0
 *       1  3/4  9/16 …           0  −27/16  −9/4   3/4    1   0
 * Vₖ =  1 −3/4  9/16 …   Bᵀ =    0   27/16  −9/4  −3/4    1   0
 *       1  3/2  9/4 …            0  −27/32  −9/16  3/2    1   0
 *       1 −3/2  9/4 …            0   27/32  −9/16 −3/2    1   0
 *       0   0    … 1             0   81/64    0  −45/16   0   1
 *
 * A transformed tile is 36 numbers a channel. Each function goes one way, and
 * is called for the rows and then for the columns; bytes are a multiple of 32.
 * A pair of vectors is stored higher half first, which lets V8 pack it.
 */

/**
 * Bᵀ r of six rows r0 … r5, of `bytes` bytes and `tiles` times, each `step`
 * bytes on, to six rows `plane` bytes apart, that grow without a gap.
 */
export function transformInputs(
  r0: usize,
  r1: usize,
  r2: usize,
  r3: usize,
  r4: usize,
  r5: usize,
  step: usize,
  tiles: i32,
  bytes: usize,
  to: usize,
  plane: usize,
): void {
  const square = f32x4.splat(-0.5625), square2 = f32x4.splat(-2.25);
  const sum = f32x4.splat(-2.8125), product = f32x4.splat(1.265625);
  const point = f32x4.splat(0.75), point2 = f32x4.splat(1.5);
  for (; tiles > 0; tiles--) {
    for (let i: usize = 0; i < bytes; i += 32) {
      let out = to + i;
      const a1 = v128.load(r1 + i), b1 = v128.load(r1 + i, 16);
      const a2 = v128.load(r2 + i), b2 = v128.load(r2 + i, 16);
      const a3 = v128.load(r3 + i), b3 = v128.load(r3 + i, 16);
      const a4 = v128.load(r4 + i), b4 = v128.load(r4 + i, 16);
      const a0 = v128.load(r0 + i), b0 = v128.load(r0 + i, 16);
      const bOuter = madd(b0, product, madd(b2, sum, b4));
      const aOuter = madd(a0, product, madd(a2, sum, a4));
      v128.store(out, bOuter, 16);
      v128.store(out, aOuter);
      out += plane;
      let bEven = madd(b2, square2, b4), aEven = madd(a2, square2, a4);
      let bOdd = f32x4.mul(madd(b1, square2, b3), point);
      let aOdd = f32x4.mul(madd(a1, square2, a3), point);
      v128.store(out, f32x4.add(bEven, bOdd), 16);
      v128.store(out, f32x4.add(aEven, aOdd));
      out += plane;
      v128.store(out, f32x4.sub(bEven, bOdd), 16);
      v128.store(out, f32x4.sub(aEven, aOdd));
      out += plane;
      bEven = madd(b2, square, b4), aEven = madd(a2, square, a4);
      bOdd = f32x4.mul(madd(b1, square, b3), point2);
      aOdd = f32x4.mul(madd(a1, square, a3), point2);
      v128.store(out, f32x4.add(bEven, bOdd), 16);
      v128.store(out, f32x4.add(aEven, aOdd));
      out += plane;
      v128.store(out, f32x4.sub(bEven, bOdd), 16);
      v128.store(out, f32x4.sub(aEven, aOdd));
      out += plane;
      const a5 = v128.load(r5 + i), b5 = v128.load(r5 + i, 16);
      const bLast = madd(b1, product, madd(b3, sum, b5));
      const aLast = madd(a1, product, madd(a3, sum, a5));
      v128.store(out, bLast, 16);
      v128.store(out, aLast);
    }
    r0 += step, r1 += step, r2 += step;
    r3 += step, r4 += step, r5 += step;
    to += bytes;
  }
}

/**
 * V r of the first K of the rows r0 … r3, else as `transformInputs`; the rows
 * may be those that are written.
 */
export function expand<K>(
  r0: usize,
  r1: usize,
  r2: usize,
  r3: usize,
  step: usize,
  tiles: i32,
  bytes: usize,
  to: usize,
  plane: usize,
): void {
  for (; tiles > 0; tiles--) {
    for (let i: usize = 0; i < bytes; i += 32) {
      let out = to + i;
      const a0 = v128.load(r0 + i), b0 = v128.load(r0 + i, 16);
      const a1 = v128.load(r1 + i), b1 = v128.load(r1 + i, 16);
      let aLast = v128.load(r2 + i), bLast = v128.load(r2 + i, 16);
      const bEven = madd(bLast, f32x4.splat(0.5625), b0);
      const aEven = madd(aLast, f32x4.splat(0.5625), a0);
      const bEven2 = madd(bLast, f32x4.splat(2.25), b0);
      const aEven2 = madd(aLast, f32x4.splat(2.25), a0);
      let bOdd = f32x4.mul(b1, f32x4.splat(0.75));
      let aOdd = f32x4.mul(a1, f32x4.splat(0.75));
      let bOdd2 = f32x4.mul(b1, f32x4.splat(1.5));
      let aOdd2 = f32x4.mul(a1, f32x4.splat(1.5));
      if (offsetof<K>() > 3) {
        aLast = v128.load(r3 + i), bLast = v128.load(r3 + i, 16);
        bOdd = madd(bLast, f32x4.splat(0.421875), bOdd);
        aOdd = madd(aLast, f32x4.splat(0.421875), aOdd);
        bOdd2 = madd(bLast, f32x4.splat(3.375), bOdd2);
        aOdd2 = madd(aLast, f32x4.splat(3.375), aOdd2);
      }
      v128.store(out, b0, 16);
      v128.store(out, a0);
      out += plane;
      v128.store(out, f32x4.add(bEven, bOdd), 16);
      v128.store(out, f32x4.add(aEven, aOdd));
      out += plane;
      v128.store(out, f32x4.sub(bEven, bOdd), 16);
      v128.store(out, f32x4.sub(aEven, aOdd));
      out += plane;
      v128.store(out, f32x4.add(bEven2, bOdd2), 16);
      v128.store(out, f32x4.add(aEven2, aOdd2));
      out += plane;
      v128.store(out, f32x4.sub(bEven2, bOdd2), 16);
      v128.store(out, f32x4.sub(aEven2, aOdd2));
      out += plane;
      v128.store(out, bLast, 16);
      v128.store(out, aLast);
    }
    r0 += step, r1 += step, r2 += step, r3 += step;
    to += bytes;
  }
}

/**
 * Vᵀ r of six rows `plane` bytes apart, of `bytes` bytes and `tiles` times
 * without a gap, to K rows `row` bytes apart, each tile `tile` bytes on; they
 * may be among the rows that are read.
 *
 * @typeParam E Two: the results are those of a convolution, to which f32
 *   [bytes / 4] `bias` is added; 0 times the first and the last of them is
 *   added to f32 [8] `check`, which becomes NaN where one of the six is not
 *   finite
 */
export function reduce<K, E>(
  from: usize,
  plane: usize,
  tiles: i32,
  bytes: usize,
  to: usize,
  row: usize,
  tile: usize,
  bias: usize,
  check: usize,
): void {
  const zero = f32x4.splat(0);
  let aCheck = zero, bCheck = zero, aStart = zero, bStart = zero;
  if (offsetof<E>() == 2) {
    aCheck = v128.load(check), bCheck = v128.load(check, 16);
  }
  for (; tiles > 0; tiles--) {
    for (let i: usize = 0; i < bytes; i += 32) {
      if (offsetof<E>() == 2) {
        aStart = v128.load(bias + i), bStart = v128.load(bias + i, 16);
      }
      let at = from + i, out = to + i;
      let b = v128.load(at, 16), a = v128.load(at);
      if (offsetof<E>() == 2) {
        b = f32x4.add(b, bStart), a = f32x4.add(a, aStart);
      }
      at += plane;
      let b1 = v128.load(at, 16), a1 = v128.load(at);
      at += plane;
      let b2 = v128.load(at, 16), a2 = v128.load(at);
      const bEven = f32x4.add(b1, b2), aEven = f32x4.add(a1, a2);
      const bOdd = f32x4.sub(b1, b2), aOdd = f32x4.sub(a1, a2);
      at += plane;
      b1 = v128.load(at, 16), a1 = v128.load(at);
      at += plane;
      b2 = v128.load(at, 16), a2 = v128.load(at);
      const bEven2 = f32x4.add(b1, b2), aEven2 = f32x4.add(a1, a2);
      const bOdd2 = f32x4.sub(b1, b2), aOdd2 = f32x4.sub(a1, a2);
      at += plane;
      const bLast = v128.load(at, 16), aLast = v128.load(at);
      b = f32x4.add(f32x4.add(b, bEven), bEven2);
      a = f32x4.add(f32x4.add(a, aEven), aEven2);
      if (offsetof<E>() == 2) {
        bCheck = madd(b, zero, bCheck), aCheck = madd(a, zero, aCheck);
      }
      v128.store(out, b, 16);
      v128.store(out, a);
      out += row;
      b = combine<E>(bOdd, 0.75, bOdd2, 1.5, bStart);
      a = combine<E>(aOdd, 0.75, aOdd2, 1.5, aStart);
      v128.store(out, b, 16);
      v128.store(out, a);
      out += row;
      b = combine<E>(bEven, 0.5625, bEven2, 2.25, bStart);
      a = combine<E>(aEven, 0.5625, aEven2, 2.25, aStart);
      if (offsetof<K>() > 3) {
        v128.store(out, b, 16);
        v128.store(out, a);
        out += row;
        b = combine<E>(bOdd, 0.421875, bOdd2, 3.375, bStart);
        a = combine<E>(aOdd, 0.421875, aOdd2, 3.375, aStart);
      }
      b = f32x4.add(b, bLast), a = f32x4.add(a, aLast);
      if (offsetof<E>() == 2) {
        bCheck = madd(b, zero, bCheck), aCheck = madd(a, zero, aCheck);
      }
      v128.store(out, b, 16);
      v128.store(out, a);
    }
    from += bytes;
    to += tile;
  }
  if (offsetof<E>() == 2) {
    v128.store(check, bCheck, 16);
    v128.store(check, aCheck);
  }
}

function combine<E>(v: v128, p: f32, w: v128, q: f32, start: v128): v128 {
  const product = offsetof<E>() == 2
    ? madd(v, f32x4.splat(p), start)
    : f32x4.mul(v, f32x4.splat(p));
  return madd(w, f32x4.splat(q), product);
}

/** Multiplies `bytes` bytes by `factor`. */
export function scale(to: usize, bytes: usize, factor: f32): void {
  const factors = f32x4.splat(factor);
  for (let i: usize = 0; i < bytes; i += 32) {
    const b = f32x4.mul(v128.load(to + i, 16), factors);
    const a = f32x4.mul(v128.load(to + i), factors);
    v128.store(to + i, b, 16);
    v128.store(to + i, a);
  }
}

/** Number i of D's six factors, 1 / Π (p − q). */
export function divisor(i: i32): f32 {
  if (i == 0) return <f32> (64.0 / 81.0);
  if (i < 3) return <f32> (-128.0 / 243.0);
  return i < 5 ? <f32> (32.0 / 243.0) : 1;
}
