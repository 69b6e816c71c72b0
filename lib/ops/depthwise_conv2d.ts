import * as tf from "@tensorflow/tfjs";
import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { KernelContext, KernelTable } from "../wasm/kernel_context.ts";
import { ACTIVATIONS } from "./_conv2d_direct.ts";
import {
  type Conv2DInfo,
  conv2dInfo,
  type Shape4D,
  type WindowAttrs,
} from "./_conv2d_info.ts";
import { withNchw } from "./_nchw.ts";
import { applyStockEpilogue, checkActivation } from "./_stock_kernels.ts";
import { sumPartials } from "./_sum_partials.ts";
import { checkOperand } from "./_tensors.ts";

/** `FusedDepthwiseConv2D`'s attributes. */
interface FusedAttrs extends WindowAttrs {
  activation?: string;
  leakyreluAlpha?: number;
}

/** What the kernel does with a sum before it stores it. */
interface Epilogue {
  activation: "linear" | "relu" | "relu6";
  /** float32 `[inChannels · multiplier]`. */
  bias?: TensorInfo;
}

const OPERATION = "depthwiseConv2d";

/**
 * y = activation(depthwiseConv2d(x, filter) + bias) for NHWC, with every
 * stride, padding, dilation and multiplier.
 *
 * @param x float32 `[batch, height, width, inChannels]`
 * @param filter float32 `[filterHeight, filterWidth, inChannels, multiplier]`
 * @returns float32 `[batch, outHeight, outWidth, inChannels · multiplier]`
 * @throws TypeError if a dtype is not float32
 * @throws RangeError if a shape does not fit
 */
function forward(
  context: KernelContext,
  x: TensorInfo,
  filter: TensorInfo,
  attrs: WindowAttrs,
  { activation, bias }: Epilogue,
): TensorInfo {
  checkOperand(OPERATION, "x", x, [-1, -1, -1, -1]);
  checkOperand(OPERATION, "filter", filter, [-1, -1, x.shape[3]!, -1]);
  const info = conv2dInfo(OPERATION, x.shape, filter.shape, attrs, true);
  const y = context.output(info.outShape);
  const rows = info.batchSize * info.outHeight;
  const chunkRows = rowsOfChunk(rows, info);
  context.pool.run("depthwiseConv2dForwardF32", Math.ceil(rows / chunkRows), {
    x: context.pointer(x),
    filter: context.pointer(filter),
    bias: bias ? context.pointer(bias) : 0,
    y: context.pointer(y),
    ...depthwiseGeometry(info),
    rows,
    chunkRows,
    activation: ACTIVATIONS[activation],
  });
  return y;
}

/** Kernels `DepthwiseConv2dNative` and `FusedDepthwiseConv2D`. */
export function depthwiseConv2dKernels(context: KernelContext): KernelTable {
  return {
    DepthwiseConv2dNative: withNchw(context, ["x"], ({ inputs, attrs }) => {
      const { x, filter } = inputs;
      const windows = attrs as unknown as WindowAttrs;
      return forward(context, x!, filter!, windows, { activation: "linear" });
    }),
    FusedDepthwiseConv2D: withNchw(context, ["x"], (args) => {
      const { x, filter, bias, preluActivationWeights: slopes } = args.inputs;
      const attrs = args.attrs as unknown as FusedAttrs;
      const { activation = "linear", leakyreluAlpha: leakyAlpha } = attrs;
      checkActivation(OPERATION, activation, slopes);
      const epilogue = fusedEpilogue(filter!, activation, bias);
      if (epilogue) return forward(context, x!, filter!, attrs, epilogue);
      const sums = forward(context, x!, filter!, attrs, {
        activation: "linear",
      });
      return applyStockEpilogue(context, args.backend, OPERATION, sums, {
        bias,
        activation,
        slopes,
        leakyAlpha,
      });
    }),
  };
}

/** What the kernel does after the sum; undefined: other kernels do it. */
function fusedEpilogue(
  filter: TensorInfo,
  activation: string,
  bias?: TensorInfo,
): Epilogue | undefined {
  const [, , inChannels, multiplier] = filter.shape;
  const isFused = !bias || bias.dtype === "float32" &&
      bias.shape.length === 1 && bias.shape[0] === inChannels! * multiplier!;
  if (!isFused) return undefined;
  switch (activation) {
    case "linear":
    case "relu":
    case "relu6":
      return { activation, bias };
    default:
      return undefined;
  }
}

/**
 * Kernels `DepthwiseConv2dNativeBackpropInput` (dy, filter → dx) and
 * `DepthwiseConv2dNativeBackpropFilter` (x, dy → dFilter), which TF.js's wasm
 * backend lacks, for NHWC and every stride, padding, dilation and multiplier.
 */
export function depthwiseConv2dGradKernels(
  context: KernelContext,
): KernelTable {
  return {
    DepthwiseConv2dNativeBackpropInput: withNchw(context, ["dy"], (args) => {
      const { inputs, attrs } = args;
      const { dy, filter } = inputs as Record<string, TensorInfo>;
      const options = attrs as unknown as WindowAttrs & { inputShape: Shape4D };
      const name = "depthwiseConv2d's input gradient";
      const inShape = options.inputShape;
      checkOperand(name, "filter", filter!, [-1, -1, inShape[3], -1]);
      const info = conv2dInfo(name, inShape, filter!.shape, options, true);
      checkOperand(name, "dy", dy!, info.outShape);
      const dx = context.output(inShape);
      const rows = info.batchSize * info.inHeight;
      const chunkRows = rowsOfChunk(rows, info);
      const chunks = Math.ceil(rows / chunkRows);
      context.pool.run("depthwiseConv2dInputGradF32", chunks, {
        dy: context.pointer(dy!),
        other: context.pointer(filter!),
        out: context.pointer(dx),
        ...depthwiseGeometry(info),
        rows,
        chunkRows,
      });
      return dx;
    }),
    DepthwiseConv2dNativeBackpropFilter: withNchw(
      context,
      ["x", "dy"],
      (args) => {
        const { inputs, attrs } = args;
        const { x, dy } = inputs as Record<string, TensorInfo>;
        const options = attrs as unknown as WindowAttrs & {
          filterShape: Shape4D;
        };
        const name = "depthwiseConv2d's filter gradient";
        const { filterShape } = options;
        checkOperand(name, "x", x!, [-1, -1, -1, filterShape[2]]);
        const info = conv2dInfo(name, x!.shape, filterShape, options, true);
        checkOperand(name, "dy", dy!, info.outShape);
        const dFilter = context.output(filterShape);
        const size = tf.util.sizeFromShape(filterShape);
        const rows = info.batchSize * info.outHeight;
        const chunkRows = rowsOfChunk(rows, info);
        // One at least: dFilter of no row is 0.
        const chunks = Math.max(1, Math.ceil(rows / chunkRows));
        const out = context.pointer(dFilter);
        const partials = chunks > 1 ? context.scratch(chunks * size * 4) : out;
        context.pool.run("depthwiseConv2dFilterGradF32", chunks, {
          dy: context.pointer(dy!),
          other: context.pointer(x!),
          out: partials,
          ...depthwiseGeometry(info),
          rows,
          chunkRows,
        });
        if (chunks > 1) sumPartials(context, partials, out, chunks, size);
        return dFilter;
      },
      false,
    ),
  };
}

/** Multiplications with addition that a chunk is worth: some 50 µs. */
const CHUNK_WORK = 200_000;

/** As many as keep 8 threads busy to the end. */
const MAX_CHUNKS = 32;

/** How many of `rows` a chunk of a depthwise convolution takes. */
export function rowsOfChunk(rows: number, info: Conv2DInfo): number {
  const { batchSize, outHeight, outWidth, outChannels } = info;
  const work = batchSize * outHeight * outWidth * outChannels *
    info.filterHeight * info.filterWidth;
  const chunks = Math.min(MAX_CHUNKS, Math.max(1, work / CHUNK_WORK));
  return Math.max(1, Math.ceil(rows / chunks));
}

/** What the depthwise kernels must know of the geometry. */
export function depthwiseGeometry(info: Conv2DInfo) {
  return {
    inHeight: info.inHeight,
    inWidth: info.inWidth,
    channels: info.inChannels,
    multiplier: info.outChannels / Math.max(1, info.inChannels),
    outHeight: info.outHeight,
    outWidth: info.outWidth,
    filterHeight: info.filterHeight,
    filterWidth: info.filterWidth,
    strideHeight: info.strideHeight,
    strideWidth: info.strideWidth,
    dilationHeight: info.dilationHeight,
    dilationWidth: info.dilationWidth,
    padTop: info.padInfo.top,
    padLeft: info.padInfo.left,
  };
}
