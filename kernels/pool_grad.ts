import { scalarMax, vectorMax } from "./max_pool";
import {
  outRowOffset,
  pixelBytes,
  PoolingParams,
  rowBytes,
  windowColumns,
  windowLeft,
  windowRows,
  windowTop,
} from "./pooling";
import { F32 } from "./simd";

/**
 * dx of max pooling: dy goes to the first element, row by row, that equals the
 * window's maximum, and nowhere if the window has no number above −Infinity.
 * The maximum is found again in x: its window is in the cache, y is not.
 */
export function maxPoolBackwardF32(
  params: usize,
  chunk: i32,
  _thread: i32,
): void {
  poolBackward(changetype<PoolingParams>(params), chunk, true);
}

/**
 * dx of average pooling as TF.js defines it: dy divided by the filter's size to
 * each element in the window. Where the padding cuts the window, that is not
 * the forward pass's derivative, since the mean there is of fewer elements.
 */
export function avgPoolBackwardF32(
  params: usize,
  chunk: i32,
  _thread: i32,
): void {
  poolBackward(changetype<PoolingParams>(params), chunk, false);
}

function poolBackward(p: PoolingParams, chunk: i32, maximum: bool): void {
  const first = chunk * p.chunkUnits;
  const last = min(first + p.chunkUnits, p.units);
  for (let unit = first; unit < last; unit++) {
    const image = unit / p.bands, band = unit % p.bands;
    const firstRow = band * p.bandRows;
    const lastRow = min(firstRow + p.bandRows, p.outHeight);
    zeroRows(p, image, band, firstRow, lastRow);
    for (let row = firstRow; row < lastRow; row++) {
      poolBackwardRow(p, image, row, maximum);
    }
  }
}

/** Clears the unit's rows of dx: from its first window's to the next unit's. */
function zeroRows(
  p: PoolingParams,
  image: i32,
  band: i32,
  firstRow: i32,
  lastRow: i32,
): void {
  const top = band == 0 ? 0 : min(windowTop(p, firstRow), p.inHeight);
  const bottom = band == p.bands - 1
    ? p.inHeight
    : min(windowTop(p, lastRow), p.inHeight);
  const stride = rowBytes(p);
  memory.fill(
    p.dx + <usize> (image * p.inHeight + top) * stride,
    0,
    <usize> (bottom - top) * stride,
  );
}

function poolBackwardRow(
  p: PoolingParams,
  image: i32,
  outRow: i32,
  maximum: bool,
): void {
  const stride = rowBytes(p), pixel = pixelBytes(p);
  const rows = windowRows(p, outRow);
  if (rows <= 0) return;
  const top = <usize> (image * p.inHeight + windowTop(p, outRow)) * stride;
  let dy = p.y + outRowOffset(p, image, outRow);
  const lowest = f32x4.splat(-Infinity);
  const size = <f32> (p.filterHeight * p.filterWidth);
  const apart = p.bandRows == 1 && p.strideWidth >= p.filterWidth;
  for (let column = 0; column < p.outWidth; column++, dy += pixel) {
    const columns = windowColumns(p, column);
    const corner = top + <usize> windowLeft(p, column) * pixel;
    const x = p.x + corner, dx = p.dx + corner;
    if (!maximum) {
      spread(dx, dy, stride, rows, columns, pixel, size);
    } else if (apart && rows == 2 && columns == 2) {
      toFirstOfFour(x, dx, dy, stride, pixel, lowest);
    } else {
      toFirst(x, dx, dy, stride, rows, columns, pixel, lowest);
    }
  }
}

/** A whole 2 × 2 window that shares no element with another one. */
function toFirstOfFour(
  x: usize,
  dx: usize,
  dy: usize,
  stride: usize,
  pixel: usize,
  lowest: v128,
): void {
  const xBelow = x + stride, dxBelow = dx + stride;
  const vectorEnd = pixel & ~15;
  let i: usize = 0;
  for (; i < vectorEnd; i += 16) {
    const d = v128.load(dy + i);
    const a = v128.load(x + i), b = v128.load(x + pixel + i);
    const c = v128.load(xBelow + i), e = v128.load(xBelow + pixel + i);
    let maximum = f32x4.pmax(f32x4.pmax(lowest, a), b);
    maximum = f32x4.pmax(f32x4.pmax(maximum, c), e);
    // Where nothing is above −Infinity, dy has no place to go to.
    let left = v128.and(d, f32x4.gt(maximum, lowest));
    let hit = f32x4.eq(a, maximum);
    v128.store(dx + i, v128.and(left, hit));
    left = v128.andnot(left, hit);
    hit = f32x4.eq(b, maximum);
    v128.store(dx + pixel + i, v128.and(left, hit));
    left = v128.andnot(left, hit);
    hit = f32x4.eq(c, maximum);
    v128.store(dxBelow + i, v128.and(left, hit));
    v128.store(dxBelow + pixel + i, v128.andnot(left, hit));
  }
  for (; i < pixel; i += F32) {
    scalarToFirst(x + i, dx + i, dy + i, stride, 2, 2, pixel);
  }
}

function toFirst(
  x: usize,
  dx: usize,
  dy: usize,
  stride: usize,
  rows: i32,
  columns: i32,
  pixel: usize,
  lowest: v128,
): void {
  const vectorEnd = pixel & ~15;
  let i: usize = 0;
  for (; i < vectorEnd; i += 16) {
    const maximum = vectorMax(x + i, stride, rows, columns, pixel, lowest);
    let left = v128.and(v128.load(dy + i), f32x4.gt(maximum, lowest));
    let offset = i;
    for (let row = 0; row < rows; row++, offset += stride) {
      let at = offset;
      for (let column = 0; column < columns; column++, at += pixel) {
        const hit = f32x4.eq(v128.load(x + at), maximum);
        const share = v128.and(left, hit);
        v128.store(dx + at, f32x4.add(v128.load(dx + at), share));
        left = v128.andnot(left, hit);
      }
    }
  }
  for (; i < pixel; i += F32) {
    scalarToFirst(x + i, dx + i, dy + i, stride, rows, columns, pixel);
  }
}

function scalarToFirst(
  x: usize,
  dx: usize,
  dy: usize,
  stride: usize,
  rows: i32,
  columns: i32,
  pixel: usize,
): void {
  const maximum = scalarMax(x, stride, rows, columns, pixel);
  if (maximum == -Infinity) return;
  let offset: usize = 0;
  for (let row = 0; row < rows; row++, offset += stride) {
    let at = offset;
    for (let column = 0; column < columns; column++, at += pixel) {
      if (load<f32>(x + at) == maximum) {
        store<f32>(dx + at, load<f32>(dx + at) + load<f32>(dy));
        return;
      }
    }
  }
}

function spread(
  dx: usize,
  dy: usize,
  stride: usize,
  rows: i32,
  columns: i32,
  pixel: usize,
  size: f32,
): void {
  const sizes = f32x4.splat(size);
  const vectorEnd = pixel & ~15;
  let i: usize = 0;
  for (; i < vectorEnd; i += 16) {
    const share = f32x4.div(v128.load(dy + i), sizes);
    let offset = dx + i;
    for (let row = 0; row < rows; row++, offset += stride) {
      let at = offset;
      for (let column = 0; column < columns; column++, at += pixel) {
        v128.store(at, f32x4.add(v128.load(at), share));
      }
    }
  }
  for (; i < pixel; i += F32) {
    const share = load<f32>(dy + i) / size;
    let offset = dx + i;
    for (let row = 0; row < rows; row++, offset += stride) {
      let at = offset;
      for (let column = 0; column < columns; column++, at += pixel) {
        store<f32>(at, load<f32>(at) + share);
      }
    }
  }
}
