import { DepthwiseConv2dParams } from "./depthwise_conv2d";
import { activate, LINEAR } from "./epilogue";
import { F32, madd } from "./simd";
import { Five, Four, One, Six, Three, Two } from "./static_number";

/**
 * `pixels` neighbouring outputs of one row, all of which have the same taps
 * inside of the image: `rows` × `columns` from `x` and `filter` on. Four
 * channels at a time; the last four end at the last channel and so repeat some
 * of those before. Below four channels they are computed one by one.
 */
export function depthwisePixels(
  p: DepthwiseConv2dParams,
  pixels: i32,
  x: usize,
  filter: usize,
  rows: i32,
  columns: i32,
  y: usize,
): void {
  const channels = p.channels * p.multiplier;
  if (channels < 4) {
    for (let channel = 0; channel < channels; channel++) {
      channelPixels(p, pixels, x, filter, rows, columns, y, channel);
    }
  } else if (p.multiplier == 1) {
    blockPixels<One>(p, pixels, x, filter, rows, columns, y);
  } else if (p.multiplier % 4 == 0) {
    blockPixels<Three>(p, pixels, x, filter, rows, columns, y);
  } else {
    blockPixels<Two>(p, pixels, x, filter, rows, columns, y);
  }
}

/**
 * The inputs of four outputs: neighbours where the multiplier is 1, the same
 * one where it is a multiple of 4.
 */
function loadInputs<M>(x: usize, i1: usize, i2: usize, i3: usize): v128 {
  if (offsetof<M>() == 1) return v128.load(x);
  if (offsetof<M>() == 3) return v128.load32_splat(x);
  let v = v128.load32_zero(x);
  v = v128.load32_lane(x + i1, v, 1);
  v = v128.load32_lane(x + i2, v, 2);
  return v128.load32_lane(x + i3, v, 3);
}

/**
 * From four channels on, in tiles of nearly equal width, at most 6.
 *
 * @typeParam M One where the multiplier is 1, Three where it is a multiple of
 *   4, Two elsewhere
 */
function blockPixels<M>(
  p: DepthwiseConv2dParams,
  pixels: i32,
  x: usize,
  filter: usize,
  rows: i32,
  columns: i32,
  y: usize,
): void {
  const xPixel = <usize> (p.strideWidth * p.channels) * F32;
  const yPixel = <usize> (p.channels * p.multiplier) * F32;
  const count = (pixels + 5) / 6;
  let width = pixels / count + 1;
  let wide = pixels % count;
  let narrow = count - wide;
  while (true) {
    // deno-fmt-ignore -- one line per width
    switch (width) {
      case 1: tiles<One, M>(p, wide, x, filter, rows, columns, y); break;
      case 2: tiles<Two, M>(p, wide, x, filter, rows, columns, y); break;
      case 3: tiles<Three, M>(p, wide, x, filter, rows, columns, y); break;
      case 4: tiles<Four, M>(p, wide, x, filter, rows, columns, y); break;
      case 5: tiles<Five, M>(p, wide, x, filter, rows, columns, y); break;
      case 6: tiles<Six, M>(p, wide, x, filter, rows, columns, y); break;
    }
    x += <usize> (width * wide) * xPixel;
    y += <usize> (width * wide) * yPixel;
    if (narrow == 0) return;
    wide = narrow;
    narrow = 0;
    width--;
  }
}

/**
 * `count` tiles of P neighbouring outputs, four channels after the other: their
 * inputs are neighbours, so that a tile reads whole cache lines.
 */
function tiles<P, M>(
  p: DepthwiseConv2dParams,
  count: i32,
  x: usize,
  filter: usize,
  rows: i32,
  columns: i32,
  y: usize,
): void {
  const inPixel = <usize> p.channels * F32;
  const outPixel = inPixel * <usize> p.multiplier;
  const xPixel = <usize> p.strideWidth * inPixel;
  const xTap = <usize> p.dilationWidth * inPixel;
  const xRow = <usize> (p.dilationHeight * p.inWidth) * inPixel;
  const filterRow = <usize> p.filterWidth * outPixel;
  const multiplier = p.multiplier;
  const channels = p.channels * multiplier;
  const activation = p.activation;
  const biases = p.bias;
  for (; count > 0; count--) {
    for (let block = 0; block < channels; block += 4) {
      const channel = min(block, channels - 4);
      const offset = <usize> channel * F32;
      let row = x, wRow = filter + offset;
      let i1: usize = 0, i2: usize = 0, i3: usize = 0;
      if (offsetof<M>() == 1) {
        row += offset;
      } else {
        const first = channel / multiplier;
        row += <usize> first * F32;
        if (offsetof<M>() == 2) {
          const lane = channel - first * multiplier;
          i1 = inputOffset(lane + 1, multiplier);
          i2 = inputOffset(lane + 2, multiplier);
          i3 = inputOffset(lane + 3, multiplier);
        }
      }
      const bias = biases ? v128.load(biases + offset) : f32x4.splat(0);
      let a0 = bias, a1 = bias, a2 = bias, a3 = bias, a4 = bias, a5 = bias;
      for (let fy = 0; fy < rows; fy++, row += xRow, wRow += filterRow) {
        let at = row, w = wRow;
        // deno-fmt-ignore -- one line per pixel
        for (let fx = 0; fx < columns; fx++, at += xTap, w += outPixel) {
          const weights = v128.load(w);
          let xAt = at;
          a0 = madd(loadInputs<M>(xAt, i1, i2, i3), weights, a0);
          if (offsetof<P>() > 1) { xAt += xPixel; a1 = madd(loadInputs<M>(xAt, i1, i2, i3), weights, a1); }
          if (offsetof<P>() > 2) { xAt += xPixel; a2 = madd(loadInputs<M>(xAt, i1, i2, i3), weights, a2); }
          if (offsetof<P>() > 3) { xAt += xPixel; a3 = madd(loadInputs<M>(xAt, i1, i2, i3), weights, a3); }
          if (offsetof<P>() > 4) { xAt += xPixel; a4 = madd(loadInputs<M>(xAt, i1, i2, i3), weights, a4); }
          if (offsetof<P>() > 5) { xAt += xPixel; a5 = madd(loadInputs<M>(xAt, i1, i2, i3), weights, a5); }
        }
      }
      let to = y + offset;
      // deno-fmt-ignore -- one line per pixel
      {
        v128.store(to, finish(a0, activation));
        if (offsetof<P>() > 1) { to += outPixel; v128.store(to, finish(a1, activation)); }
        if (offsetof<P>() > 2) { to += outPixel; v128.store(to, finish(a2, activation)); }
        if (offsetof<P>() > 3) { to += outPixel; v128.store(to, finish(a3, activation)); }
        if (offsetof<P>() > 4) { to += outPixel; v128.store(to, finish(a4, activation)); }
        if (offsetof<P>() > 5) { to += outPixel; v128.store(to, finish(a5, activation)); }
      }
    }
    x += <usize> offsetof<P>() * xPixel;
    y += <usize> offsetof<P>() * outPixel;
  }
}

/**
 * ⌊lane / multiplier⌋ floats. With a multiplier of 2 a block starts at an even
 * channel, so that lane is below 2 · multiplier with every one.
 */
function inputOffset(lane: i32, multiplier: i32): usize {
  return lane >= multiplier ? F32 : 0;
}

function finish(sum: v128, activation: i32): v128 {
  return activation == LINEAR ? sum : activate(sum, sum, activation);
}

/** One channel alone. */
function channelPixels(
  p: DepthwiseConv2dParams,
  pixels: i32,
  x: usize,
  filter: usize,
  rows: i32,
  columns: i32,
  y: usize,
  channel: i32,
): void {
  const inPixel = <usize> p.channels * F32;
  const outPixel = inPixel * <usize> p.multiplier;
  const at = <usize> channel * F32;
  const bias: f32 = p.bias ? load<f32>(p.bias + at) : 0;
  x += <usize> (channel / p.multiplier) * F32;
  for (; pixels > 0; pixels--) {
    let sum = bias;
    for (let fy = 0; fy < rows; fy++) {
      let from = x + <usize> (fy * p.dilationHeight * p.inWidth) * inPixel;
      let w = filter + <usize> (fy * p.filterWidth) * outPixel + at;
      for (let fx = 0; fx < columns; fx++, w += outPixel) {
        sum += load<f32>(from) * load<f32>(w);
        from += <usize> p.dilationWidth * inPixel;
      }
    }
    const v = finish(f32x4.splat(sum), p.activation);
    store<f32>(y + at, f32x4.extract_lane(v, 0));
    x += <usize> p.strideWidth * inPixel;
    y += outPixel;
  }
}
