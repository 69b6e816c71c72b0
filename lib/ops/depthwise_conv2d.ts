import type { TensorInfo } from "@tensorflow/tfjs-core";
import { ACTIVATIONS } from "./conv2d_convolution.ts";
import { checkOperand } from "./conv2d_geometry.ts";
import { conv2dInfo, type WindowAttrs } from "./conv2d_info.ts";
import {
  depthwiseGeometry,
  rowsOfChunk,
} from "./depthwise_conv2d_partition.ts";
import type { KernelContext, KernelTable } from "../wasm/kernel_context.ts";
import { withNchw } from "./nchw.ts";
import { applyStockEpilogue, checkActivation } from "./stock_kernels.ts";

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
