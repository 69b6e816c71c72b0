import { activate, LINEAR, storeLanes } from "./epilogue";
import { madd } from "./simd";
import { Five, Four, One, Six, Three, Two } from "./static_number";

/**
 * `pixels` neighbouring pixels of one row times 8 output channels, in tiles of
 * nearly equal width, at most 6: 12 accumulators, 2 weights and 1 input are
 * the 15 vector registers that V8 has to give on x86-64.
 *
 * @param xPixel bytes from a pixel's first input to the next pixel's
 * @param xRow bytes from a filter row's inputs to the next one's
 * @param filter f32 [filterRows, rowLength, 8]
 * @param rowLength filter columns times input channels
 * @param channels how many of the 8 are stored
 */
export function convolveRow(
  pixels: i32,
  x: usize,
  xPixel: usize,
  xRow: usize,
  filter: usize,
  filterRows: i32,
  rowLength: i32,
  y: usize,
  yPixel: usize,
  channels: i32,
  bias: usize,
  slope: usize,
  activation: i32,
): void {
  const count = (pixels + 5) / 6;
  let width = pixels / count + 1;
  let wide = pixels % count;
  let narrow = count - wide;
  while (true) {
    // deno-fmt-ignore -- one line per width
    switch (width) {
      case 1: tiles<One>(wide, x, xPixel, xRow, filter, filterRows, rowLength, y, yPixel, channels, bias, slope, activation); break;
      case 2: tiles<Two>(wide, x, xPixel, xRow, filter, filterRows, rowLength, y, yPixel, channels, bias, slope, activation); break;
      case 3: tiles<Three>(wide, x, xPixel, xRow, filter, filterRows, rowLength, y, yPixel, channels, bias, slope, activation); break;
      case 4: tiles<Four>(wide, x, xPixel, xRow, filter, filterRows, rowLength, y, yPixel, channels, bias, slope, activation); break;
      case 5: tiles<Five>(wide, x, xPixel, xRow, filter, filterRows, rowLength, y, yPixel, channels, bias, slope, activation); break;
      case 6: tiles<Six>(wide, x, xPixel, xRow, filter, filterRows, rowLength, y, yPixel, channels, bias, slope, activation); break;
    }
    x += <usize> (width * wide) * xPixel;
    y += <usize> (width * wide) * yPixel;
    if (narrow == 0) return;
    wide = narrow;
    narrow = 0;
    width--;
  }
}

function tiles<P>(
  count: i32,
  x: usize,
  xPixel: usize,
  xRow: usize,
  filter: usize,
  filterRows: i32,
  rowLength: i32,
  y: usize,
  yPixel: usize,
  channels: i32,
  bias: usize,
  slope: usize,
  activation: i32,
): void {
  const wRowBytes = <usize> rowLength * 32;
  for (; count > 0; count--) {
    let a0 = v128.load(bias), b0 = v128.load(bias, 16);
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
    let row = x;
    let wRow = filter;
    for (let fy = 0; fy < filterRows; fy++, row += xRow, wRow += wRowBytes) {
      let w = wRow;
      let x0 = row;
      let x1 = x0 + xPixel;
      let x2 = x1 + xPixel;
      let x3 = x2 + xPixel;
      let x4 = x3 + xPixel;
      let x5 = x4 + xPixel;
      let taps = rowLength;
      let wa: v128, wb: v128, v: v128;
      // Eight taps a turn. The branch after each keeps Binaryen from nesting
      // the sums of several taps, whose operands would not fit the registers.
      // deno-fmt-ignore -- one line per pixel
      while (true) {
        wa = v128.load(w), wb = v128.load(w, 16);
        v = v128.load32_splat(x0), a0 = madd(v, wa, a0), b0 = madd(v, wb, b0);
        if (offsetof<P>() > 1) { v = v128.load32_splat(x1), a1 = madd(v, wa, a1), b1 = madd(v, wb, b1); }
        if (offsetof<P>() > 2) { v = v128.load32_splat(x2), a2 = madd(v, wa, a2), b2 = madd(v, wb, b2); }
        if (offsetof<P>() > 3) { v = v128.load32_splat(x3), a3 = madd(v, wa, a3), b3 = madd(v, wb, b3); }
        if (offsetof<P>() > 4) { v = v128.load32_splat(x4), a4 = madd(v, wa, a4), b4 = madd(v, wb, b4); }
        if (offsetof<P>() > 5) { v = v128.load32_splat(x5), a5 = madd(v, wa, a5), b5 = madd(v, wb, b5); }
        if (taps == 1) break;
        wa = v128.load(w, 32), wb = v128.load(w, 48);
        v = v128.load32_splat(x0, 4), a0 = madd(v, wa, a0), b0 = madd(v, wb, b0);
        if (offsetof<P>() > 1) { v = v128.load32_splat(x1, 4), a1 = madd(v, wa, a1), b1 = madd(v, wb, b1); }
        if (offsetof<P>() > 2) { v = v128.load32_splat(x2, 4), a2 = madd(v, wa, a2), b2 = madd(v, wb, b2); }
        if (offsetof<P>() > 3) { v = v128.load32_splat(x3, 4), a3 = madd(v, wa, a3), b3 = madd(v, wb, b3); }
        if (offsetof<P>() > 4) { v = v128.load32_splat(x4, 4), a4 = madd(v, wa, a4), b4 = madd(v, wb, b4); }
        if (offsetof<P>() > 5) { v = v128.load32_splat(x5, 4), a5 = madd(v, wa, a5), b5 = madd(v, wb, b5); }
        if (taps == 2) break;
        wa = v128.load(w, 64), wb = v128.load(w, 80);
        v = v128.load32_splat(x0, 8), a0 = madd(v, wa, a0), b0 = madd(v, wb, b0);
        if (offsetof<P>() > 1) { v = v128.load32_splat(x1, 8), a1 = madd(v, wa, a1), b1 = madd(v, wb, b1); }
        if (offsetof<P>() > 2) { v = v128.load32_splat(x2, 8), a2 = madd(v, wa, a2), b2 = madd(v, wb, b2); }
        if (offsetof<P>() > 3) { v = v128.load32_splat(x3, 8), a3 = madd(v, wa, a3), b3 = madd(v, wb, b3); }
        if (offsetof<P>() > 4) { v = v128.load32_splat(x4, 8), a4 = madd(v, wa, a4), b4 = madd(v, wb, b4); }
        if (offsetof<P>() > 5) { v = v128.load32_splat(x5, 8), a5 = madd(v, wa, a5), b5 = madd(v, wb, b5); }
        if (taps == 3) break;
        wa = v128.load(w, 96), wb = v128.load(w, 112);
        v = v128.load32_splat(x0, 12), a0 = madd(v, wa, a0), b0 = madd(v, wb, b0);
        if (offsetof<P>() > 1) { v = v128.load32_splat(x1, 12), a1 = madd(v, wa, a1), b1 = madd(v, wb, b1); }
        if (offsetof<P>() > 2) { v = v128.load32_splat(x2, 12), a2 = madd(v, wa, a2), b2 = madd(v, wb, b2); }
        if (offsetof<P>() > 3) { v = v128.load32_splat(x3, 12), a3 = madd(v, wa, a3), b3 = madd(v, wb, b3); }
        if (offsetof<P>() > 4) { v = v128.load32_splat(x4, 12), a4 = madd(v, wa, a4), b4 = madd(v, wb, b4); }
        if (offsetof<P>() > 5) { v = v128.load32_splat(x5, 12), a5 = madd(v, wa, a5), b5 = madd(v, wb, b5); }
        if (taps == 4) break;
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
        taps -= 8;
        w += 256;
        x0 += 32, x1 += 32, x2 += 32, x3 += 32, x4 += 32, x5 += 32;
      }
    }
    // deno-fmt-ignore -- one line per pixel
    if (activation != LINEAR) {
      const sa = v128.load(slope), sb = v128.load(slope, 16);
      a0 = activate(a0, sa, activation), b0 = activate(b0, sb, activation);
      if (offsetof<P>() > 1) { a1 = activate(a1, sa, activation), b1 = activate(b1, sb, activation); }
      if (offsetof<P>() > 2) { a2 = activate(a2, sa, activation), b2 = activate(b2, sb, activation); }
      if (offsetof<P>() > 3) { a3 = activate(a3, sa, activation), b3 = activate(b3, sb, activation); }
      if (offsetof<P>() > 4) { a4 = activate(a4, sa, activation), b4 = activate(b4, sb, activation); }
      if (offsetof<P>() > 5) { a5 = activate(a5, sa, activation), b5 = activate(b5, sb, activation); }
    }
    let to = y;
    storeChannels(to, a0, b0, channels);
    // deno-fmt-ignore -- one line per pixel
    if (offsetof<P>() > 1) { to += yPixel; storeChannels(to, a1, b1, channels); }
    // deno-fmt-ignore -- one line per pixel
    if (offsetof<P>() > 2) { to += yPixel; storeChannels(to, a2, b2, channels); }
    // deno-fmt-ignore -- one line per pixel
    if (offsetof<P>() > 3) { to += yPixel; storeChannels(to, a3, b3, channels); }
    // deno-fmt-ignore -- one line per pixel
    if (offsetof<P>() > 4) { to += yPixel; storeChannels(to, a4, b4, channels); }
    // deno-fmt-ignore -- one line per pixel
    if (offsetof<P>() > 5) { to += yPixel; storeChannels(to, a5, b5, channels); }
    x += <usize> offsetof<P>() * xPixel;
    y += <usize> offsetof<P>() * yPixel;
  }
}

/** Eight in the general case, which the compiler puts in place of the call. */
function storeChannels(to: usize, low: v128, high: v128, channels: i32): void {
  if (channels < 8) {
    storeLanes(to, low, high, channels);
  } else {
    v128.store(to, low);
    v128.store(to, high, 16);
  }
}
