import { zeroFloats } from "./copy_floats";
import { F32, madd } from "./simd";

/**
 * Gradients of y[n, oy, ox, c · m + j] = Σ x[n, oy · s + fy · d − pad, …, c] ·
 * filter[fy, fx, c, j], with m = `multiplier`. Four channels at a time where
 * m is 1, one by one elsewhere. A chunk is `chunkRows` rows, the last one what
 * is left. No alignment is asked for; nothing may overlap.
 */
@unmanaged
class DepthwiseConv2dGradParams {
  dy: usize; // f32 [batch, outHeight, outWidth, channels · multiplier]
  other: usize; // f32, filter or x
  out: usize; // f32, dx, or dFilter's partials [chunks, …filter's shape]
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
  rows: i32; // batch · inHeight for dx, batch · outHeight for dFilter
  chunkRows: i32;
}

/**
 * dx. A chunk's rows are x's: each gathers what it needs, and no other chunk
 * writes it.
 */
export function depthwiseConv2dInputGradF32(
  params: usize,
  chunk: i32,
  _thread: i32,
): void {
  const p = changetype<DepthwiseConv2dGradParams>(params);
  const first = chunk * p.chunkRows;
  const last = min(first + p.chunkRows, p.rows);
  const inPixel = <usize> p.channels * F32;
  const outPixel = inPixel * <usize> p.multiplier;
  for (let row = first; row < last; row++) {
    const image = row / p.inHeight, inRow = row % p.inHeight;
    const dx = p.out + <usize> row * <usize> p.inWidth * inPixel;
    zeroFloats(dx, p.inWidth * p.channels);
    for (let fy = 0; fy < p.filterHeight; fy++) {
      const steps = inRow + p.padTop - fy * p.dilationHeight;
      const outRow = steps / p.strideHeight;
      if (steps < 0 || steps % p.strideHeight || outRow >= p.outHeight) {
        continue;
      }
      const dy = p.dy +
        <usize> (image * p.outHeight + outRow) * <usize> p.outWidth * outPixel;
      for (let fx = 0; fx < p.filterWidth; fx++) {
        const filter = p.other +
          <usize> (fy * p.filterWidth + fx) * outPixel;
        const shift = fx * p.dilationWidth - p.padLeft;
        const end = lastColumn(p, shift);
        for (let column = firstColumn(p, shift); column < end; column++) {
          addInputGrad(
            dx + <usize> (column * p.strideWidth + shift) * inPixel,
            dy + <usize> column * outPixel,
            filter,
            p.channels,
            p.multiplier,
          );
        }
      }
    }
  }
}

/** The chunk's part of dFilter. Its rows are dy's. */
export function depthwiseConv2dFilterGradF32(
  params: usize,
  chunk: i32,
  _thread: i32,
): void {
  const p = changetype<DepthwiseConv2dGradParams>(params);
  const first = chunk * p.chunkRows;
  const last = min(first + p.chunkRows, p.rows);
  const inPixel = <usize> p.channels * F32;
  const outPixel = inPixel * <usize> p.multiplier;
  const size = p.filterHeight * p.filterWidth * p.channels * p.multiplier;
  const partial = p.out + <usize> chunk * <usize> size * F32;
  zeroFloats(partial, size);
  for (let row = first; row < last; row++) {
    const image = row / p.outHeight, outRow = row % p.outHeight;
    const dy = p.dy + <usize> row * <usize> p.outWidth * outPixel;
    for (let fy = 0; fy < p.filterHeight; fy++) {
      const inRow = outRow * p.strideHeight + fy * p.dilationHeight - p.padTop;
      if (inRow < 0 || inRow >= p.inHeight) continue;
      const x = p.other +
        <usize> (image * p.inHeight + inRow) * <usize> p.inWidth * inPixel;
      for (let fx = 0; fx < p.filterWidth; fx++) {
        const shift = fx * p.dilationWidth - p.padLeft;
        const column = firstColumn(p, shift);
        const count = lastColumn(p, shift) - column;
        if (count <= 0) continue;
        addFilterGrad(
          partial + <usize> (fy * p.filterWidth + fx) * outPixel,
          x + <usize> (column * p.strideWidth + shift) * inPixel,
          dy + <usize> column * outPixel,
          count,
          inPixel * <usize> p.strideWidth,
          p.channels,
          p.multiplier,
        );
      }
    }
  }
}

/** The first output column whose input column, `shift` on, is not before 0. */
function firstColumn(p: DepthwiseConv2dGradParams, shift: i32): i32 {
  return shift >= 0 ? 0 : (p.strideWidth - 1 - shift) / p.strideWidth;
}

/** The output column past the last whose input column is inside of the row. */
function lastColumn(p: DepthwiseConv2dGradParams, shift: i32): i32 {
  const inside = p.inWidth - shift;
  if (inside <= 0) return 0;
  return min(p.outWidth, (inside + p.strideWidth - 1) / p.strideWidth);
}

/** dx[c] += Σⱼ dy[c, j] · filter[c, j] */
function addInputGrad(
  dx: usize,
  dy: usize,
  filter: usize,
  channels: i32,
  multiplier: i32,
): void {
  let i: usize = 0;
  const end = <usize> channels * F32;
  if (multiplier == 1) {
    const vectorEnd = end & ~15;
    for (; i < vectorEnd; i += 16) {
      v128.store(
        dx + i,
        madd(v128.load(dy + i), v128.load(filter + i), v128.load(dx + i)),
      );
    }
  }
  let at = i * <usize> multiplier;
  for (; i < end; i += F32) {
    let sum = load<f32>(dx + i);
    for (let j = 0; j < multiplier; j++, at += F32) {
      sum += load<f32>(dy + at) * load<f32>(filter + at);
    }
    store<f32>(dx + i, sum);
  }
}

/** dFilter[c, j] += Σ x[column, c] · dy[column, c, j] over `count` columns */
function addFilterGrad(
  dFilter: usize,
  x: usize,
  dy: usize,
  count: i32,
  xStep: usize,
  channels: i32,
  multiplier: i32,
): void {
  const dyStep = <usize> (channels * multiplier) * F32;
  let i: usize = 0;
  const end = <usize> channels * F32;
  if (multiplier == 1) {
    const vectorEnd = end & ~15;
    for (; i < vectorEnd; i += 16) {
      let sum = v128.load(dFilter + i);
      let xAt = x + i, dyAt = dy + i;
      for (let n = count; n > 0; n--, xAt += xStep, dyAt += dyStep) {
        sum = madd(v128.load(xAt), v128.load(dyAt), sum);
      }
      v128.store(dFilter + i, sum);
    }
  }
  let at = i * <usize> multiplier;
  for (; i < end; i += F32) {
    for (let j = 0; j < multiplier; j++, at += F32) {
      let sum = load<f32>(dFilter + at);
      let xAt = x + i, dyAt = dy + at;
      for (let n = count; n > 0; n--, xAt += xStep, dyAt += dyStep) {
        sum += load<f32>(xAt) * load<f32>(dyAt);
      }
      store<f32>(dFilter + at, sum);
    }
  }
}
