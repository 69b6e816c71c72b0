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
 * y = the maximum of each window. As in TF.js's cpu backend NaN counts for
 * nothing, and a window without a number gives −Infinity; of −0 and 0 the
 * first one is the maximum.
 */
export function maxPoolForwardF32(
  params: usize,
  chunk: i32,
  _thread: i32,
): void {
  const p = changetype<PoolingParams>(params);
  const first = chunk * p.chunkUnits;
  const last = min(first + p.chunkUnits, p.units);
  for (let unit = first; unit < last; unit++) {
    const image = unit / p.bands;
    const firstRow = unit % p.bands * p.bandRows;
    const lastRow = min(firstRow + p.bandRows, p.outHeight);
    for (let row = firstRow; row < lastRow; row++) maxPoolRow(p, image, row);
  }
}

function maxPoolRow(p: PoolingParams, image: i32, outRow: i32): void {
  const stride = rowBytes(p), pixel = pixelBytes(p);
  const rows = windowRows(p, outRow);
  const x = p.x +
    <usize> (image * p.inHeight + windowTop(p, outRow)) * stride;
  let y = p.y + outRowOffset(p, image, outRow);
  const lowest = f32x4.splat(-Infinity);
  for (let column = 0; column < p.outWidth; column++, y += pixel) {
    const columns = windowColumns(p, column);
    const corner = x + <usize> windowLeft(p, column) * pixel;
    if (rows == 2 && columns == 2) {
      maxOfFour(corner, y, stride, pixel, lowest);
    } else {
      maxOfWindow(corner, y, stride, rows, columns, pixel, lowest);
    }
  }
}

function maxOfFour(
  x: usize,
  y: usize,
  stride: usize,
  pixel: usize,
  lowest: v128,
): void {
  const below = x + stride;
  const vectorEnd = pixel & ~15;
  let i: usize = 0;
  for (; i < vectorEnd; i += 16) {
    // pmax(a, b) is b where a < b and a elsewhere, so a NaN never gets in.
    let maximum = f32x4.pmax(lowest, v128.load(x + i));
    maximum = f32x4.pmax(maximum, v128.load(x + pixel + i));
    maximum = f32x4.pmax(maximum, v128.load(below + i));
    maximum = f32x4.pmax(maximum, v128.load(below + pixel + i));
    v128.store(y + i, maximum);
  }
  for (; i < pixel; i += F32) {
    store<f32>(y + i, scalarMax(x + i, stride, 2, 2, pixel));
  }
}

function maxOfWindow(
  x: usize,
  y: usize,
  stride: usize,
  rows: i32,
  columns: i32,
  pixel: usize,
  lowest: v128,
): void {
  const vectorEnd = pixel & ~15;
  let i: usize = 0;
  for (; i < vectorEnd; i += 16) {
    v128.store(y + i, vectorMax(x + i, stride, rows, columns, pixel, lowest));
  }
  for (; i < pixel; i += F32) {
    store<f32>(y + i, scalarMax(x + i, stride, rows, columns, pixel));
  }
}

/** The maximum of four channels of a window; −Infinity where it has none. */
export function vectorMax(
  x: usize,
  stride: usize,
  rows: i32,
  columns: i32,
  pixel: usize,
  lowest: v128,
): v128 {
  let maximum = lowest;
  for (let row = 0; row < rows; row++, x += stride) {
    let at = x;
    for (let column = 0; column < columns; column++, at += pixel) {
      maximum = f32x4.pmax(maximum, v128.load(at));
    }
  }
  return maximum;
}

/** The maximum of one channel of a window; −Infinity where it has none. */
export function scalarMax(
  x: usize,
  stride: usize,
  rows: i32,
  columns: i32,
  pixel: usize,
): f32 {
  let maximum: f32 = -Infinity;
  for (let row = 0; row < rows; row++, x += stride) {
    let at = x;
    for (let column = 0; column < columns; column++, at += pixel) {
      const value = load<f32>(at);
      if (value > maximum) maximum = value;
    }
  }
  return maximum;
}
