import { accumulateTaps } from "./conv2d_filter_grad_tiles";
import {
  bandRows,
  clearScratch,
  firstOutput,
  TILE,
  tileRows,
  transformGroup,
  WinogradParams,
} from "./conv2d_winograd_bands";
import { divisor, expand, reduce, scale } from "./conv2d_winograd_transforms";
import { zeroFloats } from "./copy_floats";
import { F32 } from "./simd";
import { Four, One, Three } from "./static_number";

/** One chunk's part of the filter gradient. */
export function conv2dWinogradFilterGradF32(
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
  const sums = scratch + p.sums;
  const plane = <usize> p.filterPlane;
  zeroFloats(sums, 9 * p.filterPlane);
  for (let unit = first; unit < last; unit += p.group) {
    const units = min(p.group, last - unit);
    const count = transformGroup(p, unit, units, scratch);
    const end = unit + units;
    let done = scratch + p.outputs;
    for (let i = unit; i < end; i++) {
      const rows = bandRows(p, i);
      for (let row = 0; row < rows; row++) {
        transformGradients(p, i, row, done, scratch);
        done += <usize> p.columns * outPixel;
      }
    }
    for (let e: usize = 0; e < 36; e++) {
      accumulateTaps(
        p.inChannels,
        scratch + p.inputs + e * <usize> p.inPlane,
        inPixel,
        0,
        scratch + p.outputs + e * <usize> p.outPlane,
        outPixel,
        0,
        1,
        count,
        p.outChannels,
        sums + e * plane,
        outPixel,
        8 * F32,
      );
    }
  }
  const tap = <usize> p.inChannels * outPixel;
  const out = p.out + <usize> (chunk * 9) * tap;
  reduceFilter(sums, plane, out, tap);
}

/** A row of tiles of dy. */
function transformGradients(
  p: WinogradParams,
  unit: i32,
  row: i32,
  to: usize,
  scratch: usize,
): void {
  const pixel = <usize> p.outChannels * F32;
  const dyRow = <usize> p.outWidth * pixel;
  const midRow = <usize> (p.columns * TILE) * pixel;
  const zeros = scratch + p.zeros;
  const rows = tileRows(p, unit, row);
  const r0 = firstOutput(p, unit, row);
  const r1 = rows > 1 ? r0 + dyRow : zeros;
  const r2 = rows > 2 ? r0 + 2 * dyRow : zeros;
  const r3 = rows > 3 ? r0 + 3 * dyRow : zeros;
  let from = scratch + p.outRows;
  expand<Four>(r0, r1, r2, r3, 0, 1, dyRow, from, midRow);
  const plane = <usize> p.outPlane;
  // deno-fmt-ignore -- four neighbours
  for (let i = 0; i < 6; i++, from += midRow, to += 6 * plane) {
    expand<Four>(from, from + pixel, from + 2 * pixel, from + 3 * pixel, <usize> TILE * pixel, p.columns, pixel, to, plane);
  }
}

/** Vᵀ (s ⊙ D) V of the sums s, which it overwrites. */
function reduceFilter(
  sums: usize,
  plane: usize,
  out: usize,
  tap: usize,
): void {
  let at = sums;
  for (let i = 0; i < 6; i++) {
    for (let j = 0; j < 6; j++, at += plane) {
      scale(at, tap, divisor(i) * divisor(j));
    }
  }
  for (at = sums; at < sums + 6 * plane; at += plane) {
    reduce<Three, One>(at, 6 * plane, 1, tap, at, 6 * plane, 0, 0, 0);
  }
  for (let y: usize = 0; y < 3; y++, sums += 6 * plane) {
    reduce<Three, One>(sums, plane, 1, tap, out, tap, 0, 0, 0);
    out += 3 * tap;
  }
}
