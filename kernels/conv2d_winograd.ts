import { accumulateTaps } from "./conv2d_filter_grad_tiles";
import { convolveRow } from "./conv2d_rows";
import {
  transformFilter,
  transformFilterGradient,
  transformGradients,
  transformInputs,
  transformOutputs,
} from "./conv2d_winograd_transforms";
import { copyWindow, zeroFloats } from "./copy_floats";
import { LINEAR } from "./epilogue";
import { F32 } from "./simd";

/**
 * 3×3 convolutions with stride 1 by Winograd's F(2×2, 3×3), which needs 16
 * multiplications where the sum itself needs 36: forward, input gradient (the
 * convolution of dy with the turned filter) and filter gradient.
 *
 * A unit is a band of `bandRows` rows of 2×2 tiles of one image; a chunk is
 * `chunkUnits` units. The 16 numbers of a transformed tile meet only their
 * like: 16 products of matrices [tiles, inChannels] · [inChannels,
 * outChannels], by the same inner loops as the direct convolution's. Channels
 * are multiples of 8. Not finite x reach all outputs of the tiles that they
 * touch. Nothing may alias the output.
 */
@unmanaged
class WinogradParams {
  x: usize; // f32 [batch, inHeight, inWidth, inChannels]
  filter: usize; // f32 [16, outChannels / 8, inChannels, 8]
  bias: usize; // f32 [outChannels]
  slope: usize; // f32 [outChannels], of SLOPE and PRELU
  zeros: usize; // f32 [outChannels]
  y: usize; // f32 [batch, outHeight, outWidth, outChannels]; dy in the gradient
  out: usize; // the gradient's: f32 [chunks, 3, 3, inChannels, outChannels]
  scratch: usize; // threads × scratchBytes: window, inputs, products, sums
  scratchBytes: i32;
  windowBytes: i32; // 0: the tiles stay inside the image
  inHeight: i32;
  inWidth: i32;
  inChannels: i32;
  outHeight: i32;
  outWidth: i32;
  outChannels: i32;
  top: i32; // x's row that y's row 0 starts at: −padding
  left: i32;
  bandRows: i32;
  bands: i32; // an image
  units: i32;
  chunkUnits: i32;
  activation: i32;
}

/** y of one chunk. */
export function conv2dWinogradF32(
  params: usize,
  chunk: i32,
  thread: i32,
): void {
  const p = changetype<WinogradParams>(params);
  const first = chunk * p.chunkUnits;
  const last = min(first + p.chunkUnits, p.units);
  const inputs = threadScratch(p, thread) + <usize> p.windowBytes;
  const tiles = p.bandRows * tileColumns(p);
  const inPixel = <usize> p.inChannels * F32;
  const outPixel = <usize> p.outChannels * F32;
  const inPlane = planeBytes(tiles, inPixel);
  const outPlane = planeBytes(tiles, outPixel);
  const products = inputs + 16 * inPlane;
  const planeFilter = inPixel * <usize> p.outChannels;
  for (let unit = first; unit < last; unit++) {
    const count = transformBand(p, unit, threadScratch(p, thread), inputs);
    let filter = p.filter;
    for (let e = 0; e < 16; e++) {
      convolveRow(
        count,
        inputs + <usize> e * inPlane,
        inPixel,
        0,
        filter,
        1,
        p.inChannels,
        products + <usize> e * outPlane,
        outPixel,
        p.outChannels,
        p.zeros,
        p.zeros,
        LINEAR,
      );
      filter += planeFilter;
    }
    const y = bandOutputs(p, unit);
    const yRow = <usize> p.outWidth * outPixel;
    const rows = bandOutputRows(p, unit);
    for (let row = 0; row < rows; row += 2) {
      transformOutputs(
        products + <usize> (row / 2 * tileColumns(p)) * outPixel,
        outPlane,
        p.outChannels,
        p.outWidth,
        rows - row,
        y + <usize> row * yRow,
        yRow,
        p.bias,
        p.slope,
        p.activation,
      );
    }
  }
}

/** One chunk's part of the filter gradient. */
export function conv2dWinogradFilterGradF32(
  params: usize,
  chunk: i32,
  thread: i32,
): void {
  const p = changetype<WinogradParams>(params);
  const first = chunk * p.chunkUnits;
  const last = min(first + p.chunkUnits, p.units);
  const inputs = threadScratch(p, thread) + <usize> p.windowBytes;
  const tiles = p.bandRows * tileColumns(p);
  const inPixel = <usize> p.inChannels * F32;
  const outPixel = <usize> p.outChannels * F32;
  const inPlane = planeBytes(tiles, inPixel);
  const outPlane = planeBytes(tiles, outPixel);
  const sumsPlane = planeBytes(p.inChannels, outPixel);
  const gradients = inputs + 16 * inPlane;
  const sums = gradients + 16 * outPlane;
  zeroFloats(sums, <i32> (4 * sumsPlane));
  for (let unit = first; unit < last; unit++) {
    const count = transformBand(p, unit, threadScratch(p, thread), inputs);
    const dy = bandOutputs(p, unit);
    const dyRow = <usize> p.outWidth * outPixel;
    const rows = bandOutputRows(p, unit);
    for (let row = 0; row < rows; row += 2) {
      transformGradients(
        dy + <usize> row * dyRow,
        dyRow,
        p.outChannels,
        p.outWidth,
        rows - row,
        gradients + <usize> (row / 2 * tileColumns(p)) * outPixel,
        outPlane,
      );
    }
    for (let e = 0; e < 16; e++) {
      accumulateTaps(
        p.inChannels,
        inputs + <usize> e * inPlane,
        inPixel,
        0,
        gradients + <usize> e * outPlane,
        outPixel,
        0,
        1,
        count,
        p.outChannels,
        sums + <usize> e * sumsPlane,
        outPixel,
        8 * F32,
      );
    }
  }
  const tap = <usize> p.inChannels * outPixel;
  const out = p.out + <usize> chunk * 9 * tap;
  for (let at: usize = 0; at < tap; at += 16) {
    transformFilterGradient(sums + at, sumsPlane, out + at, tap);
  }
}

/** Transforms a band's inputs and returns how many tiles it has. */
function transformBand(
  p: WinogradParams,
  unit: i32,
  buffer: usize,
  to: usize,
): i32 {
  const columns = tileColumns(p);
  const rows = (bandOutputRows(p, unit) + 1) / 2;
  const top = unit % p.bands * p.bandRows * 2 + p.top;
  const pixel = <usize> p.inChannels * F32;
  const imageSize = <usize> (p.inHeight * p.inWidth) * pixel;
  const image = p.x + <usize> (unit / p.bands) * imageSize;
  let x = image + <usize> (top * p.inWidth + p.left) * pixel;
  let width = p.inWidth;
  if (p.windowBytes) {
    width = columns * 2 + 2;
    x = buffer;
    copyWindow(
      buffer,
      image,
      p.inHeight,
      p.inWidth,
      p.inChannels,
      top,
      rows * 2 + 2,
      p.left,
      width,
    );
  }
  const xRow = <usize> width * pixel;
  const plane = planeBytes(p.bandRows * columns, pixel);
  for (let row = 0; row < rows; row++) {
    transformInputs(x, xRow, p.inChannels, columns, to, plane);
    x += 2 * xRow;
    to += <usize> columns * pixel;
  }
  return rows * columns;
}

/**
 * Bytes from one of the 16 planes to the next: a cache line more than it needs,
 * because planes a multiple of 4 KiB apart would share few lines of the L1.
 */
function planeBytes(pixels: i32, pixel: usize): usize {
  return <usize> pixels * pixel + 64;
}

function threadScratch(p: WinogradParams, thread: i32): usize {
  return p.scratch + <usize> thread * <usize> p.scratchBytes;
}

function tileColumns(p: WinogradParams): i32 {
  return (p.outWidth + 1) / 2;
}

/** The first output of a band. */
function bandOutputs(p: WinogradParams, unit: i32): usize {
  const row = unit / p.bands * p.outHeight + unit % p.bands * p.bandRows * 2;
  return p.y + <usize> (row * p.outWidth * p.outChannels) * F32;
}

/** How many rows of outputs a band has. */
function bandOutputRows(p: WinogradParams, unit: i32): i32 {
  const first = unit % p.bands * p.bandRows * 2;
  return min(p.bandRows * 2, p.outHeight - first);
}

/**
 * packed f32 [blocks, 3, 3, inChannels, 8] → out f32
 * [16, blocks, inChannels, 8].
 */
@unmanaged
class WinogradFilterParams {
  packed: usize;
  out: usize;
  zeros: usize; // f32 [blocks * 8], written too
  blocks: i32;
  inChannels: i32;
}

/** One chunk does all. */
export function conv2dWinogradFilterF32(
  params: usize,
  _chunk: i32,
  _thread: i32,
): void {
  const p = changetype<WinogradFilterParams>(params);
  zeroFloats(p.zeros, p.blocks * 8);
  const tap = <usize> (p.inChannels * 8) * F32;
  const plane = <usize> p.blocks * tap;
  for (let block = 0; block < p.blocks; block++) {
    const from = p.packed + <usize> block * 9 * tap;
    const to = p.out + <usize> block * tap;
    for (let at: usize = 0; at < tap; at += 16) {
      transformFilter(from + at, tap, to + at, plane);
    }
  }
}
