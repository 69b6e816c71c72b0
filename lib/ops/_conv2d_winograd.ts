import * as tf from "@tensorflow/tfjs";
import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { KernelContext } from "../wasm/kernel_context.ts";
import { ACTIVATIONS, type Convolution, packFilter } from "./_conv2d_direct.ts";
import { sizes, staysInside } from "./_conv2d_info.ts";
import { sumPartials } from "./_sum_partials.ts";

/** Tiles of a band: their transforms stay in L2. */
const BAND_TILES = 96;

/** Multiplications with addition that a chunk is worth: some 20 µs. */
const CHUNK_WORK = 500_000;

/** Enough for 8 threads to share evenly. */
const MAX_CHUNKS = 128;

/** Each chunk of the filter gradient has a sum of its own, of these bytes. */
const PARTIALS_BYTES = 64 * 2 ** 20;
const MAX_PARTIALS = 32;

/**
 * Whether Winograd's F(2×2, 3×3) takes a convolution and is the faster way:
 * below 16 channels its transforms cost what the multiplications save.
 *
 * @param steps strides, dilations and phases
 */
export function isWinograd(
  filterShape: readonly number[],
  steps: readonly number[],
): boolean {
  const [height, width, filterIn, filterOut] = sizes(filterShape);
  return height === 3 && width === 3 && steps.every((step) => step === 1) &&
    [filterIn, filterOut].every((n) => n >= 16 && n % 8 === 0);
}

/** How a call is cut: a function of the shapes alone. */
function partition(
  inShape: readonly number[],
  outShape: readonly number[],
  start: [number, number],
  maxChunks: number,
) {
  const [batch, outHeight, outWidth, outChannels] = sizes(outShape);
  const [, inHeight, inWidth, inChannels] = sizes(inShape);
  const tileRows = Math.ceil(outHeight / 2);
  const tileColumns = Math.ceil(outWidth / 2);
  const bands = Math.ceil(
    tileRows / Math.max(1, Math.round(BAND_TILES / tileColumns)),
  );
  const bandRows = Math.ceil(tileRows / bands);
  const units = batch * bands;
  const unitWork = 16 * bandRows * tileColumns * inChannels * outChannels;
  const chunkUnits = Math.ceil(
    Math.max(units / maxChunks, CHUNK_WORK / unitWork),
  );
  const inPlace =
    staysInside({ start: start[0], size: 4 }, tileRows, 2, inHeight) &&
    staysInside({ start: start[1], size: 4 }, tileColumns, 2, inWidth);
  const tiles = bandRows * tileColumns;
  return {
    chunks: Math.ceil(units / chunkUnits),
    windowFloats: inPlace
      ? 0
      : (2 * bandRows + 2) * (2 * tileColumns + 2) * inChannels,
    // The kernel keeps each of its 16 planes a cache line longer.
    transformFloats: 16 * (tiles * (inChannels + outChannels) + 2 * 16),
    geometry: {
      inHeight,
      inWidth,
      inChannels,
      outHeight,
      outWidth,
      outChannels,
      top: start[0],
      left: start[1],
      bandRows,
      bands,
      units,
      chunkUnits,
    },
  };
}

/** A 3×3 convolution with stride 1; y is a new tensor of `outShape`. */
export function convolveWinograd(
  context: KernelContext,
  c: Convolution,
): TensorInfo {
  const y = context.output(c.outShape);
  if (tf.util.sizeFromShape([...c.outShape]) === 0) return y;
  const { chunks, windowFloats, transformFloats, geometry } = partition(
    c.x.shape,
    c.outShape,
    [c.window[0].start, c.window[1].start],
    MAX_CHUNKS,
  );
  const outChannels = c.outShape[3]!;
  const inChannels = c.x.shape[3]!;
  const size = inChannels * outChannels;
  // A cache line between the threads' parts.
  const threadFloats = windowFloats + transformFloats + 32;
  const packed = context.scratch(
    4 * (25 * size + 3 * outChannels +
      context.pool.threads * threadFloats),
  );
  const filter = packed + 4 * 9 * size;
  const bias = filter + 4 * 16 * size;
  const slope = bias + 4 * outChannels;
  const zeros = slope + 4 * outChannels;
  const scratch = zeros + 4 * outChannels;
  packFilter(context, c, packed, bias, slope);
  context.pool.run("conv2dWinogradFilterF32", 1, {
    packed,
    out: filter,
    zeros,
    blocks: outChannels / 8,
    inChannels,
  });
  context.pool.run("conv2dWinogradF32", chunks, {
    x: context.pointer(c.x),
    filter,
    bias,
    slope,
    zeros,
    y: context.pointer(y),
    out: 0,
    scratch,
    scratchBytes: 4 * threadFloats,
    windowBytes: 4 * windowFloats,
    ...geometry,
    activation: ACTIVATIONS[c.epilogue.activation],
  });
  return y;
}

/** dFilter of a 3×3 convolution with stride 1, into `dFilter`. */
export function winogradFilterGrad(
  context: KernelContext,
  x: TensorInfo,
  dy: TensorInfo,
  dFilter: TensorInfo,
  pad: { top: number; left: number },
) {
  const [, , inChannels, outChannels] = sizes(dFilter.shape);
  const size = inChannels * outChannels;
  const { chunks, windowFloats, transformFloats, geometry } = partition(
    x.shape,
    dy.shape,
    [-pad.top, -pad.left],
    Math.max(1, Math.min(MAX_PARTIALS, PARTIALS_BYTES / (4 * 9 * size))),
  );
  const partials = chunks === 1 ? 0 : 4 * chunks * 9 * size;
  const threadFloats = windowFloats + transformFloats + 16 * (size + 16) + 32;
  const scratch = context.scratch(
    partials + 4 * context.pool.threads * threadFloats,
  );
  const out = context.pointer(dFilter);
  context.pool.run("conv2dWinogradFilterGradF32", chunks, {
    x: context.pointer(x),
    filter: 0,
    bias: 0,
    slope: 0,
    zeros: 0,
    y: context.pointer(dy),
    out: chunks === 1 ? out : scratch,
    scratch: scratch + partials,
    scratchBytes: 4 * threadFloats,
    windowBytes: 4 * windowFloats,
    ...geometry,
    activation: ACTIVATIONS.linear,
  });
  if (chunks > 1) sumPartials(context, scratch, out, chunks, 9 * size);
}
