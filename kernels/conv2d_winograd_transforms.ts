import { activate, LINEAR } from "./epilogue";
import { F32 } from "./simd";

/**
 * The transforms of Winograd's F(2×2, 3×3) (Lavin & Gray 2016, section 4.1):
 * y = Aᵀ [(G g Gᵀ) ⊙ (Bᵀ d B)] A for a tile d of 4×4 inputs, a filter g of 3×3
 * and 2×2 outputs, and its gradient dg = Gᵀ [(A dy Aᵀ) ⊙ (Bᵀ d B)] G.
 *
 *      1  0 −1  0          1    0    0
 * Bᵀ = 0  1  1  0     G =  ½    ½    ½     Aᵀ = 1  1  1  0
 *      0 −1  1  0          ½   −½    ½          0  1 −1 −1
 *      0  1  0 −1          0    0    1
 *
 * A transformed tile is 16 numbers a channel; number e = 4 i + j of all tiles
 * is one plane, f32 [tiles, channels], `plane` bytes from the next. Channels
 * are a multiple of 4.
 */

/** Bᵀ d B of a row of tiles, which lie 2 pixels apart. */
export function transformInputs(
  x: usize,
  xRow: usize,
  channels: i32,
  tiles: i32,
  to: usize,
  plane: usize,
): void {
  const pixel = <usize> channels * F32;
  const planes = plane * 4;
  for (let channel: usize = 0; channel < pixel; channel += 16) {
    let at = x + channel;
    let p = v128.load(at), q = v128.load(at + xRow);
    let r = v128.load(at + 2 * xRow), s = v128.load(at + 3 * xRow);
    let a0 = f32x4.sub(p, r), a1 = f32x4.add(q, r);
    let a2 = f32x4.sub(r, q), a3 = f32x4.sub(q, s);
    at += pixel;
    p = v128.load(at), q = v128.load(at + xRow);
    r = v128.load(at + 2 * xRow), s = v128.load(at + 3 * xRow);
    let b0 = f32x4.sub(p, r), b1 = f32x4.add(q, r);
    let b2 = f32x4.sub(r, q), b3 = f32x4.sub(q, s);
    let out = to + channel;
    for (let tile = tiles; tile > 0; tile--, out += pixel) {
      at += pixel;
      p = v128.load(at), q = v128.load(at + xRow);
      r = v128.load(at + 2 * xRow), s = v128.load(at + 3 * xRow);
      const c0 = f32x4.sub(p, r), c1 = f32x4.add(q, r);
      const c2 = f32x4.sub(r, q), c3 = f32x4.sub(q, s);
      let e = out;
      storeRow(e, plane, f32x4.sub(a0, c0), f32x4.add(b0, c0));
      storeRow(e += planes, plane, f32x4.sub(a1, c1), f32x4.add(b1, c1));
      storeRow(e += planes, plane, f32x4.sub(a2, c2), f32x4.add(b2, c2));
      storeRow(e += planes, plane, f32x4.sub(a3, c3), f32x4.add(b3, c3));
      at += pixel;
      p = v128.load(at), q = v128.load(at + xRow);
      r = v128.load(at + 2 * xRow), s = v128.load(at + 3 * xRow);
      const d0 = f32x4.sub(p, r), d1 = f32x4.add(q, r);
      const d2 = f32x4.sub(r, q), d3 = f32x4.sub(q, s);
      e = out + 2 * plane;
      storeRow(e, plane, f32x4.sub(c0, b0), f32x4.sub(b0, d0));
      storeRow(e += planes, plane, f32x4.sub(c1, b1), f32x4.sub(b1, d1));
      storeRow(e += planes, plane, f32x4.sub(c2, b2), f32x4.sub(b2, d2));
      storeRow(e += planes, plane, f32x4.sub(c3, b3), f32x4.sub(b3, d3));
      a0 = c0, a1 = c1, a2 = c2, a3 = c3;
      b0 = d0, b1 = d1, b2 = d2, b3 = d3;
    }
  }
}

function storeRow(to: usize, plane: usize, first: v128, second: v128): void {
  v128.store(to, first);
  v128.store(to + plane, second);
}

/**
 * activation(Aᵀ m A + bias) of a row of tiles: one row of outputs, or two
 * (`rows`), of `columns` pixels, of which the last tile may fill only one.
 */
export function transformOutputs(
  from: usize,
  plane: usize,
  channels: i32,
  columns: i32,
  rows: i32,
  y: usize,
  yRow: usize,
  bias: usize,
  slope: usize,
  activation: i32,
): void {
  const pixel = <usize> channels * F32;
  for (let column = 0; column < columns; column += 2) {
    for (let channel: usize = 0; channel < pixel; channel += 16) {
      let at = from + channel;
      let p = v128.load(at), q = v128.load(at + 4 * plane);
      let r = v128.load(at + 8 * plane), s = v128.load(at + 12 * plane);
      let y00 = f32x4.add(f32x4.add(p, q), r);
      let y10 = f32x4.sub(f32x4.sub(q, r), s);
      at += plane;
      p = v128.load(at), q = v128.load(at + 4 * plane);
      r = v128.load(at + 8 * plane), s = v128.load(at + 12 * plane);
      let y01 = f32x4.add(f32x4.add(p, q), r);
      let y11 = f32x4.sub(f32x4.sub(q, r), s);
      y00 = f32x4.add(y00, y01);
      y10 = f32x4.add(y10, y11);
      at += plane;
      p = v128.load(at), q = v128.load(at + 4 * plane);
      r = v128.load(at + 8 * plane), s = v128.load(at + 12 * plane);
      let t = f32x4.add(f32x4.add(p, q), r);
      y00 = f32x4.add(y00, t);
      y01 = f32x4.sub(y01, t);
      t = f32x4.sub(f32x4.sub(q, r), s);
      y10 = f32x4.add(y10, t);
      y11 = f32x4.sub(y11, t);
      at += plane;
      p = v128.load(at), q = v128.load(at + 4 * plane);
      r = v128.load(at + 8 * plane), s = v128.load(at + 12 * plane);
      y01 = f32x4.sub(y01, f32x4.add(f32x4.add(p, q), r));
      y11 = f32x4.sub(y11, f32x4.sub(f32x4.sub(q, r), s));
      const b = v128.load(bias + channel);
      y00 = f32x4.add(y00, b), y01 = f32x4.add(y01, b);
      y10 = f32x4.add(y10, b), y11 = f32x4.add(y11, b);
      if (activation != LINEAR) {
        const factor = v128.load(slope + channel);
        y00 = activate(y00, factor, activation);
        y01 = activate(y01, factor, activation);
        y10 = activate(y10, factor, activation);
        y11 = activate(y11, factor, activation);
      }
      const to = y + channel;
      v128.store(to, y00);
      if (column + 1 < columns) v128.store(to + pixel, y01);
      if (rows > 1) {
        v128.store(to + yRow, y10);
        if (column + 1 < columns) v128.store(to + yRow + pixel, y11);
      }
    }
    from += pixel;
    y += 2 * pixel;
  }
}

/** A dy Aᵀ of a row of tiles, which `transformOutputs` would have written. */
export function transformGradients(
  dy: usize,
  dyRow: usize,
  channels: i32,
  columns: i32,
  rows: i32,
  to: usize,
  plane: usize,
): void {
  const pixel = <usize> channels * F32;
  const planes = 4 * plane;
  const zero = f32x4.splat(0);
  for (let column = 0; column < columns; column += 2) {
    const pair = column + 1 < columns;
    for (let channel: usize = 0; channel < pixel; channel += 16) {
      const at = dy + channel;
      const a0 = v128.load(at);
      const b0 = pair ? v128.load(at + pixel) : zero;
      const a3 = rows > 1 ? v128.load(at + dyRow) : zero;
      const b3 = pair && rows > 1 ? v128.load(at + dyRow + pixel) : zero;
      let e = to + channel;
      storeGradients(e, plane, a0, b0);
      storeGradients(e += planes, plane, f32x4.add(a0, a3), f32x4.add(b0, b3));
      storeGradients(e += planes, plane, f32x4.sub(a0, a3), f32x4.sub(b0, b3));
      storeGradients(e += planes, plane, f32x4.neg(a3), f32x4.neg(b3));
    }
    dy += 2 * pixel;
    to += pixel;
  }
}

function storeGradients(to: usize, plane: usize, a: v128, b: v128): void {
  v128.store(to, a);
  v128.store(to + plane, f32x4.add(a, b));
  v128.store(to + 2 * plane, f32x4.sub(a, b));
  v128.store(to + 3 * plane, f32x4.neg(b));
}

/**
 * G g Gᵀ of four filters: the nine taps of g lie `tap` bytes apart, the 16
 * results `plane` bytes.
 */
export function transformFilter(
  from: usize,
  tap: usize,
  to: usize,
  plane: usize,
): void {
  for (let column: usize = 0; column < 3; column++) {
    const at = from + column * tap;
    const g0 = v128.load(at), g1 = v128.load(at + 3 * tap);
    const g2 = v128.load(at + 6 * tap);
    storeFilter(to + column * plane, 4 * plane, g0, g1, g2);
  }
  for (let row: usize = 0; row < 4; row++) {
    const at = to + row * 4 * plane;
    const g0 = v128.load(at), g1 = v128.load(at + plane);
    const g2 = v128.load(at + 2 * plane);
    storeFilter(at, plane, g0, g1, g2);
  }
}

function storeFilter(
  to: usize,
  step: usize,
  g0: v128,
  g1: v128,
  g2: v128,
): void {
  const half = f32x4.splat(0.5);
  const outer = f32x4.mul(f32x4.add(g0, g2), half);
  const inner = f32x4.mul(g1, half);
  v128.store(to, g0);
  v128.store(to + step, f32x4.add(outer, inner));
  v128.store(to + 2 * step, f32x4.sub(outer, inner));
  v128.store(to + 3 * step, g2);
}

/**
 * Gᵀ s G of four filters: the 16 sums lie `plane` bytes apart and are
 * overwritten, the nine taps of the result `tap` bytes.
 */
export function transformFilterGradient(
  from: usize,
  plane: usize,
  to: usize,
  tap: usize,
): void {
  for (let column: usize = 0; column < 4; column++) {
    const at = from + column * plane;
    reduceFilter(at, 4 * plane, at, 4 * plane);
  }
  for (let row: usize = 0; row < 3; row++) {
    reduceFilter(from + row * 4 * plane, plane, to + row * 3 * tap, tap);
  }
}

function reduceFilter(
  from: usize,
  step: usize,
  to: usize,
  stride: usize,
): void {
  const half = f32x4.splat(0.5);
  const s0 = v128.load(from), s1 = v128.load(from + step);
  const s2 = v128.load(from + 2 * step), s3 = v128.load(from + 3 * step);
  const sum = f32x4.mul(f32x4.add(s1, s2), half);
  v128.store(to, f32x4.add(s0, sum));
  v128.store(to + stride, f32x4.mul(f32x4.sub(s1, s2), half));
  v128.store(to + 2 * stride, f32x4.add(sum, s3));
}
