import { blockStart } from "./conv2d_rows";
import { accumulateTaps } from "./conv2d_filter_grad_tiles";
import { copyFloats, copyWindow, zeroFloats } from "./copy_floats";
import { F32 } from "./simd";

/**
 * The filter's gradient of a convolution of NHWC images:
 *
 *     dFilter[fy, fx, i, o] = Σ x[iy, ix, i] · dy[oy, ox, o]
 *
 * over all (oy, ox) of all images, with
 * iy = oy · strideHeight + fy · dilationHeight − padTop, and ix by widths.
 *
 * A unit is a band of dy's rows of one image; a chunk adds up `chunkUnits`
 * units into its own row of `out`, which sum_partials adds. The rows of x that
 * a band meets are copied with their zero border to the thread's scratch,
 * unless they can be read in place; so is dy with its channels padded to 8 if
 * it has fewer. If outChannels is no multiple of 8, the last block of 8
 * overlaps the one before, and the chunk adds up [blocks, taps, 8] in the
 * thread's scratch. Nothing may alias out.
 */
@unmanaged
class Conv2dFilterGradParams {
  x: usize; // f32 [batch, inHeight, inWidth, inChannels]
  dy: usize; // f32 [batch, outHeight, outWidth, outChannels]
  out: usize; // f32 [chunks, …], each of dFilter's shape
  scratch: usize; // threads × scratchBytes: window, dy, sums
  scratchBytes: i32;
  windowBytes: i32; // 0: the windows stay inside the image
  dyBytes: i32; // 0: outChannels is at least 8
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
  strideHeight: i32;
  strideWidth: i32;
  dilationHeight: i32;
  dilationWidth: i32;
  bandRows: i32;
  bands: i32; // an image
  units: i32;
  chunkUnits: i32;
}

/** One chunk's sum. */
export function conv2dFilterGradF32(
  params: usize,
  chunk: i32,
  thread: i32,
): void {
  const p = changetype<Conv2dFilterGradParams>(params);
  const first = chunk * p.chunkUnits;
  const last = min(first + p.chunkUnits, p.units);
  const taps = p.filterHeight * p.filterWidth * p.inChannels;
  const size = taps * p.outChannels;
  const out = p.out + <usize> chunk * <usize> size * F32;
  const buffer = p.scratch + <usize> thread * <usize> p.scratchBytes;
  if (p.outChannels % 8 == 0) {
    zeroFloats(out, size);
    const tap = <usize> p.outChannels * F32;
    for (let unit = first; unit < last; unit++) {
      addBand(p, unit, buffer, out, 8 * F32, tap);
    }
    return;
  }
  const sums = buffer + <usize> p.windowBytes + <usize> p.dyBytes;
  const blocks = (p.outChannels + 7) / 8;
  const blockBytes = <usize> (taps * 8) * F32;
  zeroFloats(sums, blocks * taps * 8);
  for (let unit = first; unit < last; unit++) {
    addBand(p, unit, buffer, sums, blockBytes, 8 * F32);
  }
  const lanes = min(p.outChannels, 8);
  for (let block = 0; block < blocks; block++) {
    let from = sums + <usize> block * blockBytes;
    let to = out + <usize> blockStart(block, p.outChannels) * F32;
    for (let tap = 0; tap < taps; tap++, from += 8 * F32) {
      copyFloats(to, from, lanes);
      to += <usize> p.outChannels * F32;
    }
  }
}

/** Adds a band's part to sums, `block` and `tap` bytes from one to the next. */
function addBand(
  p: Conv2dFilterGradParams,
  unit: i32,
  buffer: usize,
  sums: usize,
  block: usize,
  tap: usize,
): void {
  const image = unit / p.bands;
  const firstRow = unit % p.bands * p.bandRows;
  const rows = min(p.bandRows, p.outHeight - firstRow);
  const top = firstRow * p.strideHeight - p.padTop;
  const inSize = <usize> (p.inHeight * p.inWidth * p.inChannels) * F32;
  let x = p.x + <usize> image * inSize;
  let xColumns = p.inWidth;
  if (p.windowBytes) {
    xColumns = (p.outWidth - 1) * p.strideWidth +
      (p.filterWidth - 1) * p.dilationWidth + 1;
    copyWindow(
      buffer,
      x,
      p.inHeight,
      p.inWidth,
      p.inChannels,
      top,
      (rows - 1) * p.strideHeight + (p.filterHeight - 1) * p.dilationHeight + 1,
      -p.padLeft,
      xColumns,
    );
    x = buffer;
  } else {
    x += <usize> ((top * p.inWidth - p.padLeft) * p.inChannels) * F32;
  }
  const firstPixel = (image * p.outHeight + firstRow) * p.outWidth;
  let dy = p.dy + <usize> firstPixel * <usize> p.outChannels * F32;
  const channels = max(p.outChannels, 8);
  if (p.dyBytes) {
    const padded = buffer + <usize> p.windowBytes;
    padChannels(padded, dy, rows * p.outWidth, p.outChannels, channels);
    dy = padded;
  }
  const xPixel = <usize> p.inChannels * F32;
  const xRow = <usize> xColumns * xPixel;
  const dyPixel = <usize> channels * F32;
  // Taps without a hole between them are one run of floats.
  const runs = p.dilationWidth == 1 ? 1 : p.filterWidth;
  const runLength = p.filterWidth * p.inChannels / runs;
  for (let fy = 0; fy < p.filterHeight; fy++) {
    for (let run = 0; run < runs; run++) {
      const from = x + <usize> (fy * p.dilationHeight) * xRow +
        <usize> (run * p.dilationWidth) * xPixel;
      const to = sums + <usize> ((fy * runs + run) * runLength) * tap;
      accumulateTaps(
        runLength,
        from,
        <usize> p.strideWidth * xPixel,
        <usize> p.strideHeight * xRow,
        dy,
        dyPixel,
        <usize> p.outWidth * dyPixel,
        rows,
        p.outWidth,
        p.outChannels,
        to,
        tap,
        block,
      );
    }
  }
}

/** Copies pixels of `channels` floats to pixels of `padded`, with zeros. */
function padChannels(
  to: usize,
  from: usize,
  pixels: i32,
  channels: i32,
  padded: i32,
): void {
  for (; pixels > 0; pixels--) {
    copyFloats(to, from, channels);
    zeroFloats(to + <usize> channels * F32, padded - channels);
    to += <usize> padded * F32;
    from += <usize> channels * F32;
  }
}
