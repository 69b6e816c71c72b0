import type { backend_util } from "@tensorflow/tfjs";

/** What the attributes of convolutions and pooling have in common. */
export interface WindowAttrs {
  strides: [number, number] | number;
  pad: "valid" | "same" | number | backend_util.ExplicitPadding;
  dimRoundingMode?: "floor" | "round" | "ceil";
  dilations?: [number, number] | number;
}

/** Where the windows of a convolution or of pooling lie, for NHWC. */
export interface Conv2DInfo {
  batchSize: number;
  inHeight: number;
  inWidth: number;
  inChannels: number;
  outHeight: number;
  outWidth: number;
  outChannels: number;
  filterHeight: number;
  filterWidth: number;
  strideHeight: number;
  strideWidth: number;
  dilationHeight: number;
  dilationWidth: number;
  /** Zeros above and left of the image. */
  padInfo: { top: number; left: number };
  inShape: [number, number, number, number];
  outShape: [number, number, number, number];
}

/** How an output size is rounded; TF.js cuts off where no mode is given. */
const ROUNDINGS = {
  floor: Math.floor,
  round: Math.round,
  ceil: Math.ceil,
  none: Math.trunc,
};

/**
 * The geometry of a convolution, with height and width each by its own
 * numbers: TF.js's `computeConv2DInfo` computes the width of the output by the
 * filter's height and the vertical stride where the padding is a number.
 *
 * @param operation for the error
 * @param filterShape `[height, width, inChannels, outChannels]`
 * @param depthwise whether filterShape[3] is a multiplier
 * @throws RangeError if a stride, a dilation or a padding is no such number, or
 *   a size of the output would be negative
 */
export function conv2dInfo(
  operation: string,
  inShape: readonly number[],
  filterShape: readonly number[],
  attrs: WindowAttrs,
  depthwise = false,
): Conv2DInfo {
  const [batchSize, inHeight, inWidth, inChannels] = sizes(inShape);
  const [filterHeight, filterWidth, , filterOut] = sizes(filterShape);
  check(operation, "sizes of the image", inShape, 0);
  check(operation, "sizes of the filter", filterShape, 0);
  const [strideHeight, strideWidth] = pair(attrs.strides);
  check(operation, "strides", [strideHeight, strideWidth], 1);
  const [dilationHeight, dilationWidth] = pair(attrs.dilations ?? 1);
  check(operation, "dilations", [dilationHeight, dilationWidth], 1);
  const mode = attrs.dimRoundingMode ?? "none";
  if (!Object.hasOwn(ROUNDINGS, mode)) {
    throw new RangeError(
      `Cannot compute ${operation}: dimRoundingMode must be floor, round or ceil: got ${mode}`,
    );
  }
  const [vertical, horizontal] = paddings(operation, attrs.pad);
  const round = ROUNDINGS[mode];
  const rows = along(
    inHeight,
    span(filterHeight, dilationHeight),
    strideHeight,
    vertical,
    round,
  );
  const columns = along(
    inWidth,
    span(filterWidth, dilationWidth),
    strideWidth,
    horizontal,
    round,
  );
  if (rows.count < 0 || columns.count < 0) {
    const dilated = dilationHeight > 1 || dilationWidth > 1
      ? ` with dilations ${dilationHeight}×${dilationWidth}`
      : "";
    throw new RangeError(
      `Cannot compute ${operation}: no size of the output may be negative: filter ${filterHeight}×${filterWidth}${dilated} does not fit into ${rows.padded}×${columns.padded}`,
    );
  }
  const outChannels = depthwise ? inChannels * filterOut : filterOut;
  return {
    batchSize,
    inHeight,
    inWidth,
    inChannels,
    outHeight: rows.count,
    outWidth: columns.count,
    outChannels,
    filterHeight,
    filterWidth,
    strideHeight,
    strideWidth,
    dilationHeight,
    dilationWidth,
    padInfo: { top: rows.before, left: columns.before },
    inShape: [batchSize, inHeight, inWidth, inChannels],
    outShape: [batchSize, rows.count, columns.count, outChannels],
  };
}

/** Zeros before and after an axis, or a rule for them. */
type AxisPadding = "valid" | "same" | readonly [number, number];

/** Of height and width. */
function paddings(
  operation: string,
  pad: WindowAttrs["pad"],
): [AxisPadding, AxisPadding] {
  if (pad === "valid" || pad === "same") return [pad, pad];
  const both = typeof pad === "number"
    ? [[pad, pad], [pad, pad]] as const
    : [pad?.[1] ?? [], pad?.[2] ?? []] as const;
  const isPadding = both.every((axis) =>
    axis.length === 2 && axis.every((size) => isInteger(size, 0))
  );
  if (!isPadding) {
    throw new RangeError(
      `Cannot compute ${operation}: pad must be valid, same, an integer from 0, or [[0, 0], [top, bottom], [left, right], [0, 0]] of such: got ${
        JSON.stringify(pad)
      }`,
    );
  }
  return both as [[number, number], [number, number]];
}

/** The windows along one axis. */
function along(
  size: number,
  window: number,
  stride: number,
  pad: AxisPadding,
  round: (value: number) => number,
): { count: number; before: number; padded: number } {
  if (pad === "same") {
    const count = Math.ceil(size / stride);
    const zeros = Math.max(0, (count - 1) * stride + window - size);
    const before = Math.floor(zeros / 2);
    return { count, before, padded: size + zeros };
  }
  const [before, after] = pad === "valid" ? [0, 0] : pad;
  const padded = size + before + after;
  const count = pad === "valid"
    ? Math.ceil((size - window + 1) / stride)
    : round((padded - window) / stride + 1);
  return { count: count + 0, before, padded }; // −0 is 0
}

/** How far a filter with holes reaches. */
export function span(size: number, dilation: number): number {
  return size === 0 ? 0 : (size - 1) * dilation + 1;
}

/** Height's and width's number. */
function pair(value: [number, number] | number): [number, number] {
  return typeof value === "number" ? [value, value] : value;
}

function isInteger(value: unknown, min: number): boolean {
  return Number.isInteger(value) && (value as number) >= min;
}

function check(
  operation: string,
  name: string,
  values: readonly number[],
  min: number,
) {
  if (values.every((value) => isInteger(value, min))) return;
  throw new RangeError(
    `Cannot compute ${operation}: ${name} must be integers from ${min}: got ${values}`,
  );
}

/** Rows (or columns) of the input that output rows 0 of all phases read. */
export interface Window {
  start: number;
  size: number;
}

/** Of a convolution: the filter's rows, from `pad` above the image on. */
export function forwardWindow(pad: number, filterSize: number): Window {
  return { start: -pad, size: filterSize };
}

/**
 * Of an input gradient. dx row `phase + j · stride` reads, of dy, the rows
 * j + q − taps + 1 … j + q, where q = ⌊(phase + pad) / stride⌋ and the taps are
 * the filter's rows r, r + stride, …, r = (phase + pad) mod stride.
 */
export function backwardWindow(
  pad: number,
  filterSize: number,
  stride: number,
): Window {
  let start = Infinity, end = -Infinity;
  for (let phase = 0; phase < stride; phase++) {
    const q = Math.floor((phase + pad) / stride);
    const taps = phaseTaps(phase, pad, filterSize, stride);
    start = Math.min(start, q - taps + 1);
    end = Math.max(end, q);
  }
  return { start, size: end - start + 1 };
}

/** How many of a filter's rows meet a phase of the stride. */
export function phaseTaps(
  phase: number,
  pad: number,
  filterSize: number,
  stride: number,
): number {
  const first = (phase + pad) % stride;
  return Math.max(0, Math.ceil((filterSize - first) / stride));
}

/**
 * Whether `count` windows, `step` apart, all stay inside 0 … size − 1.
 */
export function staysInside(
  window: Window,
  count: number,
  step: number,
  size: number,
): boolean {
  const end = window.start + (count - 1) * step + window.size;
  return window.start >= 0 && end <= size;
}

export type Shape4D = [number, number, number, number];

/** A shape of rank 4, as such. */
export function sizes(shape: readonly number[]) {
  return shape as Shape4D;
}
