import * as tf from "@tensorflow/tfjs";
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { checkOperand, type Conv2DAttrs } from "./conv2d_geometry.ts";
import type { KernelContext } from "./kernel_context.ts";
import type { KernelTable } from "./register_kernels.ts";
import { sumPartials } from "./sum_partials.ts";

type Shape4D = [number, number, number, number];

/** Multiplications with addition that a chunk is worth: some 50 µs. */
const CHUNK_WORK = 200_000;

/** As many as keep 8 threads busy to the end. */
const MAX_CHUNKS = 32;

/**
 * Kernels `DepthwiseConv2dNativeBackpropInput` (dy, filter → dx) and
 * `DepthwiseConv2dNativeBackpropFilter` (x, dy → dFilter), which TF.js's wasm
 * backend lacks, for NHWC and every stride, padding, dilation and multiplier.
 */
export function depthwiseConv2dGradKernels(
  context: KernelContext,
): KernelTable {
  return {
    DepthwiseConv2dNativeBackpropInput: ({ inputs, attrs }) => {
      const { dy, filter } = inputs as Record<string, TensorInfo>;
      const options = attrs as unknown as Conv2DAttrs & { inputShape: Shape4D };
      const name = "depthwiseConv2d's input gradient";
      const inShape = options.inputShape;
      checkOperand(name, "filter", filter!, [-1, -1, inShape[3], -1]);
      const info = geometry(inShape, filter!.shape, options);
      checkOperand(name, "dy", dy!, info.outShape);
      const dx = context.output(inShape);
      const rows = info.batchSize * info.inHeight;
      const chunkRows = rowsOfChunk(rows, info);
      context.pool.run(
        "depthwiseConv2dInputGradF32",
        [
          ...[dy!, filter!, dx].map(context.pointer),
          ...fields(info),
          ...[rows, chunkRows],
        ],
        Math.ceil(rows / chunkRows),
      );
      return dx;
    },
    DepthwiseConv2dNativeBackpropFilter: ({ inputs, attrs }) => {
      const { x, dy } = inputs as Record<string, TensorInfo>;
      const options = attrs as unknown as Conv2DAttrs & {
        filterShape: Shape4D;
      };
      const name = "depthwiseConv2d's filter gradient";
      const { filterShape } = options;
      checkOperand(name, "x", x!, [-1, -1, -1, filterShape[2]]);
      const info = geometry(x!.shape, filterShape, options);
      checkOperand(name, "dy", dy!, info.outShape);
      const dFilter = context.output(filterShape);
      const size = tf.util.sizeFromShape(filterShape);
      const rows = info.batchSize * Math.max(0, info.outHeight);
      const chunkRows = rowsOfChunk(rows, info);
      // One at least: dFilter of no row is 0.
      const chunks = Math.max(1, Math.ceil(rows / chunkRows));
      const out = context.pointer(dFilter);
      const partials = chunks > 1 ? context.scratch(chunks * size * 4) : out;
      context.pool.run(
        "depthwiseConv2dFilterGradF32",
        [
          ...[context.pointer(dy!), context.pointer(x!), partials],
          ...fields(info),
          ...[rows, chunkRows],
        ],
        chunks,
      );
      if (chunks > 1) sumPartials(context, partials, out, chunks, size);
      return dFilter;
    },
  };
}

function geometry(
  inShape: readonly number[],
  filterShape: readonly number[],
  attrs: Conv2DAttrs,
) {
  return tf.backend_util.computeConv2DInfo(
    inShape as Shape4D,
    filterShape as Shape4D,
    attrs.strides,
    attrs.dilations ?? 1,
    attrs.pad,
    attrs.dimRoundingMode,
    true,
  );
}

/** Of the problem's size alone. */
function rowsOfChunk(
  rows: number,
  info: tf.backend_util.Conv2DInfo,
): number {
  const { batchSize, outHeight, outWidth, outChannels } = info;
  const work = batchSize * outHeight * outWidth * outChannels *
    info.filterHeight * info.filterWidth;
  const chunks = Math.min(MAX_CHUNKS, Math.max(1, work / CHUNK_WORK));
  return Math.max(1, Math.ceil(rows / chunks));
}

/** The fields of kernels/depthwise_conv2d_grad.ts from `inHeight` to `padLeft`. */
function fields(info: tf.backend_util.Conv2DInfo): number[] {
  return [
    ...[info.inHeight, info.inWidth, info.inChannels],
    ...[info.outChannels / Math.max(1, info.inChannels)],
    ...[Math.max(0, info.outHeight), Math.max(0, info.outWidth)],
    ...[info.filterHeight, info.filterWidth],
    ...[info.strideHeight, info.strideWidth],
    ...[info.dilationHeight, info.dilationWidth],
    ...[info.padInfo.top, info.padInfo.left],
  ];
}
