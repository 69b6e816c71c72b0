import { convolveRows } from "./conv2d_rows";
import {
  bandRows,
  clearScratch,
  firstInput,
  firstOutput,
  imageOf,
  TILE,
  tileRows,
  transformGroup,
  WinogradParams,
} from "./conv2d_winograd_bands";
import { divisor, expand, reduce, scale } from "./conv2d_winograd_transforms";
import { copyFloats, copyWindow, zeroFloats } from "./copy_floats";
import { activatePixels, LINEAR } from "./epilogue";
import { F32 } from "./simd";
import { Four, One, Three, Two } from "./static_number";

/** y of one chunk. */
export function conv2dWinogradF32(
  params: usize,
  chunk: i32,
  thread: i32,
): void {
  const p = changetype<WinogradParams>(params);
  const scratch = clearScratch(p, thread);
  const first = chunk * p.chunkUnits;
  const last = min(first + p.chunkUnits, p.units);
  const inPixel = <usize> p.inChannels * F32;
  const outPixel = <usize> p.outChannels * F32;
  for (let unit = first; unit < last; unit += p.group) {
    const units = min(p.group, last - unit);
    const count = transformGroup(p, unit, units, scratch);
    let inputs = scratch + p.inputs;
    let outputs = scratch + p.outputs;
    let filter = p.filter;
    const zeros = scratch + p.zeros;
    for (let e = 0; e < 36; e++) {
      convolveRows(
        1,
        0,
        0,
        count,
        inputs,
        inPixel,
        0,
        filter,
        1,
        p.inChannels,
        outputs,
        outPixel,
        p.outChannels,
        zeros,
        zeros,
        LINEAR,
      );
      inputs += p.inPlane;
      outputs += p.outPlane;
      filter += p.filterPlane;
    }
    const end = unit + units;
    let done = scratch + p.outputs;
    for (let i = unit; i < end; i++) {
      const rows = bandRows(p, i);
      for (let row = 0; row < rows; row++) {
        transformOutputs(p, i, row, done, scratch);
        done += <usize> p.columns * outPixel;
      }
    }
  }
}

/** A row of tiles: from products to outputs. */
function transformOutputs(
  p: WinogradParams,
  unit: i32,
  row: i32,
  products: usize,
  scratch: usize,
): void {
  const pixel = <usize> p.outChannels * F32;
  const rowBytes = <usize> p.columns * pixel;
  const plane = <usize> p.outPlane;
  let from = scratch + p.outRows;
  for (let j: usize = 0; j < 6; j++) {
    reduce<Four, One>(
      products + j * plane,
      6 * plane,
      1,
      rowBytes,
      from + j * rowBytes,
      6 * rowBytes,
      0,
      0,
      0,
    );
  }
  const whole = p.outWidth / TILE;
  const rest = p.outWidth % TILE;
  const edge = scratch + p.edge;
  const done = <usize> whole * pixel;
  const rows = tileRows(p, unit, row);
  let y = firstOutput(p, unit, row);
  // deno-fmt-ignore -- the same arguments
  for (let k = 0; k < rows; k++) {
    reduce<Four, Two>(from, rowBytes, whole, pixel, y, pixel, TILE * pixel, p.bias, scratch);
    y += TILE * done;
    if (rest) {
      reduce<Four, Two>(from + done, rowBytes, 1, pixel, edge, pixel, 0, p.bias, scratch);
      copyFloats(y, edge, rest * p.outChannels);
      y += <usize> rest * pixel;
    }
    from += 6 * rowBytes;
  }
  if (isFinite(scratch)) {
    activateOutputs(p, firstOutput(p, unit, row), rows * p.outWidth);
  } else {
    computeDirectly(p, unit, row, scratch);
  }
}

/** Whether `reduce` has left no NaN in f32 [8], which is then 0 again. */
function isFinite(check: usize): bool {
  let sum: f32 = 0;
  for (let i: usize = 0; i < 32; i += F32) sum += load<f32>(check + i);
  if (sum == 0) return true;
  zeroFloats(check, 8);
  return false;
}

function activateOutputs(p: WinogradParams, y: usize, pixels: i32): void {
  const pixel = <usize> p.outChannels * F32;
  for (let i: usize = 0; i < pixel; i += 32) {
    activatePixels<One>(pixels, y + i, pixel, 0, p.slope + i, p.activation);
  }
}

/** A row of tiles without any transform. */
function computeDirectly(
  p: WinogradParams,
  unit: i32,
  row: i32,
  scratch: usize,
): void {
  const inPixel = <usize> p.inChannels * F32;
  const outPixel = <usize> p.outChannels * F32;
  const width = p.columns * TILE + 2;
  const window = scratch + p.inRows;
  copyWindow(
    window,
    imageOf(p, unit),
    p.inHeight,
    p.inWidth,
    p.inChannels,
    firstInput(p, unit, row),
    6,
    p.left,
    width,
  );
  const windowRow = <usize> width * inPixel;
  convolveRows(
    tileRows(p, unit, row),
    windowRow,
    <usize> p.outWidth * outPixel,
    p.outWidth,
    window,
    inPixel,
    windowRow,
    p.packed,
    3,
    3 * p.inChannels,
    firstOutput(p, unit, row),
    outPixel,
    p.outChannels,
    p.bias,
    p.slope,
    p.activation,
  );
}

/** Makes V g Vᵀ ⊙ D of a packed filter. */
@unmanaged
class WinogradFilterParams {
  packed: usize; // f32 [blocks, 3, 3, inChannels, 8]
  out: usize; // f32 [36, plane / 4], of which [blocks, inChannels, 8] is used
  plane: i32; // bytes
  inChannels: i32;
}

/** A chunk is a block of 8 channels. */
export function conv2dWinogradFilterF32(
  params: usize,
  chunk: i32,
  _thread: i32,
): void {
  const p = changetype<WinogradFilterParams>(params);
  const tap = <usize> (p.inChannels * 8) * F32;
  const from = p.packed + <usize> (chunk * 9) * tap;
  const to = p.out + <usize> chunk * tap;
  expandFilter(from, tap, to, p.plane);
}

function expandFilter(
  from: usize,
  tap: usize,
  to: usize,
  plane: usize,
): void {
  const row = 3 * tap;
  // deno-fmt-ignore -- three neighbours
  for (let x: usize = 0; x < 3; x++, from += tap) {
    expand<Three>(from, from + row, from + 2 * row, 0, 0, 1, tap, to + x * plane, 6 * plane);
  }
  for (let i = 0; i < 6; i++) {
    // deno-fmt-ignore -- three neighbours
    expand<Three>(to, to + plane, to + 2 * plane, 0, 0, 1, tap, to, plane);
    for (let j = 0; j < 6; j++, to += plane) {
      scale(to, tap, divisor(i) * divisor(j));
    }
  }
}
