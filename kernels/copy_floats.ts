import { F32 } from "./simd";

/** Copies `count` floats; a call of memory.copy costs more than a short row. */
export function copyFloats(to: usize, from: usize, count: i32): void {
  let n = count;
  for (; n >= 8; n -= 8, to += 32, from += 32) {
    v128.store(to, v128.load(from));
    v128.store(to, v128.load(from, 16), 16);
  }
  for (; n > 0; n--, to += F32, from += F32) store<f32>(to, load<f32>(from));
}

/** Writes `count` zeros. */
export function zeroFloats(to: usize, count: i32): void {
  const zero = f32x4.splat(0);
  for (; count >= 4; count -= 4, to += 16) v128.store(to, zero);
  for (; count > 0; count--, to += F32) store<f32>(to, 0);
}

/**
 * Copies rows `firstRow` … `firstRow + rows − 1` and columns `firstColumn` …
 * `firstColumn + columns − 1` of an image f32 [height, width, channels] to a
 * dense buffer; what lies outside of the image is zero.
 */
export function copyWindow(
  to: usize,
  image: usize,
  height: i32,
  width: i32,
  channels: i32,
  firstRow: i32,
  rows: i32,
  firstColumn: i32,
  columns: i32,
): void {
  const left = min(max(-firstColumn, 0), columns);
  const inside = max(
    min(firstColumn + columns, width) - max(firstColumn, 0),
    0,
  );
  const right = columns - left - inside;
  const from = image + <usize> (max(firstColumn, 0) * channels) * F32;
  const rowBytes = <usize> (width * channels) * F32;
  for (let row = firstRow; row < firstRow + rows; row++) {
    if (row < 0 || row >= height || inside == 0) {
      zeroFloats(to, columns * channels);
      to += <usize> (columns * channels) * F32;
      continue;
    }
    zeroFloats(to, left * channels);
    to += <usize> (left * channels) * F32;
    copyFloats(to, from + <usize> row * rowBytes, inside * channels);
    to += <usize> (inside * channels) * F32;
    zeroFloats(to, right * channels);
    to += <usize> (right * channels) * F32;
  }
}

/**
 * As `copyWindow`, but each row has columns `firstColumn`, `firstColumn +
 * turns`, … first, then `firstColumn + 1`, `firstColumn + 1 + turns`, …, each
 * time `columns` of them.
 */
export function copyTurns(
  to: usize,
  image: usize,
  height: i32,
  width: i32,
  channels: i32,
  firstRow: i32,
  rows: i32,
  firstColumn: i32,
  columns: i32,
  turns: i32,
): void {
  const pixelBytes = <usize> channels * F32;
  for (let row = firstRow; row < firstRow + rows; row++) {
    if (row < 0 || row >= height) {
      zeroFloats(to, turns * columns * channels);
      to += <usize> (turns * columns) * pixelBytes;
      continue;
    }
    const from = image + <usize> (row * width) * pixelBytes;
    for (let turn = 0; turn < turns; turn++) {
      for (let i = 0; i < columns; i++, to += pixelBytes) {
        const column = firstColumn + turn + i * turns;
        if (column < 0 || column >= width) zeroFloats(to, channels);
        else copyFloats(to, from + <usize> column * pixelBytes, channels);
      }
    }
  }
}
