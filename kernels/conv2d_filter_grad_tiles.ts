import { F32, madd } from "./simd";
import { Five, Four, One, Six, Three, Two } from "./static_number";

/**
 * Adds the products of `taps` neighbouring floats of x with the channels of dy,
 * over `rows` × `pixels` pixels, to out: for each 8 channels f32 [taps, 8] with
 * `outTap` bytes from one tap to the next, and `outBlock` from one 8 channels
 * to the next. The last 8 end at the last channel. Pixels and rows lie xPixel,
 * xRow, dyPixel and dyRow bytes apart.
 *
 * The tiles of sums that stay in registers are at most 6 taps by 8 channels, or
 * by 16 in the wide build.
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
  channels: i32,
  out: usize,
  outTap: usize,
  outBlock: usize,
): void {
  const last = max(channels - 8, 0);
  for (let channel = 0; channel < channels;) {
    const from = min(channel, last);
    const dyAt = dy + <usize> from * F32;
    if (WIDE && channel < last) {
      const second = <usize> (min(channel + 8, last) - from) * F32;
      tiles<Two>(
        taps,
        x,
        xPixel,
        xRow,
        dyAt,
        dyPixel,
        dyRow,
        rows,
        pixels,
        second,
        out,
        outTap,
        outBlock,
      );
      channel += 16;
      out += 2 * outBlock;
    } else {
      tiles<One>(
        taps,
        x,
        xPixel,
        xRow,
        dyAt,
        dyPixel,
        dyRow,
        rows,
        pixels,
        0,
        out,
        outTap,
        0,
      );
      channel += 8;
      out += outBlock;
    }
  }
}

/** M times 8 channels, the second 8 of dy `second` bytes behind the first. */
function tiles<M>(
  taps: i32,
  x: usize,
  xPixel: usize,
  xRow: usize,
  dy: usize,
  dyPixel: usize,
  dyRow: usize,
  rows: i32,
  pixels: i32,
  second: usize,
  out: usize,
  outTap: usize,
  outBlock: usize,
): void {
  const count = (taps + 5) / 6;
  const width = taps / count;
  const wide = taps % count;
  for (let i = 0; i < count; i++) {
    const size = width + i32(i < wide);
    // deno-fmt-ignore -- one line per width
    switch (size) {
      case 1: tile<One, M>(x, xPixel, xRow, dy, dyPixel, dyRow, rows, pixels, second, out, outTap, outBlock); break;
      case 2: tile<Two, M>(x, xPixel, xRow, dy, dyPixel, dyRow, rows, pixels, second, out, outTap, outBlock); break;
      case 3: tile<Three, M>(x, xPixel, xRow, dy, dyPixel, dyRow, rows, pixels, second, out, outTap, outBlock); break;
      case 4: tile<Four, M>(x, xPixel, xRow, dy, dyPixel, dyRow, rows, pixels, second, out, outTap, outBlock); break;
      case 5: tile<Five, M>(x, xPixel, xRow, dy, dyPixel, dyRow, rows, pixels, second, out, outTap, outBlock); break;
      case 6: tile<Six, M>(x, xPixel, xRow, dy, dyPixel, dyRow, rows, pixels, second, out, outTap, outBlock); break;
    }
    x += <usize> size * F32;
    out += <usize> size * outTap;
  }
}

function tile<T, M>(
  x: usize,
  xPixel: usize,
  xRow: usize,
  dy: usize,
  dyPixel: usize,
  dyRow: usize,
  rows: i32,
  pixels: i32,
  second: usize,
  out: usize,
  outTap: usize,
  outBlock: usize,
): void {
  // Sums of taps 0 … 5 by channels 0 … 7, and by the second 8.
  let at = out, at2 = out + outBlock;
  let a0 = v128.load(at), b0 = v128.load(at, 16);
  let c0 = a0, d0 = b0;
  if (offsetof<M>() == 2) c0 = v128.load(at2), d0 = v128.load(at2, 16);
  // deno-fmt-ignore -- one line per tap
  let
    a1 = a0, b1 = b0, c1 = c0, d1 = d0,
    a2 = a0, b2 = b0, c2 = c0, d2 = d0,
    a3 = a0, b3 = b0, c3 = c0, d3 = d0,
    a4 = a0, b4 = b0, c4 = c0, d4 = d0,
    a5 = a0, b5 = b0, c5 = c0, d5 = d0;
  if (offsetof<T>() > 1) {
    at += outTap;
    a1 = v128.load(at), b1 = v128.load(at, 16);
    if (offsetof<M>() == 2) {
      at2 += outTap;
      c1 = v128.load(at2), d1 = v128.load(at2, 16);
    }
  }
  if (offsetof<T>() > 2) {
    at += outTap;
    a2 = v128.load(at), b2 = v128.load(at, 16);
    if (offsetof<M>() == 2) {
      at2 += outTap;
      c2 = v128.load(at2), d2 = v128.load(at2, 16);
    }
  }
  if (offsetof<T>() > 3) {
    at += outTap;
    a3 = v128.load(at), b3 = v128.load(at, 16);
    if (offsetof<M>() == 2) {
      at2 += outTap;
      c3 = v128.load(at2), d3 = v128.load(at2, 16);
    }
  }
  if (offsetof<T>() > 4) {
    at += outTap;
    a4 = v128.load(at), b4 = v128.load(at, 16);
    if (offsetof<M>() == 2) {
      at2 += outTap;
      c4 = v128.load(at2), d4 = v128.load(at2, 16);
    }
  }
  if (offsetof<T>() > 5) {
    at += outTap;
    a5 = v128.load(at), b5 = v128.load(at, 16);
    if (offsetof<M>() == 2) {
      at2 += outTap;
      c5 = v128.load(at2), d5 = v128.load(at2, 16);
    }
  }
  for (; rows > 0; rows--, x += xRow, dy += dyRow) {
    let from = x;
    let g = dy;
    let left = pixels;
    let gc = f32x4.splat(0), gd = gc;
    let ga: v128, gb: v128, v: v128;
    // Four pixels a turn. The branch after each keeps Binaryen from nesting
    // the sums of several pixels, whose operands would not fit the registers.
    // deno-fmt-ignore -- one line per tap
    while (true) {
      ga = v128.load(g), gb = v128.load(g, 16);
      if (offsetof<M>() == 2) { gc = v128.load(g + second), gd = v128.load(g + second, 16); }
      v = v128.load32_splat(from), a0 = madd(v, ga, a0), b0 = madd(v, gb, b0); if (offsetof<M>() == 2) { c0 = madd(v, gc, c0), d0 = madd(v, gd, d0); }
      if (offsetof<T>() > 1) { v = v128.load32_splat(from, 4), a1 = madd(v, ga, a1), b1 = madd(v, gb, b1); if (offsetof<M>() == 2) { c1 = madd(v, gc, c1), d1 = madd(v, gd, d1); } }
      if (offsetof<T>() > 2) { v = v128.load32_splat(from, 8), a2 = madd(v, ga, a2), b2 = madd(v, gb, b2); if (offsetof<M>() == 2) { c2 = madd(v, gc, c2), d2 = madd(v, gd, d2); } }
      if (offsetof<T>() > 3) { v = v128.load32_splat(from, 12), a3 = madd(v, ga, a3), b3 = madd(v, gb, b3); if (offsetof<M>() == 2) { c3 = madd(v, gc, c3), d3 = madd(v, gd, d3); } }
      if (offsetof<T>() > 4) { v = v128.load32_splat(from, 16), a4 = madd(v, ga, a4), b4 = madd(v, gb, b4); if (offsetof<M>() == 2) { c4 = madd(v, gc, c4), d4 = madd(v, gd, d4); } }
      if (offsetof<T>() > 5) { v = v128.load32_splat(from, 20), a5 = madd(v, ga, a5), b5 = madd(v, gb, b5); if (offsetof<M>() == 2) { c5 = madd(v, gc, c5), d5 = madd(v, gd, d5); } }
      if (left == 1) break;
      from += xPixel, g += dyPixel;
      ga = v128.load(g), gb = v128.load(g, 16);
      if (offsetof<M>() == 2) { gc = v128.load(g + second), gd = v128.load(g + second, 16); }
      v = v128.load32_splat(from), a0 = madd(v, ga, a0), b0 = madd(v, gb, b0); if (offsetof<M>() == 2) { c0 = madd(v, gc, c0), d0 = madd(v, gd, d0); }
      if (offsetof<T>() > 1) { v = v128.load32_splat(from, 4), a1 = madd(v, ga, a1), b1 = madd(v, gb, b1); if (offsetof<M>() == 2) { c1 = madd(v, gc, c1), d1 = madd(v, gd, d1); } }
      if (offsetof<T>() > 2) { v = v128.load32_splat(from, 8), a2 = madd(v, ga, a2), b2 = madd(v, gb, b2); if (offsetof<M>() == 2) { c2 = madd(v, gc, c2), d2 = madd(v, gd, d2); } }
      if (offsetof<T>() > 3) { v = v128.load32_splat(from, 12), a3 = madd(v, ga, a3), b3 = madd(v, gb, b3); if (offsetof<M>() == 2) { c3 = madd(v, gc, c3), d3 = madd(v, gd, d3); } }
      if (offsetof<T>() > 4) { v = v128.load32_splat(from, 16), a4 = madd(v, ga, a4), b4 = madd(v, gb, b4); if (offsetof<M>() == 2) { c4 = madd(v, gc, c4), d4 = madd(v, gd, d4); } }
      if (offsetof<T>() > 5) { v = v128.load32_splat(from, 20), a5 = madd(v, ga, a5), b5 = madd(v, gb, b5); if (offsetof<M>() == 2) { c5 = madd(v, gc, c5), d5 = madd(v, gd, d5); } }
      if (left == 2) break;
      from += xPixel, g += dyPixel;
      ga = v128.load(g), gb = v128.load(g, 16);
      if (offsetof<M>() == 2) { gc = v128.load(g + second), gd = v128.load(g + second, 16); }
      v = v128.load32_splat(from), a0 = madd(v, ga, a0), b0 = madd(v, gb, b0); if (offsetof<M>() == 2) { c0 = madd(v, gc, c0), d0 = madd(v, gd, d0); }
      if (offsetof<T>() > 1) { v = v128.load32_splat(from, 4), a1 = madd(v, ga, a1), b1 = madd(v, gb, b1); if (offsetof<M>() == 2) { c1 = madd(v, gc, c1), d1 = madd(v, gd, d1); } }
      if (offsetof<T>() > 2) { v = v128.load32_splat(from, 8), a2 = madd(v, ga, a2), b2 = madd(v, gb, b2); if (offsetof<M>() == 2) { c2 = madd(v, gc, c2), d2 = madd(v, gd, d2); } }
      if (offsetof<T>() > 3) { v = v128.load32_splat(from, 12), a3 = madd(v, ga, a3), b3 = madd(v, gb, b3); if (offsetof<M>() == 2) { c3 = madd(v, gc, c3), d3 = madd(v, gd, d3); } }
      if (offsetof<T>() > 4) { v = v128.load32_splat(from, 16), a4 = madd(v, ga, a4), b4 = madd(v, gb, b4); if (offsetof<M>() == 2) { c4 = madd(v, gc, c4), d4 = madd(v, gd, d4); } }
      if (offsetof<T>() > 5) { v = v128.load32_splat(from, 20), a5 = madd(v, ga, a5), b5 = madd(v, gb, b5); if (offsetof<M>() == 2) { c5 = madd(v, gc, c5), d5 = madd(v, gd, d5); } }
      if (left == 3) break;
      from += xPixel, g += dyPixel;
      ga = v128.load(g), gb = v128.load(g, 16);
      if (offsetof<M>() == 2) { gc = v128.load(g + second), gd = v128.load(g + second, 16); }
      v = v128.load32_splat(from), a0 = madd(v, ga, a0), b0 = madd(v, gb, b0); if (offsetof<M>() == 2) { c0 = madd(v, gc, c0), d0 = madd(v, gd, d0); }
      if (offsetof<T>() > 1) { v = v128.load32_splat(from, 4), a1 = madd(v, ga, a1), b1 = madd(v, gb, b1); if (offsetof<M>() == 2) { c1 = madd(v, gc, c1), d1 = madd(v, gd, d1); } }
      if (offsetof<T>() > 2) { v = v128.load32_splat(from, 8), a2 = madd(v, ga, a2), b2 = madd(v, gb, b2); if (offsetof<M>() == 2) { c2 = madd(v, gc, c2), d2 = madd(v, gd, d2); } }
      if (offsetof<T>() > 3) { v = v128.load32_splat(from, 12), a3 = madd(v, ga, a3), b3 = madd(v, gb, b3); if (offsetof<M>() == 2) { c3 = madd(v, gc, c3), d3 = madd(v, gd, d3); } }
      if (offsetof<T>() > 4) { v = v128.load32_splat(from, 16), a4 = madd(v, ga, a4), b4 = madd(v, gb, b4); if (offsetof<M>() == 2) { c4 = madd(v, gc, c4), d4 = madd(v, gd, d4); } }
      if (offsetof<T>() > 5) { v = v128.load32_splat(from, 20), a5 = madd(v, ga, a5), b5 = madd(v, gb, b5); if (offsetof<M>() == 2) { c5 = madd(v, gc, c5), d5 = madd(v, gd, d5); } }
      left -= 4;
      if (left == 0) break;
      from += xPixel, g += dyPixel;
    }
  }
  // The higher half first, for V8 to pack them.
  // deno-fmt-ignore -- one line per tap
  {
    v128.store(out, b0, 16), v128.store(out, a0);
    if (offsetof<T>() > 1) { at = out + outTap; v128.store(at, b1, 16), v128.store(at, a1); }
    if (offsetof<T>() > 2) { at = out + 2 * outTap; v128.store(at, b2, 16), v128.store(at, a2); }
    if (offsetof<T>() > 3) { at = out + 3 * outTap; v128.store(at, b3, 16), v128.store(at, a3); }
    if (offsetof<T>() > 4) { at = out + 4 * outTap; v128.store(at, b4, 16), v128.store(at, a4); }
    if (offsetof<T>() > 5) { at = out + 5 * outTap; v128.store(at, b5, 16), v128.store(at, a5); }
    if (offsetof<M>() == 2) {
      out += outBlock;
      v128.store(out, d0, 16), v128.store(out, c0);
      if (offsetof<T>() > 1) { at = out + outTap; v128.store(at, d1, 16), v128.store(at, c1); }
      if (offsetof<T>() > 2) { at = out + 2 * outTap; v128.store(at, d2, 16), v128.store(at, c2); }
      if (offsetof<T>() > 3) { at = out + 3 * outTap; v128.store(at, d3, 16), v128.store(at, c3); }
      if (offsetof<T>() > 4) { at = out + 4 * outTap; v128.store(at, d4, 16), v128.store(at, c4); }
      if (offsetof<T>() > 5) { at = out + 5 * outTap; v128.store(at, d5, 16), v128.store(at, c5); }
    }
  }
}
