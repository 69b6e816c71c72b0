import { transformInputs } from "./conv2d_winograd_transforms";
import { zeroFloats } from "./copy_floats";
import { F32 } from "./simd";

/** Outputs of a tile, each way. */
export const TILE = 4;

/**
 * 3×3 convolutions with stride 1 by Winograd's F(4×4, 3×3), which needs 36
 * multiplications where the sum itself needs 144: forward, input gradient (the
 * convolution of dy with the turned filter) and filter gradient.
 *
 * A unit is a band of `bandRows` rows of tiles of one image; a chunk is
 * `chunkUnits` units, of which `group` whole images at a time may be one
 * product. The 36 numbers of a transformed tile meet only their like: 36
 * products of matrices [tiles, inChannels] · [inChannels, outChannels], by the
 * same inner loops as the direct convolution's. Channels are multiples of 8.
 * The first of a thread's scratch is f32 [8] for `reduce`'s check. Nothing may
 * alias the output.
 *
 * A tile mixes all of its 6×6 inputs. Where that makes an output ∞ or NaN, the
 * outputs of its row of tiles are computed directly, and so are ∞ or NaN only
 * if the sums themselves are, but for sums within a few times of the largest
 * float32. A finite value that is huge beside the others takes digits from all
 * outputs of the tiles that it is in. In the filter's gradient, each number of
 * which sees nearly all of x and dy, what is not finite in a channel makes all
 * numbers of this channel NaN.
 */
@unmanaged
export class WinogradParams {
  x: usize; // f32 [batch, inHeight, inWidth, inChannels]
  filter: usize; // f32 [36, filterPlane / 4]
  packed: usize; // f32 [outChannels / 8, 3, 3, inChannels, 8]
  bias: usize; // f32 [outChannels]
  slope: usize; // f32 [outChannels], of SLOPE and PRELU
  y: usize; // f32 [batch, outHeight, outWidth, outChannels]; dy in the gradient
  out: usize; // dFilters: f32 [chunks, 3, 3, inChannels, outChannels]
  scratch: usize; // threads × scratchBytes
  scratchBytes: i32; // of a thread, whose parts follow
  zeros: i32; // as far into it: as long as a row of x, of y, and of outChannels
  edge: i32; // f32 [4, outChannels]
  inRows: i32; // f32 [6, columns · 4 + 2, inChannels]
  outRows: i32; // f32 [4, 6, columns, outChannels]
  inputs: i32; // f32 [36, inPlane / 4]
  outputs: i32; // f32 [36, outPlane / 4]
  sums: i32; // f32 [36, filterPlane / 4], of the gradient
  inPlane: i32; // bytes of f32 [group, bandRows, columns, inChannels] and more
  outPlane: i32; // of f32 [group, bandRows, columns, outChannels]
  filterPlane: i32; // of f32 [outChannels / 8, inChannels, 8]
  inHeight: i32;
  inWidth: i32;
  inChannels: i32;
  outHeight: i32;
  outWidth: i32;
  outChannels: i32;
  top: i32; // x's row that y's row 0 starts at: −padding
  left: i32;
  columns: i32; // tiles of a row
  bandRows: i32;
  bands: i32; // an image
  units: i32;
  group: i32; // 1 where an image has several bands
  chunkUnits: i32;
  activation: i32;
}

/** A thread's scratch, whose zeros and borders are 0 from here on. */
export function clearScratch(p: WinogradParams, thread: i32): usize {
  const scratch = p.scratch + <usize> thread * <usize> p.scratchBytes;
  zeroFloats(scratch, p.inputs / <i32> F32);
  return scratch;
}

/** Transforms the inputs of `units` units and returns how many tiles it has. */
export function transformGroup(
  p: WinogradParams,
  first: i32,
  units: i32,
  scratch: usize,
): i32 {
  let rows = 0;
  for (let unit = first; unit < first + units; unit++) {
    transformBand(p, unit, scratch, rows);
    rows += bandRows(p, unit);
  }
  return rows * p.columns;
}

/** @param done rows of tiles of the units before */
function transformBand(
  p: WinogradParams,
  unit: i32,
  scratch: usize,
  done: i32,
): void {
  const pixel = <usize> p.inChannels * F32;
  const image = imageOf(p, unit);
  const rowBytes = <usize> p.inWidth * pixel;
  const width = p.columns * TILE + 2;
  const midRow = <usize> width * pixel;
  const first = max(p.left, 0);
  const inside = max(min(p.left + width, p.inWidth) - first, 0);
  const offset = <usize> first * pixel;
  const zeros = scratch + p.zeros;
  const mid = scratch + p.inRows;
  const plane = <usize> p.inPlane;
  const rows = bandRows(p, unit);
  for (let row = 0; row < rows; row++) {
    const top = firstInput(p, unit, row);
    // deno-fmt-ignore -- six neighbours
    transformInputs(rowAt(p, image, top, zeros) + offset, rowAt(p, image, top + 1, zeros) + offset, rowAt(p, image, top + 2, zeros) + offset, rowAt(p, image, top + 3, zeros) + offset, rowAt(p, image, top + 4, zeros) + offset, rowAt(p, image, top + 5, zeros) + offset, 0, 1, <usize> inside * pixel, mid + <usize> (first - p.left) * pixel, midRow);
    let from = mid;
    let to = scratch + p.inputs + <usize> ((done + row) * p.columns) * pixel;
    // deno-fmt-ignore -- six neighbours
    for (let i = 0; i < 6; i++, from += midRow, to += 6 * plane) {
      transformInputs(from, from + pixel, from + 2 * pixel, from + 3 * pixel, from + 4 * pixel, from + 5 * pixel, <usize> TILE * pixel, p.columns, pixel, to, plane);
    }
  }
}

/** A row of an image, or zeros above and below it. */
function rowAt(p: WinogradParams, image: usize, row: i32, zeros: usize): usize {
  if (row < 0 || row >= p.inHeight) return zeros;
  return image + <usize> (row * p.inWidth * p.inChannels) * F32;
}

/** The image of a unit. */
export function imageOf(p: WinogradParams, unit: i32): usize {
  const size = p.inHeight * p.inWidth * p.inChannels;
  return p.x + <usize> (unit / p.bands * size) * F32;
}

/** How many rows of tiles a unit has. */
export function bandRows(p: WinogradParams, unit: i32): i32 {
  const rows = (p.outHeight + TILE - 1) / TILE;
  return min(p.bandRows, rows - unit % p.bands * p.bandRows);
}

/** The image's row at which a row of tiles starts. */
export function firstInput(p: WinogradParams, unit: i32, row: i32): i32 {
  return outputRow(p, unit, row) + p.top;
}

/** The first output of a row of tiles. */
export function firstOutput(p: WinogradParams, unit: i32, row: i32): usize {
  const rows = unit / p.bands * p.outHeight + outputRow(p, unit, row);
  return p.y + <usize> (rows * p.outWidth * p.outChannels) * F32;
}

/** How many rows of outputs a row of tiles has. */
export function tileRows(p: WinogradParams, unit: i32, row: i32): i32 {
  return min(TILE, p.outHeight - outputRow(p, unit, row));
}

function outputRow(p: WinogradParams, unit: i32, row: i32): i32 {
  return (unit % p.bands * p.bandRows + row) * TILE;
}
