import { F32 } from "./simd";

/**
 * Parameters of all pooling kernels. A window that the padding cuts, or that
 * lies outside of the image, holds only what is inside.
 *
 * A unit is `bandRows` rows of y of one image, and the rows of dx that its
 * windows reach: with windows that overlap in height a unit is an image, so
 * that no two units write the same row. A chunk is `chunkUnits` units, the
 * last one what is left. No alignment is asked for; nothing may overlap.
 */
@unmanaged
export class PoolingParams {
  x: usize; // f32 [batch, inHeight, inWidth, channels]
  y: usize; // f32 [batch, outHeight, outWidth, channels]; backward: dy
  dx: usize; // f32, x's shape; backward only
  inHeight: i32;
  inWidth: i32;
  outHeight: i32;
  outWidth: i32;
  channels: i32;
  filterHeight: i32;
  filterWidth: i32;
  strideHeight: i32;
  strideWidth: i32;
  padTop: i32;
  padLeft: i32;
  bandRows: i32;
  bands: i32; // units an image
  units: i32;
  chunkUnits: i32;
}

/** Bytes of a row of x. */
export function rowBytes(p: PoolingParams): usize {
  return <usize> (p.inWidth * p.channels) * F32;
}

/** Bytes of an element of all channels. */
export function pixelBytes(p: PoolingParams): usize {
  return <usize> p.channels * F32;
}

/** Byte offset of a row of y in y. */
export function outRowOffset(p: PoolingParams, image: i32, row: i32): usize {
  return <usize> (image * p.outHeight + row) * <usize> p.outWidth *
    pixelBytes(p);
}

/** The window's first row inside of the image; it may be past its last one. */
export function windowTop(p: PoolingParams, outRow: i32): i32 {
  return max(outRow * p.strideHeight - p.padTop, 0);
}

/** How many of the window's rows are inside: none if not above 0. */
export function windowRows(p: PoolingParams, outRow: i32): i32 {
  const end = outRow * p.strideHeight - p.padTop + p.filterHeight;
  return min(end, p.inHeight) - windowTop(p, outRow);
}

/** As `windowTop`, of columns. */
export function windowLeft(p: PoolingParams, outColumn: i32): i32 {
  return max(outColumn * p.strideWidth - p.padLeft, 0);
}

/** As `windowRows`, of columns. */
export function windowColumns(p: PoolingParams, outColumn: i32): i32 {
  const end = outColumn * p.strideWidth - p.padLeft + p.filterWidth;
  return min(end, p.inWidth) - windowLeft(p, outColumn);
}
