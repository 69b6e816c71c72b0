import { F32, madd } from "./simd";
import { Five, Four, One, Six, Three, Two } from "./static_number";

/**
 * Adds the products of `taps` neighbouring floats of x with 8 channels of dy,
 * over `rows` × `pixels` pixels, to out f32 [taps, 8] with `outTap` bytes from
 * one tap to the next: in tiles of at most 6 taps, whose 12 accumulators stay
 * in registers. Pixels and rows lie xPixel, xRow, dyPixel and dyRow bytes
 * apart.
 */
export function accumulateTaps(
  taps: i32,
  x: usize,
  xPixel: usize,
  xRow: usize,
  dy: usize,
  dyPixel: usize,
  dyRow: usize,
  rows: i32,
  pixels: i32,
  out: usize,
  outTap: usize,
): void {
  const count = (taps + 5) / 6;
  const width = taps / count;
  let wide = taps % count;
  for (let i = 0; i < count; i++) {
    const size = width + i32(i < wide);
    // deno-fmt-ignore -- one line per width
    switch (size) {
      case 1: tile<One>(x, xPixel, xRow, dy, dyPixel, dyRow, rows, pixels, out, outTap); break;
      case 2: tile<Two>(x, xPixel, xRow, dy, dyPixel, dyRow, rows, pixels, out, outTap); break;
      case 3: tile<Three>(x, xPixel, xRow, dy, dyPixel, dyRow, rows, pixels, out, outTap); break;
      case 4: tile<Four>(x, xPixel, xRow, dy, dyPixel, dyRow, rows, pixels, out, outTap); break;
      case 5: tile<Five>(x, xPixel, xRow, dy, dyPixel, dyRow, rows, pixels, out, outTap); break;
      case 6: tile<Six>(x, xPixel, xRow, dy, dyPixel, dyRow, rows, pixels, out, outTap); break;
    }
    x += <usize> size * F32;
    out += <usize> size * outTap;
  }
}

function tile<T>(
  x: usize,
  xPixel: usize,
  xRow: usize,
  dy: usize,
  dyPixel: usize,
  dyRow: usize,
  rows: i32,
  pixels: i32,
  out: usize,
  outTap: usize,
): void {
  let at = out;
  let a0 = v128.load(at), b0 = v128.load(at, 16);
  let a1 = a0,
    b1 = b0,
    a2 = a0,
    b2 = b0,
    a3 = a0,
    b3 = b0,
    a4 = a0,
    b4 = b0,
    a5 = a0,
    b5 = b0;
  if (offsetof<T>() > 1) {
    at += outTap;
    a1 = v128.load(at);
    b1 = v128.load(at, 16);
  }
  if (offsetof<T>() > 2) {
    at += outTap;
    a2 = v128.load(at);
    b2 = v128.load(at, 16);
  }
  if (offsetof<T>() > 3) {
    at += outTap;
    a3 = v128.load(at);
    b3 = v128.load(at, 16);
  }
  if (offsetof<T>() > 4) {
    at += outTap;
    a4 = v128.load(at);
    b4 = v128.load(at, 16);
  }
  if (offsetof<T>() > 5) {
    at += outTap;
    a5 = v128.load(at);
    b5 = v128.load(at, 16);
  }
  for (; rows > 0; rows--, x += xRow, dy += dyRow) {
    let from = x;
    let d = dy;
    let left = pixels;
    let da: v128, db: v128, v: v128;
    // Four pixels a turn. The branch after each keeps Binaryen from nesting
    // the sums of several pixels, whose operands would not fit the registers.
    // deno-fmt-ignore -- one line per tap
    while (true) {
      da = v128.load(d), db = v128.load(d, 16);
      v = v128.load32_splat(from), a0 = madd(v, da, a0), b0 = madd(v, db, b0);
      if (offsetof<T>() > 1) { v = v128.load32_splat(from, 4), a1 = madd(v, da, a1), b1 = madd(v, db, b1); }
      if (offsetof<T>() > 2) { v = v128.load32_splat(from, 8), a2 = madd(v, da, a2), b2 = madd(v, db, b2); }
      if (offsetof<T>() > 3) { v = v128.load32_splat(from, 12), a3 = madd(v, da, a3), b3 = madd(v, db, b3); }
      if (offsetof<T>() > 4) { v = v128.load32_splat(from, 16), a4 = madd(v, da, a4), b4 = madd(v, db, b4); }
      if (offsetof<T>() > 5) { v = v128.load32_splat(from, 20), a5 = madd(v, da, a5), b5 = madd(v, db, b5); }
      if (left == 1) break;
      from += xPixel, d += dyPixel;
      da = v128.load(d), db = v128.load(d, 16);
      v = v128.load32_splat(from), a0 = madd(v, da, a0), b0 = madd(v, db, b0);
      if (offsetof<T>() > 1) { v = v128.load32_splat(from, 4), a1 = madd(v, da, a1), b1 = madd(v, db, b1); }
      if (offsetof<T>() > 2) { v = v128.load32_splat(from, 8), a2 = madd(v, da, a2), b2 = madd(v, db, b2); }
      if (offsetof<T>() > 3) { v = v128.load32_splat(from, 12), a3 = madd(v, da, a3), b3 = madd(v, db, b3); }
      if (offsetof<T>() > 4) { v = v128.load32_splat(from, 16), a4 = madd(v, da, a4), b4 = madd(v, db, b4); }
      if (offsetof<T>() > 5) { v = v128.load32_splat(from, 20), a5 = madd(v, da, a5), b5 = madd(v, db, b5); }
      if (left == 2) break;
      from += xPixel, d += dyPixel;
      da = v128.load(d), db = v128.load(d, 16);
      v = v128.load32_splat(from), a0 = madd(v, da, a0), b0 = madd(v, db, b0);
      if (offsetof<T>() > 1) { v = v128.load32_splat(from, 4), a1 = madd(v, da, a1), b1 = madd(v, db, b1); }
      if (offsetof<T>() > 2) { v = v128.load32_splat(from, 8), a2 = madd(v, da, a2), b2 = madd(v, db, b2); }
      if (offsetof<T>() > 3) { v = v128.load32_splat(from, 12), a3 = madd(v, da, a3), b3 = madd(v, db, b3); }
      if (offsetof<T>() > 4) { v = v128.load32_splat(from, 16), a4 = madd(v, da, a4), b4 = madd(v, db, b4); }
      if (offsetof<T>() > 5) { v = v128.load32_splat(from, 20), a5 = madd(v, da, a5), b5 = madd(v, db, b5); }
      if (left == 3) break;
      from += xPixel, d += dyPixel;
      da = v128.load(d), db = v128.load(d, 16);
      v = v128.load32_splat(from), a0 = madd(v, da, a0), b0 = madd(v, db, b0);
      if (offsetof<T>() > 1) { v = v128.load32_splat(from, 4), a1 = madd(v, da, a1), b1 = madd(v, db, b1); }
      if (offsetof<T>() > 2) { v = v128.load32_splat(from, 8), a2 = madd(v, da, a2), b2 = madd(v, db, b2); }
      if (offsetof<T>() > 3) { v = v128.load32_splat(from, 12), a3 = madd(v, da, a3), b3 = madd(v, db, b3); }
      if (offsetof<T>() > 4) { v = v128.load32_splat(from, 16), a4 = madd(v, da, a4), b4 = madd(v, db, b4); }
      if (offsetof<T>() > 5) { v = v128.load32_splat(from, 20), a5 = madd(v, da, a5), b5 = madd(v, db, b5); }
      left -= 4;
      if (left == 0) break;
      from += xPixel, d += dyPixel;
    }
  }
  v128.store(out, a0);
  v128.store(out, b0, 16);
  if (offsetof<T>() > 1) {
    out += outTap;
    v128.store(out, a1);
    v128.store(out, b1, 16);
  }
  if (offsetof<T>() > 2) {
    out += outTap;
    v128.store(out, a2);
    v128.store(out, b2, 16);
  }
  if (offsetof<T>() > 3) {
    out += outTap;
    v128.store(out, a3);
    v128.store(out, b3, 16);
  }
  if (offsetof<T>() > 4) {
    out += outTap;
    v128.store(out, a4);
    v128.store(out, b4, 16);
  }
  if (offsetof<T>() > 5) {
    out += outTap;
    v128.store(out, a5);
    v128.store(out, b5, 16);
  }
}
