import * as tf from "@tensorflow/tfjs";
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { align, type KernelContext } from "../wasm/kernel_context.ts";
import { ACTIVATIONS, type Convolution, packFilter } from "./_conv2d_direct.ts";
import { sizes } from "./_conv2d_info.ts";
import { sumPartials } from "./_sum_partials.ts";

/** Outputs of a tile, each way. */
const TILE = 4;

/**
 * Tiles of a product, of which whole rows are a band: with fewer the products'
 * own tiles are short and the filters' planes are read more often, with more
 * there is nothing to gain.
 */
const BAND_TILES = 98;

/** Multiplications with addition that a chunk is worth: some 20 µs. */
const CHUNK_WORK = 500_000;

/** Enough for 8 threads to share evenly. */
const MAX_CHUNKS = 128;

/** Each chunk of the filter gradient has a sum of its own, of these bytes. */
const PARTIALS_BYTES = 64 * 2 ** 20;
const MAX_PARTIALS = 32;

/** Tiles that a chunk of the filter gradient has at least, for that cause. */
const PARTIAL_TILES = 49;

/** What is left of the multiplications where Winograd's way pays. */
const MOST_MULTIPLICATIONS = 0.4;

/** Tiles of a row, all of which a thread's scratch has. */
const MAX_COLUMNS = 1_024;

/**
 * Whether Winograd's F(4×4, 3×3) takes a convolution and is the faster way. It
 * leaves a quarter of the multiplications, and more where tiles reach over the
 * edge of small images. With 8 channels on either side the transforms cost what
 * that saves, and so they do with F(2×2, 5×5).
 *
 * @param outShape of the convolution
 * @param steps strides, dilations and phases
 */
export function isWinograd(
  filterShape: readonly number[],
  outShape: readonly number[],
  steps: readonly number[],
): boolean {
  const [height, width, filterIn, filterOut] = sizes(filterShape);
  const [, outHeight, outWidth] = sizes(outShape);
  const tiles = Math.ceil(outHeight / TILE) * Math.ceil(outWidth / TILE);
  return height === 3 && width === 3 && steps.every((step) => step === 1) &&
    [filterIn, filterOut].every((n) => n >= 16 && n % 8 === 0) &&
    outWidth <= MAX_COLUMNS * TILE &&
    36 * tiles <= MOST_MULTIPLICATIONS * 9 * outHeight * outWidth;
}

/**
 * How a call is cut and its scratch laid out: a function of the shapes alone.
 *
 * @param chunkTiles a chunk's at least
 */
function partition(
  inShape: readonly number[],
  outShape: readonly number[],
  start: [number, number],
  maxChunks: number,
  chunkTiles: number,
) {
  const [batch, outHeight, outWidth, outChannels] = sizes(outShape);
  const [, inHeight, inWidth, inChannels] = sizes(inShape);
  const tileRows = Math.ceil(outHeight / TILE);
  const columns = Math.ceil(outWidth / TILE);
  const bands = Math.ceil(
    tileRows / Math.max(1, Math.round(BAND_TILES / columns)),
  );
  const bandRows = Math.ceil(tileRows / bands);
  const units = batch * bands;
  const unitWork = 36 * bandRows * columns * inChannels * outChannels;
  const tiles = bandRows * columns;
  const chunkUnits = Math.ceil(
    Math.max(units / maxChunks, CHUNK_WORK / unitWork, chunkTiles / tiles),
  );
  const group = bands > 1
    ? 1
    : Math.min(chunkUnits, Math.max(1, Math.floor(BAND_TILES / tiles)));
  // Planes a multiple of 4 KiB apart would share few lines of the L1.
  const plane = (floats: number) => 4 * floats + 64;
  const planes = {
    inPlane: plane(group * tiles * inChannels),
    outPlane: plane(group * tiles * outChannels),
    filterPlane: plane(inChannels * outChannels),
  };
  const rowFloats = Math.max(inWidth * inChannels, outWidth * outChannels);
  const zeros = 64;
  const edge = zeros + align(4 * Math.max(rowFloats, outChannels));
  const inRows = edge + align(4 * TILE * outChannels);
  const outRows = inRows +
    align(4 * 6 * (columns * TILE + 2) * inChannels);
  const inputs = outRows + align(4 * 6 * columns * TILE * outChannels);
  const outputs = inputs + 36 * planes.inPlane;
  const sums = outputs + 36 * planes.outPlane;
  return {
    chunks: Math.ceil(units / chunkUnits),
    layout: {
      zeros,
      edge,
      inRows,
      outRows,
      inputs,
      outputs,
      sums,
      ...planes,
    },
    geometry: {
      inHeight,
      inWidth,
      inChannels,
      outHeight,
      outWidth,
      outChannels,
      top: start[0],
      left: start[1],
      columns,
      bandRows,
      bands,
      units,
      group,
      chunkUnits,
    },
  };
}

/** A convolution with stride 1; y is a new tensor of `outShape`. */
export function convolveWinograd(
  context: KernelContext,
  c: Convolution,
): TensorInfo {
  const y = context.output(c.outShape);
  if (tf.util.sizeFromShape([...c.outShape]) === 0) return y;
  const { chunks, layout, geometry } = partition(
    c.x.shape,
    c.outShape,
    [c.window[0].start, c.window[1].start],
    MAX_CHUNKS,
    1,
  );
  const { inChannels, outChannels } = geometry;
  const packedBytes = align(4 * 9 * inChannels * outChannels);
  // A cache line between the threads' parts.
  const scratchBytes = align(layout.sums) + 64;
  const packed = context.scratch(
    packedBytes + 36 * layout.filterPlane + 2 * align(4 * outChannels) +
      context.pool.threads * scratchBytes,
  );
  const filter = packed + packedBytes;
  const bias = filter + 36 * layout.filterPlane;
  const slope = bias + align(4 * outChannels);
  const scratch = slope + align(4 * outChannels);
  packFilter(context, c, packed, bias, slope);
  context.pool.run("conv2dWinogradFilterF32", outChannels / 8, {
    packed,
    out: filter,
    plane: layout.filterPlane,
    inChannels,
  });
  context.pool.run("conv2dWinogradF32", chunks, {
    x: context.pointer(c.x),
    filter,
    packed,
    bias,
    slope,
    y: context.pointer(y),
    out: 0,
    scratch,
    scratchBytes,
    ...layout,
    ...geometry,
    activation: ACTIVATIONS[c.epilogue.activation],
  });
  return y;
}

/** dFilter of a convolution with stride 1, into `dFilter`. */
export function winogradFilterGrad(
  context: KernelContext,
  x: TensorInfo,
  dy: TensorInfo,
  dFilter: TensorInfo,
  pad: { top: number; left: number },
) {
  const size = tf.util.sizeFromShape(dFilter.shape);
  const { chunks, layout, geometry } = partition(
    x.shape,
    dy.shape,
    [-pad.top, -pad.left],
    Math.max(1, Math.min(MAX_PARTIALS, PARTIALS_BYTES / (4 * size))),
    PARTIAL_TILES,
  );
  const partials = chunks === 1 ? 0 : align(4 * chunks * size);
  const scratchBytes = align(layout.sums + 36 * layout.filterPlane) + 64;
  const scratch = context.scratch(
    partials + context.pool.threads * scratchBytes,
  );
  const out = context.pointer(dFilter);
  context.pool.run("conv2dWinogradFilterGradF32", chunks, {
    x: context.pointer(x),
    filter: 0,
    packed: 0,
    bias: 0,
    slope: 0,
    y: context.pointer(dy),
    out: chunks === 1 ? out : scratch,
    scratch: scratch + partials,
    scratchBytes,
    ...layout,
    ...geometry,
    activation: ACTIVATIONS.linear,
  });
  if (chunks > 1) sumPartials(context, scratch, out, chunks, size);
}
