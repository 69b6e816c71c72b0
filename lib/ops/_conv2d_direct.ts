import * as tf from "@tensorflow/tfjs";
import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { KernelContext } from "../wasm/kernel_context.ts";
import { LINEAR, PRELU, RELU, RELU6, SLOPE } from "../wasm/kernel_params.ts";
import { sizes, staysInside, type Window } from "./_conv2d_info.ts";

/** Multiplications with addition that a chunk is worth: some 20 µs. */
const CHUNK_WORK = 500_000;

/** The same of a band of rows, into which a large image is cut. */
const BAND_WORK = 4_000_000;

/** What storing a pixel costs, in taps. */
const PIXEL_TAPS = 8;

/** Enough for 8 threads to share evenly. */
const MAX_CHUNKS = 128;

/** Any convolution, tap by tap; y is a new tensor of `outShape`. */
export function convolveDirect(
  context: KernelContext,
  c: Convolution,
): TensorInfo {
  const y = context.output(c.outShape);
  const [batch, outHeight, outWidth, outChannels] = sizes(c.outShape);
  if (tf.util.sizeFromShape([...c.outShape]) === 0) return y;
  const [, inHeight, inWidth, inChannels] = sizes(c.x.shape);
  const [filterHeight, filterWidth] = sizes(c.filter.shape);
  const rows = Math.ceil(outHeight / c.phases[0]);
  const columns = Math.ceil(outWidth / c.phases[1]);
  const padded = (outChannels + 7) & ~7;
  // A row of all phases together, each tap of which meets one of them; a pixel
  // costs as much as some taps.
  const rowWork = columns * padded *
    (inChannels * filterHeight * filterWidth + PIXEL_TAPS);
  const bandRows = Math.min(
    rows,
    Math.max(1, Math.round(BAND_WORK / rowWork)),
  );
  const bands = Math.ceil(rows / bandRows);
  const units = batch * bands;
  const chunkUnits = Math.ceil(
    Math.max(units / MAX_CHUNKS, CHUNK_WORK / (rowWork * bandRows)),
  );
  // Columns that a dilated filter meets are copied side by side.
  const inPlace = c.dilation[1] === 1 &&
    staysInside(c.window[0], rows, c.stride[0], inHeight) &&
    staysInside(c.window[1], columns, c.stride[1], inWidth);
  const windowColumns = (columns - 1) * c.stride[1] + c.window[1].size;
  const windowFloats = inPlace
    ? 0
    : ((bandRows - 1) * c.stride[0] + c.window[0].size) *
      Math.ceil(windowColumns / c.dilation[1]) * c.dilation[1] * inChannels;
  // A cache line and more between the threads' parts.
  const scratchFloats = (windowFloats + 63) & ~31;
  const packedFloats = filterHeight * filterWidth * inChannels * padded;
  const packed = context.scratch(
    4 * (packedFloats + 2 * padded + context.pool.threads * scratchFloats),
  );
  const bias = packed + 4 * packedFloats;
  const slope = bias + 4 * padded;
  const scratch = slope + 4 * padded;
  packFilter(context, c, packed, bias, slope);
  context.pool.run("conv2dF32", Math.ceil(units / chunkUnits), {
    x: context.pointer(c.x),
    filter: packed,
    bias,
    slope,
    y: context.pointer(y),
    scratch: inPlace ? 0 : scratch,
    scratchBytes: 4 * scratchFloats,
    inHeight,
    inWidth,
    inChannels,
    outHeight,
    outWidth,
    outChannels,
    filterHeight,
    filterWidth,
    padTop: c.pad[0],
    padLeft: c.pad[1],
    strideHeight: c.stride[0],
    strideWidth: c.stride[1],
    dilationHeight: c.dilation[0],
    dilationWidth: c.dilation[1],
    phasesHeight: c.phases[0],
    phasesWidth: c.phases[1],
    windowTop: c.window[0].start,
    windowHeight: c.window[0].size,
    windowLeft: c.window[1].start,
    windowWidth: c.window[1].size,
    bandRows,
    bands,
    units,
    chunkUnits,
    activation: ACTIVATIONS[c.epilogue.activation],
  });
  return y;
}

/** The codes of kernels/epilogue.ts. */
export const ACTIVATIONS = {
  linear: LINEAR,
  relu: RELU,
  relu6: RELU6,
  slope: SLOPE,
  prelu: PRELU,
} as const;

/** What happens to a sum before it is stored. */
export interface Epilogue {
  activation: keyof typeof ACTIVATIONS;
  /** float32 `[outChannels]`. */
  bias?: TensorInfo;
  /** float32, 1 or outChannels elements, of activations "slope" and "prelu". */
  slope?: TensorInfo;
  /** Values below 0 are multiplied by slopeConstant + slopeFactor · slope. */
  slopeConstant?: number;
  slopeFactor?: number;
}

/** A convolution: the forward pass, or its input gradient over dy. */
export interface Convolution {
  x: TensorInfo;
  filter: TensorInfo;
  outShape: readonly number[];
  pad: [number, number];
  /** How far the windows of neighbouring outputs are apart. */
  stride: [number, number];
  /** How far the taps of a window are apart; 1 where phases are above 1. */
  dilation: [number, number];
  /** Into how many interleaved images the output is cut, each way. */
  phases: [number, number];
  window: [Window, Window];
  epilogue: Epilogue;
  pack: "conv2dPackForwardF32" | "conv2dPackBackwardF32";
}

/**
 * Brings the filter into the order of kernels/conv2d_pack.ts at `packed`, and
 * bias and slope to `bias` and `slope`, each a pointer.
 */
export function packFilter(
  context: KernelContext,
  c: Convolution,
  packed: number,
  bias: number,
  slope: number,
) {
  const pointer = (tensor?: TensorInfo) => tensor ? context.pointer(tensor) : 0;
  const [filterHeight, filterWidth, filterIn, filterOut] = sizes(
    c.filter.shape,
  );
  context.pool.run(c.pack, 1, {
    filter: context.pointer(c.filter),
    packed,
    bias: pointer(c.epilogue.bias),
    packedBias: bias,
    slope: pointer(c.epilogue.slope),
    packedSlope: slope,
    slopeSize: tf.util.sizeFromShape(c.epilogue.slope?.shape ?? [1]),
    filterHeight,
    filterWidth,
    filterIn,
    filterOut,
    padTop: c.pad[0],
    padLeft: c.pad[1],
    phasesHeight: c.phases[0],
    phasesWidth: c.phases[1],
    // −0 is what changes no slope, −0 among them.
    slopeConstant: c.epilogue.slopeConstant ?? -0,
    slopeFactor: c.epilogue.slopeFactor ?? 1,
  });
}
