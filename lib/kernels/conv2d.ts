import * as tf from "@tensorflow/tfjs";
import type { NamedTensorInfoMap, TensorInfo } from "@tensorflow/tfjs-core";
import type { Convolution, Epilogue } from "./conv2d_convolution.ts";
import { convolveDirect } from "./conv2d_direct.ts";
import {
  backwardWindow,
  checkOperand,
  type Conv2DAttrs,
  conv2dInfo,
  forwardWindow,
} from "./conv2d_geometry.ts";
import { convolveWinograd, isWinograd } from "./conv2d_winograd.ts";
import type { KernelContext } from "./kernel_context.ts";
import type { KernelTable } from "./register_kernels.ts";
import {
  applyStockEpilogue,
  checkActivation,
  stockKernel,
} from "./stock_kernels.ts";

/** `FusedConv2D`'s attributes. */
interface FusedAttrs extends Conv2DAttrs {
  activation: string;
  leakyreluAlpha?: number;
}

/** `Conv2DBackpropInput`'s attributes. */
interface InputGradAttrs extends Conv2DAttrs {
  inputShape: [number, number, number, number];
}

/** Runs a convolution the faster way. */
function convolve(context: KernelContext, c: Convolution): TensorInfo {
  const winograd = isWinograd(c.filter.shape, c.stride) && c.phases[0] === 1 &&
    c.phases[1] === 1;
  return (winograd ? convolveWinograd : convolveDirect)(context, c);
}

/**
 * y = activation(conv2d(x, filter) + bias) for NHWC.
 *
 * @param x float32 `[batch, height, width, inChannels]`
 * @param filter float32 `[filterHeight, filterWidth, inChannels, outChannels]`
 * @returns float32 `[batch, outHeight, outWidth, outChannels]`
 * @throws TypeError if a dtype is not float32
 * @throws RangeError if a shape does not fit
 */
export function conv2dForward(
  context: KernelContext,
  x: TensorInfo,
  filter: TensorInfo,
  attrs: Conv2DAttrs,
  epilogue: Epilogue = { activation: "linear" },
): TensorInfo {
  const info = conv2dInfo(x.shape, filter.shape, attrs);
  checkOperand("conv2d", "x", x, [-1, -1, -1, info.inChannels]);
  checkOperand("conv2d", "filter", filter, [-1, -1, info.inChannels, -1]);
  const { top, left } = info.padInfo;
  return convolve(context, {
    x,
    filter,
    outShape: info.outShape,
    pad: [top, left],
    stride: [info.strideHeight, info.strideWidth],
    phases: [1, 1],
    window: [
      forwardWindow(top, info.filterHeight),
      forwardWindow(left, info.filterWidth),
    ],
    epilogue,
    pack: "conv2dPackForwardF32",
  });
}

/**
 * dx of y = conv2d(x, filter) for NHWC.
 *
 * @param dy float32 `[batch, outHeight, outWidth, outChannels]`
 * @param filter float32 `[filterHeight, filterWidth, inChannels, outChannels]`
 * @returns float32 `attrs.inputShape`
 * @throws TypeError if a dtype is not float32
 * @throws RangeError if a shape does not fit
 */
export function conv2dInputGrad(
  context: KernelContext,
  dy: TensorInfo,
  filter: TensorInfo,
  attrs: InputGradAttrs,
): TensorInfo {
  const info = conv2dInfo(attrs.inputShape, filter.shape, {
    ...attrs,
    dilations: 1,
  });
  const kernel = "conv2d's input gradient";
  checkOperand(kernel, "filter", filter, [-1, -1, info.inChannels, -1]);
  checkOperand(kernel, "dy", dy, info.outShape);
  const { top, left } = info.padInfo;
  const { filterHeight, filterWidth, strideHeight, strideWidth } = info;
  return convolve(context, {
    x: dy,
    filter,
    outShape: info.inShape,
    pad: [top, left],
    stride: [1, 1],
    phases: [strideHeight, strideWidth],
    window: [
      backwardWindow(top, filterHeight, strideHeight),
      backwardWindow(left, filterWidth, strideWidth),
    ],
    epilogue: { activation: "linear" },
    pack: "conv2dPackBackwardF32",
  });
}

/** Kernels `Conv2D`, `FusedConv2D` and `Conv2DBackpropInput` for NHWC float32. */
export function conv2dKernels(context: KernelContext): KernelTable {
  const stock = {
    Conv2D: stockKernel("Conv2D"),
    FusedConv2D: stockKernel("FusedConv2D"),
    Conv2DBackpropInput: stockKernel("Conv2DBackpropInput"),
  };
  return {
    Conv2D: (args) => {
      const { x, filter } = args.inputs as Record<string, TensorInfo>;
      const attrs = args.attrs as unknown as Conv2DAttrs;
      if (!isDense(attrs)) return stock.Conv2D(args);
      return conv2dForward(context, x!, filter!, attrs);
    },
    FusedConv2D: (args) => {
      const attrs = args.attrs as unknown as FusedAttrs;
      const { x, filter, bias, preluActivationWeights: slopes } = args.inputs;
      const { activation, leakyreluAlpha: leakyAlpha } = attrs;
      if (attrs.dataFormat !== "NHWC") return stock.FusedConv2D(args); // throws
      checkActivation("conv2d", activation, slopes);
      const epilogue = isDense(attrs)
        ? fusedEpilogue(args.inputs, attrs)
        : undefined;
      if (epilogue) {
        return conv2dForward(context, x!, filter!, attrs, epilogue);
      }
      const sums = isDense(attrs)
        ? conv2dForward(context, x!, filter!, attrs)
        : stock.Conv2D(args) as TensorInfo;
      return applyStockEpilogue(context, args.backend, "conv2d", sums, {
        ...{ bias, activation, slopes, leakyAlpha },
      });
    },
    Conv2DBackpropInput: (args) => {
      const { dy, filter } = args.inputs as Record<string, TensorInfo>;
      const attrs = args.attrs as unknown as InputGradAttrs;
      if (attrs.dataFormat !== "NHWC") return stock.Conv2DBackpropInput(args);
      const { outShape } = conv2dInfo(attrs.inputShape, filter!.shape, {
        ...attrs,
        dilations: 1,
      });
      if (!isLarger(dy!.shape, outShape)) {
        return conv2dInputGrad(context, dy!, filter!, attrs);
      }
      const part = stockKernel("Slice")({
        inputs: { x: dy! },
        backend: args.backend,
        attrs: { begin: [0, 0, 0, 0], size: outShape },
      }) as TensorInfo;
      const dx = conv2dInputGrad(context, part, filter!, attrs);
      context.dispose(part);
      return dx;
    },
  };
}

/**
 * Whether dy is higher or wider than the convolution's output: TF.js then takes
 * its top left part, as when conv2dTranspose is given a small outputShape.
 */
function isLarger(dy: readonly number[], outShape: readonly number[]) {
  return dy.length === 4 && !tf.util.arraysEqual([...dy], [...outShape]) &&
    dy.every((size, i) =>
      i === 1 || i === 2 ? size >= outShape[i]! : size === outShape[i]
    );
}

/** Whether ours computes it: NHWC, and no holes in the filter. */
function isDense({ dataFormat, dilations = 1 }: Conv2DAttrs): boolean {
  return dataFormat === "NHWC" && [dilations].flat().every((d) => d === 1);
}

/** What ours does after the sum; undefined: TF.js's kernels do it. */
function fusedEpilogue(
  inputs: NamedTensorInfoMap,
  { activation, leakyreluAlpha }: FusedAttrs,
): Epilogue | undefined {
  const { filter, bias, preluActivationWeights: slope } = inputs;
  const outChannels = filter!.shape[3]!;
  if (bias && (bias.shape.length !== 1 || bias.shape[0] !== outChannels)) {
    return undefined;
  }
  switch (activation) {
    case "linear":
    case "relu":
    case "relu6":
      return { activation, bias };
    case "leakyrelu":
      return {
        activation: "prelu",
        bias,
        slopeConstant: leakyreluAlpha ?? 0,
        slopeFactor: 0,
      };
    case "prelu": {
      const size = slope && tf.util.sizeFromShape(slope.shape);
      if (size !== 1 && size !== outChannels) return undefined;
      // [height, 1, 1] of outChannels rows is another thing.
      if (size > 1 && slope!.shape.at(-1) !== outChannels) return undefined;
      return { activation: "prelu", bias, slope };
    }
    default:
      return undefined;
  }
}
