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
    return;
  }
  for (let block = 0; block < channels; block += 4) {
    const channel = min(block, channels - 4);
    const at = <usize> channel * F32;
    const bias = p.bias ? v128.load(p.bias + at) : f32x4.splat(0);
    if (p.multiplier == 1) {
      blockPixels<One>(
        p,
        pixels,
        x + at,
        filter + at,
        rows,
        columns,
        y + at,
        bias,
        0,
      );
    } else {
      blockPixels<Two>(
        p,
        pixels,
        x,
        filter + at,
        rows,
        columns,
        y + at,
        bias,
        channel,
      );
    }
  }
}

/** The inputs of four outputs: neighbours where the multiplier is 1. */
function loadInputs<M>(
  x: usize,
  i0: usize,
  i1: usize,
  i2: usize,
  i3: usize,
): v128 {
  if (offsetof<M>() == 1) return v128.load(x);
  let v = v128.load32_zero(x + i0);
  v = v128.load32_lane(x + i1, v, 1);
  v = v128.load32_lane(x + i2, v, 2);
  return v128.load32_lane(x + i3, v, 3);
}

/**
 * Four channels, in tiles of nearly equal width, at most 6.
 *
 * @typeParam M One where the multiplier is 1
 * @param channel the first of the four, for a multiplier above 1
 */
function blockPixels<M>(
  p: DepthwiseConv2dParams,
  pixels: i32,
  x: usize,
  filter: usize,
  rows: i32,
  columns: i32,
  y: usize,
  bias: v128,
  channel: i32,
): void {
  const xPixel = <usize> (p.strideWidth * p.channels) * F32;
  const yPixel = <usize> (p.channels * p.multiplier) * F32;
  const count = (pixels + 5) / 6;
  let width = pixels / count + 1;
  let wide = pixels % count;
  let narrow = count - wide;
  while (true) {
    // deno-fmt-ignore -- one line a width
    switch (width) {
      case 1: tiles<One, M>(p, wide, x, filter, rows, columns, y, bias, channel); break;
      case 2: tiles<Two, M>(p, wide, x, filter, rows, columns, y, bias, channel); break;
      case 3: tiles<Three, M>(p, wide, x, filter, rows, columns, y, bias, channel); break;
      case 4: tiles<Four, M>(p, wide, x, filter, rows, columns, y, bias, channel); break;
      case 5: tiles<Five, M>(p, wide, x, filter, rows, columns, y, bias, channel); break;
      case 6: tiles<Six, M>(p, wide, x, filter, rows, columns, y, bias, channel); break;
    }
    x += <usize> (width * wide) * xPixel;
    y += <usize> (width * wide) * yPixel;
    if (narrow == 0) return;
    wide = narrow;
    narrow = 0;
    width--;
  }
}

/** `count` tiles of P neighbouring outputs times four channels. */
function tiles<P, M>(
  p: DepthwiseConv2dParams,
  count: i32,
  x: usize,
  filter: usize,
  rows: i32,
  columns: i32,
  y: usize,
  bias: v128,
  channel: i32,
): void {
  const inPixel = <usize> p.channels * F32;
  const outPixel = inPixel * <usize> p.multiplier;
  const xPixel = <usize> p.strideWidth * inPixel;
  const xTap = <usize> p.dilationWidth * inPixel;
  const xRow = <usize> (p.dilationHeight * p.inWidth) * inPixel;
  const filterRow = <usize> p.filterWidth * outPixel;
  const activation = p.activation;
  const i0 = <usize> (channel / p.multiplier) * F32;
  const i1 = <usize> ((channel + 1) / p.multiplier) * F32;
  const i2 = <usize> ((channel + 2) / p.multiplier) * F32;
  const i3 = <usize> ((channel + 3) / p.multiplier) * F32;
  for (; count > 0; count--) {
    let a0 = bias, a1 = bias, a2 = bias, a3 = bias, a4 = bias, a5 = bias;
    let row = x, wRow = filter;
    for (let fy = 0; fy < rows; fy++, row += xRow, wRow += filterRow) {
      let at = row, w = wRow;
      // deno-fmt-ignore -- one line a pixel
      for (let fx = 0; fx < columns; fx++, at += xTap, w += outPixel) {
        const weights = v128.load(w);
        let xAt = at;
        a0 = madd(loadInputs<M>(xAt, i0, i1, i2, i3), weights, a0);
        if (offsetof<P>() > 1) { xAt += xPixel; a1 = madd(loadInputs<M>(xAt, i0, i1, i2, i3), weights, a1); }
        if (offsetof<P>() > 2) { xAt += xPixel; a2 = madd(loadInputs<M>(xAt, i0, i1, i2, i3), weights, a2); }
        if (offsetof<P>() > 3) { xAt += xPixel; a3 = madd(loadInputs<M>(xAt, i0, i1, i2, i3), weights, a3); }
        if (offsetof<P>() > 4) { xAt += xPixel; a4 = madd(loadInputs<M>(xAt, i0, i1, i2, i3), weights, a4); }
        if (offsetof<P>() > 5) { xAt += xPixel; a5 = madd(loadInputs<M>(xAt, i0, i1, i2, i3), weights, a5); }
      }
    }
    let to = y;
    // deno-fmt-ignore -- one line a pixel
    {
      v128.store(to, finish(a0, activation));
      if (offsetof<P>() > 1) { to += outPixel; v128.store(to, finish(a1, activation)); }
      if (offsetof<P>() > 2) { to += outPixel; v128.store(to, finish(a2, activation)); }
      if (offsetof<P>() > 3) { to += outPixel; v128.store(to, finish(a3, activation)); }
      if (offsetof<P>() > 4) { to += outPixel; v128.store(to, finish(a4, activation)); }
      if (offsetof<P>() > 5) { to += outPixel; v128.store(to, finish(a5, activation)); }
    }
    x += <usize> offsetof<P>() * xPixel;
    y += <usize> offsetof<P>() * outPixel;
  }
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
