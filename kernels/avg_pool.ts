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
 * y = the mean of what is inside of the image of each window, summed row by
 * row; NaN where nothing is, as in TF.js's cpu backend.
 */
export function avgPoolForwardF32(
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
    for (let row = firstRow; row < lastRow; row++) avgPoolRow(p, image, row);
  }
}

function avgPoolRow(p: PoolingParams, image: i32, outRow: i32): void {
  const stride = rowBytes(p), pixel = pixelBytes(p);
  const rows = max(windowRows(p, outRow), 0);
  const x = p.x +
    <usize> (image * p.inHeight + windowTop(p, outRow)) * stride;
  let y = p.y + outRowOffset(p, image, outRow);
  for (let column = 0; column < p.outWidth; column++, y += pixel) {
    const columns = max(windowColumns(p, column), 0);
    const corner = x + <usize> windowLeft(p, column) * pixel;
    meanOfWindow(corner, y, stride, rows, columns, pixel);
  }
}

function meanOfWindow(
  x: usize,
  y: usize,
  stride: usize,
  rows: i32,
  columns: i32,
  pixel: usize,
): void {
  const count = <f32> (rows * columns);
  const vectorEnd = pixel & ~15;
  let i: usize = 0;
  for (; i < vectorEnd; i += 16) {
    let sum = f32x4.splat(0), start = x + i;
    for (let row = 0; row < rows; row++, start += stride) {
      let at = start;
      for (let column = 0; column < columns; column++, at += pixel) {
        sum = f32x4.add(sum, v128.load(at));
      }
    }
    v128.store(y + i, f32x4.div(sum, f32x4.splat(count)));
  }
  for (; i < pixel; i += F32) {
    let sum: f32 = 0, start = x + i;
    for (let row = 0; row < rows; row++, start += stride) {
      let at = start;
      for (let column = 0; column < columns; column++, at += pixel) {
        sum += load<f32>(at);
      }
    }
    store<f32>(y + i, sum / count);
  }
}
