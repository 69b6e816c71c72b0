import { depthwisePixels } from "./depthwise_conv2d_tiles";
import { F32 } from "./simd";

/**
 * y[n, oy, ox, c · m + j] = activation(Σ x[n, oy · s + fy · d − pad, …, c] ·
 * filter[fy, fx, c, j] + bias[c · m + j]), with m = `multiplier`. A chunk is
 * `chunkRows` rows of y, the last one what is left; no other writes them. What
 * lies outside of the image is not read. No alignment is asked for; nothing
 * may overlap y.
 */
@unmanaged
export class DepthwiseConv2dParams {
  x: usize; // f32 [batch, inHeight, inWidth, channels]
  filter: usize; // f32 [filterHeight, filterWidth, channels · multiplier]
  bias: usize; // f32 [channels · multiplier], or 0: none
  y: usize; // f32 [batch, outHeight, outWidth, channels · multiplier]
  inHeight: i32;
  inWidth: i32;
  channels: i32;
  multiplier: i32;
  outHeight: i32;
  outWidth: i32;
  filterHeight: i32;
  filterWidth: i32;
  strideHeight: i32;
  strideWidth: i32;
  dilationHeight: i32;
  dilationWidth: i32;
  padTop: i32;
  padLeft: i32;
  rows: i32; // batch · outHeight
  chunkRows: i32;
  activation: i32; // of kernels/epilogue.ts, but not SLOPE
}

/** Rows of y of one chunk. */
export function depthwiseConv2dForwardF32(
  params: usize,
  chunk: i32,
  _thread: i32,
): void {
  const p = changetype<DepthwiseConv2dParams>(params);
  const first = chunk * p.chunkRows;
  const last = min(first + p.chunkRows, p.rows);
  const inPixel = <usize> p.channels * F32;
  const outPixel = inPixel * <usize> p.multiplier;
  // Columns whose windows the image holds whole are computed side by side.
  const firstWhole = min(ceilDiv(p.padLeft, p.strideWidth), p.outWidth);
  const reach = p.inWidth - 1 - (p.filterWidth - 1) * p.dilationWidth +
    p.padLeft;
  const endWhole = reach < 0
    ? firstWhole
    : max(firstWhole, min(reach / p.strideWidth + 1, p.outWidth));
  for (let row = first; row < last; row++) {
    const image = row / p.outHeight;
    const top = row % p.outHeight * p.strideHeight - p.padTop;
    const fy = firstTap(top, p.dilationHeight, p.filterHeight);
    const rows = endTap(top, p.dilationHeight, p.filterHeight, p.inHeight) - fy;
    // Row `top + fy · dilation` is inside, if there is any.
    const x = p.x +
      <usize> (image * p.inHeight +
          (rows > 0 ? top + fy * p.dilationHeight : 0)) *
        <usize> p.inWidth * inPixel;
    const filter = p.filter + <usize> (fy * p.filterWidth) * outPixel;
    const y = p.y + <usize> row * <usize> p.outWidth * outPixel;
    for (let column = 0; column < firstWhole; column++) {
      pixel(p, x, filter, rows, y, column);
    }
    if (endWhole > firstWhole) {
      depthwisePixels(
        p,
        endWhole - firstWhole,
        x + <usize> (firstWhole * p.strideWidth - p.padLeft) * inPixel,
        filter,
        rows,
        p.filterWidth,
        y + <usize> firstWhole * outPixel,
      );
    }
    for (let column = endWhole; column < p.outWidth; column++) {
      pixel(p, x, filter, rows, y, column);
    }
  }
}

/** One column, of whose window the image may hold a part or nothing. */
function pixel(
  p: DepthwiseConv2dParams,
  x: usize,
  filter: usize,
  rows: i32,
  y: usize,
  column: i32,
): void {
  const inPixel = <usize> p.channels * F32;
  const outPixel = inPixel * <usize> p.multiplier;
  const left = column * p.strideWidth - p.padLeft;
  const fx = firstTap(left, p.dilationWidth, p.filterWidth);
  const columns = endTap(left, p.dilationWidth, p.filterWidth, p.inWidth) - fx;
  depthwisePixels(
    p,
    1,
    columns > 0 ? x + <usize> (left + fx * p.dilationWidth) * inPixel : x,
    filter + <usize> fx * outPixel,
    columns > 0 ? rows : 0,
    columns,
    y + <usize> column * outPixel,
  );
}

/** The first tap of a window from `start` on that is not before 0. */
function firstTap(start: i32, dilation: i32, taps: i32): i32 {
  return start >= 0 ? 0 : min(ceilDiv(-start, dilation), taps);
}

/** The tap past the last one that is inside of 0 … size − 1. */
function endTap(start: i32, dilation: i32, taps: i32, size: i32): i32 {
  return start >= size ? 0 : min(ceilDiv(size - start, dilation), taps);
}

/** ⌈a / b⌉ of a ≥ 0. */
function ceilDiv(a: i32, b: i32): i32 {
  return (a + b - 1) / b;
}
