import { tiles } from "./conv2d_tiles";
import { activateLanes, activatePixels, LINEAR } from "./epilogue";
import { F32 } from "./simd";
import { Five, Four, One, Six, Three, Two } from "./static_number";

/** Bytes of outputs between one pass over them and the next. */
const NEAR_BYTES = 16384;

/**
 * `pixels` neighbouring pixels of `rows` rows with at least 8 channels, in
 * tiles whose sums stay in registers. Of these V8 has 15 to give on x86-64: for
 * 12 sums, 1 or 2 weights and 1 input. Sums of 4 channels each: 6 pixels × 8
 * channels. Pairs of them: 6 × 16, and 12 × 8 where 8 channels are left.
 *
 * @param xStep bytes from a row's first input to the next row's
 * @param yStep bytes from a row's first output to the next row's
 * @param xPixel bytes from a pixel's first input to the next pixel's
 * @param xRow bytes from a filter row's inputs to the next one's
 * @param filter f32 [channels / 8, filterRows, rowLength, 8]
 * @param rowLength filter columns times input channels
 * @param bias f32 [channels]
 * @param slope f32 [channels], of SLOPE and PRELU
 */
export function convolveRows(
  rows: i32,
  xStep: usize,
  yStep: usize,
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
  const group = max(1, NEAR_BYTES / (pixels * <i32> yPixel));
  for (; rows > 0; rows -= group) {
    // deno-fmt-ignore -- the same arguments
    convolveGroup(min(rows, group), xStep, yStep, pixels, x, xPixel, xRow, filter, filterRows, rowLength, y, yPixel, channels, bias, slope, activation);
    x += <usize> group * xStep;
    y += <usize> group * yStep;
  }
}

/** Rows whose outputs stay in the nearest cache until they are activated. */
function convolveGroup(
  rows: i32,
  xStep: usize,
  yStep: usize,
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
  const blockBytes = <usize> (filterRows * rowLength * 8) * F32;
  for (let block = 0; block * 8 < channels; block++, filter += blockBytes) {
    const offset = <usize> blockStart(block, channels) * F32;
    const b = bias + offset, s = slope + offset;
    let to = y + offset;
    // deno-fmt-ignore -- one line per kind of tile
    if (WIDE && block * 8 + 8 < channels) {
      const next = <usize> blockStart(block + 1, channels) * F32 - offset;
      rowTiles<Two>(rows, xStep, yStep, pixels, x, xPixel, xRow, filter, filterRows, rowLength, to, yPixel, next, b);
      if (activation != LINEAR) {
        for (let row = 0; row < rows; row++, to += yStep) {
          activatePixels<Two>(pixels, to, yPixel, next, s, activation);
        }
      }
      block++, filter += blockBytes;
    } else {
      if (!WIDE) {
        rowTiles<One>(rows, xStep, yStep, pixels, x, xPixel, xRow, filter, filterRows, rowLength, to, yPixel, 0, b);
      } else if (pixels > 1) {
        rowTiles<Three>(rows, xStep, yStep, pixels, x, xPixel, xRow, filter, filterRows, rowLength, to, yPixel, 0, b);
      } else {
        tiles<One, One>(rows, xStep, yStep, pixels, x, xPixel, xRow, filter, filterRows, rowLength, to, yPixel, 0, b);
      }
      if (activation != LINEAR) {
        for (let row = 0; row < rows; row++, to += yStep) {
          activatePixels<One>(pixels, to, yPixel, 0, s, activation);
        }
      }
    }
  }
}

/** As `convolveRows`, of 1 to 7 channels, to which the filter adds zeros. */
export function convolveFewChannels(
  rows: i32,
  xStep: usize,
  yStep: usize,
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
  // deno-fmt-ignore -- as above
  rowTiles<Four>(rows, xStep, yStep, pixels, x, xPixel, xRow, filter, filterRows, rowLength, y, yPixel, channels, bias);
  for (let row = 0; row < rows; row++, y += yStep) {
    activateLanes(pixels, y, yPixel, channels, slope, activation);
  }
}

/**
 * The first channel of a block of 8. The last block ends at the last channel
 * and so repeats some of the one before, which costs less than a partial
 * store; below 8 channels there is one block, with zeros in the packed filter.
 */
export function blockStart(block: i32, channels: i32): i32 {
  return min(block * 8, max(channels - 8, 0));
}

/**
 * Rows in tiles of nearly equal width.
 *
 * @typeParam M what a tile of width P is: One for P pixels of one block of 8
 *   channels, Two of two blocks, Three for 2 P pixels of one block (`pixels`
 *   is above 1), Four for P pixels of `second` channels
 * @param second bytes from the first block's outputs to the second block's
 */
function rowTiles<M>(
  rows: i32,
  xStep: usize,
  yStep: usize,
  pixels: i32,
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
  const step = offsetof<M>() == 3 ? 2 : 1;
  const odd = offsetof<M>() == 3 ? pixels & 1 : 0;
  const widths = (pixels + odd) / step;
  const tileCount = max((widths + 5) / 6, 1 + odd);
  const least = widths / tileCount;
  let width = least;
  let count = widths % tileCount;
  if (count) width++;
  else count = odd ? 1 : tileCount;
  let rest = tileCount - count;
  while (true) {
    // deno-fmt-ignore -- one line per width
    switch (width) {
      case 1: tiles<One, M>(rows, xStep, yStep, count, x, xPixel, xRow, filter, filterRows, rowLength, y, yPixel, second, bias); break;
      case 2: tiles<Two, M>(rows, xStep, yStep, count, x, xPixel, xRow, filter, filterRows, rowLength, y, yPixel, second, bias); break;
      case 3: tiles<Three, M>(rows, xStep, yStep, count, x, xPixel, xRow, filter, filterRows, rowLength, y, yPixel, second, bias); break;
      case 4: tiles<Four, M>(rows, xStep, yStep, count, x, xPixel, xRow, filter, filterRows, rowLength, y, yPixel, second, bias); break;
      case 5: tiles<Five, M>(rows, xStep, yStep, count, x, xPixel, xRow, filter, filterRows, rowLength, y, yPixel, second, bias); break;
      case 6: tiles<Six, M>(rows, xStep, yStep, count, x, xPixel, xRow, filter, filterRows, rowLength, y, yPixel, second, bias); break;
    }
    if (rest == 0) return;
    // An odd pixel is computed twice: by the last of these and by the next.
    const done = <usize> (width * count * step - odd);
    x += done * xPixel;
    y += done * yPixel;
    count = rest;
    rest = 0;
    width = least;
  }
}
