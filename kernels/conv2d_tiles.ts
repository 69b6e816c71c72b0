import { storeLanes } from "./epilogue";
import { F32, madd } from "./simd";

/** Taps between two moves of all pointers: bounds checks make these dear. */
const TURN: usize = WIDE ? 4 : 8;

/**
 * `count` tiles of P pixels (2 P if M is Three) by 8 channels (16 if M is Two,
 * `second` if it is Four), with `rowTiles`'s parameters.
 */
export function tiles<P, M>(
  rows: i32,
  xStep: usize,
  yStep: usize,
  count: i32,
  x: usize,
  xPixel: usize,
  xRow: usize,
  filter: usize,
  filterRows: i32,
  rowLength: i32,
  y: usize,
  yPixel: usize,
  second: usize,
  bias: usize,
): void {
  const wRowBytes = <usize> (rowLength * 8) * F32;
  const blockBytes = <usize> filterRows * wRowBytes;
  const far = <usize> offsetof<P>() * xPixel; // to the second P pixels
  const pixels = <usize> (offsetof<M>() == 3 ? 2 : 1) * offsetof<P>();
  for (; rows > 0; rows--, x += xStep, y += yStep) {
    let xTile = x, to = y;
    for (let tile = 0; tile < count; tile++, xTile += pixels * xPixel) {
      // Sums of pixels 0 … 5 and channels 0 … 7, and of the second block, or
      // second P pixels.
      let a0 = v128.load(bias), b0 = v128.load(bias, 16);
      let c0 = a0, d0 = b0;
      if (offsetof<M>() == 2) {
        c0 = v128.load(bias + second), d0 = v128.load(bias + second, 16);
      }
      // deno-fmt-ignore -- one line per pixel
      let
        a1 = a0, b1 = b0, c1 = c0, d1 = d0,
        a2 = a0, b2 = b0, c2 = c0, d2 = d0,
        a3 = a0, b3 = b0, c3 = c0, d3 = d0,
        a4 = a0, b4 = b0, c4 = c0, d4 = d0,
        a5 = a0, b5 = b0, c5 = c0, d5 = d0;
      let row = xTile;
      let wRow = filter;
      for (let fy = 0; fy < filterRows; fy++, row += xRow, wRow += wRowBytes) {
        let w = wRow;
        let w2 = w + blockBytes;
        let x0 = row;
        let x1 = x0 + xPixel;
        let x2 = x1 + xPixel;
        let x3 = x2 + xPixel;
        let x4 = x3 + xPixel;
        let x5 = x4 + xPixel;
        let taps = rowLength;
        let wa: v128, wb: v128, v: v128;
        let wc = f32x4.splat(0), wd = wc;
        // The branch after each tap keeps Binaryen from nesting the sums of
        // several, whose operands would not fit the registers. The second P
        // pixels are met by the same pointers, moved there and back every other
        // tap: the processor's other registers would not hold 12 pointers.
        // deno-fmt-ignore -- one line per pixel
        while (true) {
          wa = v128.load(w), wb = v128.load(w, 16);
          if (offsetof<M>() == 2) { wc = v128.load(w2), wd = v128.load(w2, 16); }
          v = v128.load32_splat(x0), a0 = madd(v, wa, a0), b0 = madd(v, wb, b0); if (offsetof<M>() == 2) { c0 = madd(v, wc, c0), d0 = madd(v, wd, d0); }
          if (offsetof<P>() > 1) { v = v128.load32_splat(x1), a1 = madd(v, wa, a1), b1 = madd(v, wb, b1); if (offsetof<M>() == 2) { c1 = madd(v, wc, c1), d1 = madd(v, wd, d1); } }
          if (offsetof<P>() > 2) { v = v128.load32_splat(x2), a2 = madd(v, wa, a2), b2 = madd(v, wb, b2); if (offsetof<M>() == 2) { c2 = madd(v, wc, c2), d2 = madd(v, wd, d2); } }
          if (offsetof<P>() > 3) { v = v128.load32_splat(x3), a3 = madd(v, wa, a3), b3 = madd(v, wb, b3); if (offsetof<M>() == 2) { c3 = madd(v, wc, c3), d3 = madd(v, wd, d3); } }
          if (offsetof<P>() > 4) { v = v128.load32_splat(x4), a4 = madd(v, wa, a4), b4 = madd(v, wb, b4); if (offsetof<M>() == 2) { c4 = madd(v, wc, c4), d4 = madd(v, wd, d4); } }
          if (offsetof<P>() > 5) { v = v128.load32_splat(x5), a5 = madd(v, wa, a5), b5 = madd(v, wb, b5); if (offsetof<M>() == 2) { c5 = madd(v, wc, c5), d5 = madd(v, wd, d5); } }
          if (offsetof<M>() == 3) {
            x0 += far, x1 += far, x2 += far, x3 += far, x4 += far, x5 += far;
            v = v128.load32_splat(x0), c0 = madd(v, wa, c0), d0 = madd(v, wb, d0);
            if (offsetof<P>() > 1) { v = v128.load32_splat(x1), c1 = madd(v, wa, c1), d1 = madd(v, wb, d1); }
            if (offsetof<P>() > 2) { v = v128.load32_splat(x2), c2 = madd(v, wa, c2), d2 = madd(v, wb, d2); }
            if (offsetof<P>() > 3) { v = v128.load32_splat(x3), c3 = madd(v, wa, c3), d3 = madd(v, wb, d3); }
            if (offsetof<P>() > 4) { v = v128.load32_splat(x4), c4 = madd(v, wa, c4), d4 = madd(v, wb, d4); }
            if (offsetof<P>() > 5) { v = v128.load32_splat(x5), c5 = madd(v, wa, c5), d5 = madd(v, wb, d5); }
          }
          if (taps == 1) break;
          wa = v128.load(w, 32), wb = v128.load(w, 48);
          if (offsetof<M>() == 2) { wc = v128.load(w2, 32), wd = v128.load(w2, 48); }
          if (offsetof<M>() == 3) {
            v = v128.load32_splat(x0, 4), c0 = madd(v, wa, c0), d0 = madd(v, wb, d0);
            if (offsetof<P>() > 1) { v = v128.load32_splat(x1, 4), c1 = madd(v, wa, c1), d1 = madd(v, wb, d1); }
            if (offsetof<P>() > 2) { v = v128.load32_splat(x2, 4), c2 = madd(v, wa, c2), d2 = madd(v, wb, d2); }
            if (offsetof<P>() > 3) { v = v128.load32_splat(x3, 4), c3 = madd(v, wa, c3), d3 = madd(v, wb, d3); }
            if (offsetof<P>() > 4) { v = v128.load32_splat(x4, 4), c4 = madd(v, wa, c4), d4 = madd(v, wb, d4); }
            if (offsetof<P>() > 5) { v = v128.load32_splat(x5, 4), c5 = madd(v, wa, c5), d5 = madd(v, wb, d5); }
            x0 -= far, x1 -= far, x2 -= far, x3 -= far, x4 -= far, x5 -= far;
          }
          v = v128.load32_splat(x0, 4), a0 = madd(v, wa, a0), b0 = madd(v, wb, b0); if (offsetof<M>() == 2) { c0 = madd(v, wc, c0), d0 = madd(v, wd, d0); }
          if (offsetof<P>() > 1) { v = v128.load32_splat(x1, 4), a1 = madd(v, wa, a1), b1 = madd(v, wb, b1); if (offsetof<M>() == 2) { c1 = madd(v, wc, c1), d1 = madd(v, wd, d1); } }
          if (offsetof<P>() > 2) { v = v128.load32_splat(x2, 4), a2 = madd(v, wa, a2), b2 = madd(v, wb, b2); if (offsetof<M>() == 2) { c2 = madd(v, wc, c2), d2 = madd(v, wd, d2); } }
          if (offsetof<P>() > 3) { v = v128.load32_splat(x3, 4), a3 = madd(v, wa, a3), b3 = madd(v, wb, b3); if (offsetof<M>() == 2) { c3 = madd(v, wc, c3), d3 = madd(v, wd, d3); } }
          if (offsetof<P>() > 4) { v = v128.load32_splat(x4, 4), a4 = madd(v, wa, a4), b4 = madd(v, wb, b4); if (offsetof<M>() == 2) { c4 = madd(v, wc, c4), d4 = madd(v, wd, d4); } }
          if (offsetof<P>() > 5) { v = v128.load32_splat(x5, 4), a5 = madd(v, wa, a5), b5 = madd(v, wb, b5); if (offsetof<M>() == 2) { c5 = madd(v, wc, c5), d5 = madd(v, wd, d5); } }
          if (taps == 2) break;
          wa = v128.load(w, 64), wb = v128.load(w, 80);
          if (offsetof<M>() == 2) { wc = v128.load(w2, 64), wd = v128.load(w2, 80); }
          v = v128.load32_splat(x0, 8), a0 = madd(v, wa, a0), b0 = madd(v, wb, b0); if (offsetof<M>() == 2) { c0 = madd(v, wc, c0), d0 = madd(v, wd, d0); }
          if (offsetof<P>() > 1) { v = v128.load32_splat(x1, 8), a1 = madd(v, wa, a1), b1 = madd(v, wb, b1); if (offsetof<M>() == 2) { c1 = madd(v, wc, c1), d1 = madd(v, wd, d1); } }
          if (offsetof<P>() > 2) { v = v128.load32_splat(x2, 8), a2 = madd(v, wa, a2), b2 = madd(v, wb, b2); if (offsetof<M>() == 2) { c2 = madd(v, wc, c2), d2 = madd(v, wd, d2); } }
          if (offsetof<P>() > 3) { v = v128.load32_splat(x3, 8), a3 = madd(v, wa, a3), b3 = madd(v, wb, b3); if (offsetof<M>() == 2) { c3 = madd(v, wc, c3), d3 = madd(v, wd, d3); } }
          if (offsetof<P>() > 4) { v = v128.load32_splat(x4, 8), a4 = madd(v, wa, a4), b4 = madd(v, wb, b4); if (offsetof<M>() == 2) { c4 = madd(v, wc, c4), d4 = madd(v, wd, d4); } }
          if (offsetof<P>() > 5) { v = v128.load32_splat(x5, 8), a5 = madd(v, wa, a5), b5 = madd(v, wb, b5); if (offsetof<M>() == 2) { c5 = madd(v, wc, c5), d5 = madd(v, wd, d5); } }
          if (offsetof<M>() == 3) {
            x0 += far, x1 += far, x2 += far, x3 += far, x4 += far, x5 += far;
            v = v128.load32_splat(x0, 8), c0 = madd(v, wa, c0), d0 = madd(v, wb, d0);
            if (offsetof<P>() > 1) { v = v128.load32_splat(x1, 8), c1 = madd(v, wa, c1), d1 = madd(v, wb, d1); }
            if (offsetof<P>() > 2) { v = v128.load32_splat(x2, 8), c2 = madd(v, wa, c2), d2 = madd(v, wb, d2); }
            if (offsetof<P>() > 3) { v = v128.load32_splat(x3, 8), c3 = madd(v, wa, c3), d3 = madd(v, wb, d3); }
            if (offsetof<P>() > 4) { v = v128.load32_splat(x4, 8), c4 = madd(v, wa, c4), d4 = madd(v, wb, d4); }
            if (offsetof<P>() > 5) { v = v128.load32_splat(x5, 8), c5 = madd(v, wa, c5), d5 = madd(v, wb, d5); }
          }
          if (taps == 3) break;
          wa = v128.load(w, 96), wb = v128.load(w, 112);
          if (offsetof<M>() == 2) { wc = v128.load(w2, 96), wd = v128.load(w2, 112); }
          if (offsetof<M>() == 3) {
            v = v128.load32_splat(x0, 12), c0 = madd(v, wa, c0), d0 = madd(v, wb, d0);
            if (offsetof<P>() > 1) { v = v128.load32_splat(x1, 12), c1 = madd(v, wa, c1), d1 = madd(v, wb, d1); }
            if (offsetof<P>() > 2) { v = v128.load32_splat(x2, 12), c2 = madd(v, wa, c2), d2 = madd(v, wb, d2); }
            if (offsetof<P>() > 3) { v = v128.load32_splat(x3, 12), c3 = madd(v, wa, c3), d3 = madd(v, wb, d3); }
            if (offsetof<P>() > 4) { v = v128.load32_splat(x4, 12), c4 = madd(v, wa, c4), d4 = madd(v, wb, d4); }
            if (offsetof<P>() > 5) { v = v128.load32_splat(x5, 12), c5 = madd(v, wa, c5), d5 = madd(v, wb, d5); }
            x0 -= far, x1 -= far, x2 -= far, x3 -= far, x4 -= far, x5 -= far;
          }
          v = v128.load32_splat(x0, 12), a0 = madd(v, wa, a0), b0 = madd(v, wb, b0); if (offsetof<M>() == 2) { c0 = madd(v, wc, c0), d0 = madd(v, wd, d0); }
          if (offsetof<P>() > 1) { v = v128.load32_splat(x1, 12), a1 = madd(v, wa, a1), b1 = madd(v, wb, b1); if (offsetof<M>() == 2) { c1 = madd(v, wc, c1), d1 = madd(v, wd, d1); } }
          if (offsetof<P>() > 2) { v = v128.load32_splat(x2, 12), a2 = madd(v, wa, a2), b2 = madd(v, wb, b2); if (offsetof<M>() == 2) { c2 = madd(v, wc, c2), d2 = madd(v, wd, d2); } }
          if (offsetof<P>() > 3) { v = v128.load32_splat(x3, 12), a3 = madd(v, wa, a3), b3 = madd(v, wb, b3); if (offsetof<M>() == 2) { c3 = madd(v, wc, c3), d3 = madd(v, wd, d3); } }
          if (offsetof<P>() > 4) { v = v128.load32_splat(x4, 12), a4 = madd(v, wa, a4), b4 = madd(v, wb, b4); if (offsetof<M>() == 2) { c4 = madd(v, wc, c4), d4 = madd(v, wd, d4); } }
          if (offsetof<P>() > 5) { v = v128.load32_splat(x5, 12), a5 = madd(v, wa, a5), b5 = madd(v, wb, b5); if (offsetof<M>() == 2) { c5 = madd(v, wc, c5), d5 = madd(v, wd, d5); } }
          if (taps == 4) break;
          if (!WIDE) {
            wa = v128.load(w, 128), wb = v128.load(w, 144);
            v = v128.load32_splat(x0, 16), a0 = madd(v, wa, a0), b0 = madd(v, wb, b0);
            if (offsetof<P>() > 1) { v = v128.load32_splat(x1, 16), a1 = madd(v, wa, a1), b1 = madd(v, wb, b1); }
            if (offsetof<P>() > 2) { v = v128.load32_splat(x2, 16), a2 = madd(v, wa, a2), b2 = madd(v, wb, b2); }
            if (offsetof<P>() > 3) { v = v128.load32_splat(x3, 16), a3 = madd(v, wa, a3), b3 = madd(v, wb, b3); }
            if (offsetof<P>() > 4) { v = v128.load32_splat(x4, 16), a4 = madd(v, wa, a4), b4 = madd(v, wb, b4); }
            if (offsetof<P>() > 5) { v = v128.load32_splat(x5, 16), a5 = madd(v, wa, a5), b5 = madd(v, wb, b5); }
            if (taps == 5) break;
            wa = v128.load(w, 160), wb = v128.load(w, 176);
            v = v128.load32_splat(x0, 20), a0 = madd(v, wa, a0), b0 = madd(v, wb, b0);
            if (offsetof<P>() > 1) { v = v128.load32_splat(x1, 20), a1 = madd(v, wa, a1), b1 = madd(v, wb, b1); }
            if (offsetof<P>() > 2) { v = v128.load32_splat(x2, 20), a2 = madd(v, wa, a2), b2 = madd(v, wb, b2); }
            if (offsetof<P>() > 3) { v = v128.load32_splat(x3, 20), a3 = madd(v, wa, a3), b3 = madd(v, wb, b3); }
            if (offsetof<P>() > 4) { v = v128.load32_splat(x4, 20), a4 = madd(v, wa, a4), b4 = madd(v, wb, b4); }
            if (offsetof<P>() > 5) { v = v128.load32_splat(x5, 20), a5 = madd(v, wa, a5), b5 = madd(v, wb, b5); }
            if (taps == 6) break;
            wa = v128.load(w, 192), wb = v128.load(w, 208);
            v = v128.load32_splat(x0, 24), a0 = madd(v, wa, a0), b0 = madd(v, wb, b0);
            if (offsetof<P>() > 1) { v = v128.load32_splat(x1, 24), a1 = madd(v, wa, a1), b1 = madd(v, wb, b1); }
            if (offsetof<P>() > 2) { v = v128.load32_splat(x2, 24), a2 = madd(v, wa, a2), b2 = madd(v, wb, b2); }
            if (offsetof<P>() > 3) { v = v128.load32_splat(x3, 24), a3 = madd(v, wa, a3), b3 = madd(v, wb, b3); }
            if (offsetof<P>() > 4) { v = v128.load32_splat(x4, 24), a4 = madd(v, wa, a4), b4 = madd(v, wb, b4); }
            if (offsetof<P>() > 5) { v = v128.load32_splat(x5, 24), a5 = madd(v, wa, a5), b5 = madd(v, wb, b5); }
            if (taps == 7) break;
            wa = v128.load(w, 224), wb = v128.load(w, 240);
            v = v128.load32_splat(x0, 28), a0 = madd(v, wa, a0), b0 = madd(v, wb, b0);
            if (offsetof<P>() > 1) { v = v128.load32_splat(x1, 28), a1 = madd(v, wa, a1), b1 = madd(v, wb, b1); }
            if (offsetof<P>() > 2) { v = v128.load32_splat(x2, 28), a2 = madd(v, wa, a2), b2 = madd(v, wb, b2); }
            if (offsetof<P>() > 3) { v = v128.load32_splat(x3, 28), a3 = madd(v, wa, a3), b3 = madd(v, wb, b3); }
            if (offsetof<P>() > 4) { v = v128.load32_splat(x4, 28), a4 = madd(v, wa, a4), b4 = madd(v, wb, b4); }
            if (offsetof<P>() > 5) { v = v128.load32_splat(x5, 28), a5 = madd(v, wa, a5), b5 = madd(v, wb, b5); }
            if (taps == 8) break;
          }
          taps -= TURN;
          w += TURN * 32;
          if (offsetof<M>() == 2) w2 += TURN * 32;
          x0 += TURN * 4, x1 += TURN * 4, x2 += TURN * 4, x3 += TURN * 4, x4 += TURN * 4, x5 += TURN * 4;
        }
      }
      // deno-fmt-ignore -- one line per pixel
      {
        storeSums<M>(to, a0, b0, second); if (offsetof<M>() == 2) storeSums<M>(to + second, c0, d0, 8);
        if (offsetof<P>() > 1) { to += yPixel; storeSums<M>(to, a1, b1, second); if (offsetof<M>() == 2) storeSums<M>(to + second, c1, d1, 8); }
        if (offsetof<P>() > 2) { to += yPixel; storeSums<M>(to, a2, b2, second); if (offsetof<M>() == 2) storeSums<M>(to + second, c2, d2, 8); }
        if (offsetof<P>() > 3) { to += yPixel; storeSums<M>(to, a3, b3, second); if (offsetof<M>() == 2) storeSums<M>(to + second, c3, d3, 8); }
        if (offsetof<P>() > 4) { to += yPixel; storeSums<M>(to, a4, b4, second); if (offsetof<M>() == 2) storeSums<M>(to + second, c4, d4, 8); }
        if (offsetof<P>() > 5) { to += yPixel; storeSums<M>(to, a5, b5, second); if (offsetof<M>() == 2) storeSums<M>(to + second, c5, d5, 8); }
        if (offsetof<M>() == 3) {
          to += yPixel; storeSums<M>(to, c0, d0, 8);
          if (offsetof<P>() > 1) { to += yPixel; storeSums<M>(to, c1, d1, 8); }
          if (offsetof<P>() > 2) { to += yPixel; storeSums<M>(to, c2, d2, 8); }
          if (offsetof<P>() > 3) { to += yPixel; storeSums<M>(to, c3, d3, 8); }
          if (offsetof<P>() > 4) { to += yPixel; storeSums<M>(to, c4, d4, 8); }
          if (offsetof<P>() > 5) { to += yPixel; storeSums<M>(to, c5, d5, 8); }
        }
      }
      to += yPixel;
    }
  }
}

/** The higher half first, for V8 to pack them. */
function storeSums<M>(
  to: usize,
  low: v128,
  high: v128,
  lanes: usize,
): void {
  if (offsetof<M>() == 4) {
    storeLanes(to, low, high, <i32> lanes);
  } else {
    v128.store(to, high, 16);
    v128.store(to, low);
  }
}
