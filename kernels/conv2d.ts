import { convolveFewChannels, convolveRows } from "./conv2d_rows";
import { copyTurns, copyWindow } from "./copy_floats";
import { F32 } from "./simd";

/**
 * Convolution of NHWC images, and its input gradient, which is a convolution
 * too: of dy with the turned filter, one for each of the stride's phases.
 *
 * A unit is a band of output rows of one image (of rows of all phases); a
 * chunk is `chunkUnits` units. The rows that a band reads are copied with
 * their zero border to the thread's scratch, so that for one filter row all
 * taps of a pixel are one run of floats; where the windows stay inside the
 * image, they are read in place. A dilated filter meets every d-th column:
 * the copy has columns 0, d, 2d, … first, then 1, d + 1, …, and output columns
 * are computed in turns, those of a turn being d / gcd(d, stride) apart.
 * Nothing may alias y.
 */
@unmanaged
class Conv2dParams {
  x: usize; // f32 [batch, inHeight, inWidth, inChannels]
  filter: usize; // packed: see packFilter
  bias: usize; // f32 [outChannels rounded up to 8]
  slope: usize; // f32 [outChannels rounded up to 8], of SLOPE and PRELU
  y: usize; // f32 [batch, outHeight, outWidth, outChannels]
  scratch: usize; // threads × scratchBytes; 0: windows stay inside the image
  scratchBytes: i32;
  inHeight: i32;
  inWidth: i32;
  inChannels: i32;
  outHeight: i32;
  outWidth: i32;
  outChannels: i32;
  filterHeight: i32;
  filterWidth: i32;
  padTop: i32;
  padLeft: i32;
  strideHeight: i32; // of the reads; 1 in the gradient
  strideWidth: i32;
  dilationHeight: i32; // 1 where there are phases
  dilationWidth: i32; // above 1 only with scratch
  phasesHeight: i32; // the stride in the gradient; 1 forward
  phasesWidth: i32;
  windowTop: i32; // first row that output row 0 of any phase reads
  windowHeight: i32; // rows that the output rows 0 of all phases read
  windowLeft: i32;
  windowWidth: i32;
  bandRows: i32;
  bands: i32; // an image
  units: i32;
  chunkUnits: i32;
  activation: i32;
}

/** Output rows of one chunk. */
export function conv2dF32(params: usize, chunk: i32, thread: i32): void {
  const p = changetype<Conv2dParams>(params);
  const first = chunk * p.chunkUnits;
  const last = min(first + p.chunkUnits, p.units);
  const inSize = <usize> (p.inHeight * p.inWidth * p.inChannels) * F32;
  const outSize = <usize> (p.outHeight * p.outWidth * p.outChannels) * F32;
  const buffer = p.scratch + <usize> thread * <usize> p.scratchBytes;
  const rows = (p.outHeight + p.phasesHeight - 1) / p.phasesHeight;
  const columns = (p.outWidth + p.phasesWidth - 1) / p.phasesWidth;
  const windowColumns = (columns - 1) * p.strideWidth + p.windowWidth;
  for (let unit = first; unit < last; unit++) {
    const x = p.x + <usize> (unit / p.bands) * inSize;
    const y = p.y + <usize> (unit / p.bands) * outSize;
    const firstRow = unit % p.bands * p.bandRows;
    const lastRow = min(firstRow + p.bandRows, rows);
    const top = firstRow * p.strideHeight + p.windowTop;
    if (p.dilationWidth > 1) {
      const turnColumns = (windowColumns + p.dilationWidth - 1) /
        p.dilationWidth;
      copyTurns(
        buffer,
        x,
        p.inHeight,
        p.inWidth,
        p.inChannels,
        top,
        (lastRow - firstRow - 1) * p.strideHeight + p.windowHeight,
        p.windowLeft,
        turnColumns,
        p.dilationWidth,
      );
      convolveBand(
        p,
        buffer,
        turnColumns * p.dilationWidth,
        y,
        firstRow,
        lastRow,
      );
    } else if (p.scratch) {
      copyWindow(
        buffer,
        x,
        p.inHeight,
        p.inWidth,
        p.inChannels,
        top,
        (lastRow - firstRow - 1) * p.strideHeight + p.windowHeight,
        p.windowLeft,
        windowColumns,
      );
      convolveBand(p, buffer, windowColumns, y, firstRow, lastRow);
    } else {
      const offset = (top * p.inWidth + p.windowLeft) * p.inChannels;
      convolveBand(
        p,
        x + <usize> offset * F32,
        p.inWidth,
        y,
        firstRow,
        lastRow,
      );
    }
  }
}

/**
 * Rows firstRow … lastRow − 1 of every phase. Output row `phase + row · phases`
 * adds the filter rows r, r + phases, … with r = (phase + padTop) mod phases;
 * with one phase that is all of them, in their order forward.
 */
function convolveBand(
  p: Conv2dParams,
  window: usize,
  windowColumns: i32,
  y: usize,
  firstRow: i32,
  lastRow: i32,
): void {
  const pixelBytes = <usize> p.inChannels * F32;
  const rowBytes = <usize> windowColumns * pixelBytes;
  const xRow = <usize> p.dilationHeight * rowBytes;
  const turns = p.dilationWidth / gcd(p.dilationWidth, p.strideWidth);
  const turnColumns = windowColumns / p.dilationWidth;
  const xPixel = <usize> (turns * p.strideWidth / p.dilationWidth) * pixelBytes;
  const yPixel = <usize> (p.phasesWidth * p.outChannels) * F32;
  const xStep = <usize> p.strideHeight * rowBytes;
  const yStep = <usize> (p.phasesHeight * p.outWidth * p.outChannels) * F32;
  const blocks = (p.outChannels + 7) / 8;
  let filter = p.filter;
  for (let py = 0; py < p.phasesHeight; py++) {
    const filterRows = phaseTaps(py, p.padTop, p.phasesHeight, p.filterHeight);
    const offsetY = p.phasesHeight == 1
      ? 0
      : phaseStart(py, p.padTop, p.phasesHeight, filterRows) - p.windowTop;
    for (let px = 0; px < p.phasesWidth; px++) {
      const filterColumns = phaseTaps(
        px,
        p.padLeft,
        p.phasesWidth,
        p.filterWidth,
      );
      const offsetX = p.phasesWidth == 1
        ? 0
        : phaseStart(px, p.padLeft, p.phasesWidth, filterColumns) -
          p.windowLeft;
      const rowLength = filterColumns * p.inChannels;
      const blockBytes = <usize> (filterRows * rowLength * 8) * F32;
      const pixels = (p.outWidth - px + p.phasesWidth - 1) / p.phasesWidth;
      const rows = min(
        lastRow,
        (p.outHeight - py + p.phasesHeight - 1) / p.phasesHeight,
      ) - firstRow;
      const x = window + <usize> offsetY * rowBytes +
        <usize> offsetX * pixelBytes;
      const outRow = py + firstRow * p.phasesHeight;
      const to = y +
        <usize> ((outRow * p.outWidth + px) * p.outChannels) * F32;
      const taps = rowLength ? filterRows : 0;
      for (let turn = 0; turn < turns; turn++) {
        const column = turn * p.strideWidth;
        const start = column % p.dilationWidth * turnColumns +
          column / p.dilationWidth;
        const turnPixels = (pixels - turn + turns - 1) / turns;
        if (rows <= 0 || turnPixels <= 0) break;
        const from = x + <usize> start * pixelBytes;
        const out = to + <usize> turn * yPixel;
        // deno-fmt-ignore -- the same arguments
        if (p.outChannels < 8) {
          convolveFewChannels(rows, xStep, yStep, turnPixels, from, xPixel, xRow, filter, taps, rowLength, out, <usize> turns * yPixel, p.outChannels, p.bias, p.slope, p.activation);
        } else {
          convolveRows(rows, xStep, yStep, turnPixels, from, xPixel, xRow, filter, taps, rowLength, out, <usize> turns * yPixel, p.outChannels, p.bias, p.slope, p.activation);
        }
      }
      filter += <usize> blocks * blockBytes;
    }
  }
}

/** The greatest common divisor of a, b ≥ 1. */
function gcd(a: i32, b: i32): i32 {
  while (b) {
    const rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

/** How many taps of a filter axis meet a phase. */
export function phaseTaps(phase: i32, pad: i32, phases: i32, size: i32): i32 {
  const first = phaseFirst(phase, pad, phases);
  return max(size - first + phases - 1, 0) / phases;
}

/** The first of them. */
export function phaseFirst(phase: i32, pad: i32, phases: i32): i32 {
  return (phase + pad) % phases;
}

/** The row (or column) of dy that the last of them meets at output 0. */
function phaseStart(phase: i32, pad: i32, phases: i32, taps: i32): i32 {
  return (phase + pad) / phases - taps + 1;
}
