import * as tf from "@tensorflow/tfjs";
import type { NamedTensorInfoMap, TensorInfo } from "@tensorflow/tfjs-core";
import type { KernelContext, KernelTable } from "../wasm/kernel_context.ts";
import {
  type Convolution,
  convolveDirect,
  type Epilogue,
} from "./_conv2d_direct.ts";
import {
  backwardWindow,
  type Conv2DInfo,
  conv2dInfo,
  forwardWindow,
  span,
  type WindowAttrs,
} from "./_conv2d_info.ts";
import { convolveWinograd, isWinograd } from "./_conv2d_winograd.ts";
import { withNchw } from "./_nchw.ts";
import {
  applyStockEpilogue,
  checkActivation,
  stockKernel,
} from "./_stock_kernels.ts";
import { checkOperand } from "./_tensors.ts";

/** `FusedConv2D`'s attributes. */
interface FusedAttrs extends WindowAttrs {
  activation: string;
  leakyreluAlpha?: number;
}

/** `Conv2DBackpropInput`'s attributes. */
interface InputGradAttrs extends WindowAttrs {
  inputShape: [number, number, number, number];
}

/** Runs a convolution the faster way. */
function convolve(context: KernelContext, c: Convolution): TensorInfo {
  const steps = [c.stride, c.dilation, c.phases].flat();
  const winograd = isWinograd(c.filter.shape, c.outShape, steps);
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
  attrs: WindowAttrs,
  epilogue: Epilogue = { activation: "linear" },
): TensorInfo {
  checkOperand("conv2d", "x", x, [-1, -1, -1, -1]);
  checkOperand("conv2d", "filter", filter, [-1, -1, x.shape[3]!, -1]);
  const info = conv2dInfo("conv2d", x.shape, filter.shape, attrs);
  const { top, left } = info.padInfo;
  const { dilationHeight, dilationWidth } = info;
  return convolve(context, {
    x,
    filter,
    outShape: info.outShape,
    pad: [top, left],
    stride: [info.strideHeight, info.strideWidth],
    dilation: [dilationHeight, dilationWidth],
    phases: [1, 1],
    window: [
      forwardWindow(top, span(info.filterHeight, dilationHeight)),
      forwardWindow(left, span(info.filterWidth, dilationWidth)),
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
  const info = inputGradInfo(filter, attrs);
  checkOperand(INPUT_GRAD, "dy", dy, info.outShape);
  const { top, left } = info.padInfo;
  const { strideHeight, strideWidth, dilationHeight, dilationWidth } = info;
  return convolve(context, {
    x: dy,
    filter,
    outShape: info.inShape,
    pad: [top, left],
    stride: [1, 1],
    dilation: [dilationHeight, dilationWidth],
    phases: [strideHeight, strideWidth],
    window: [
      backwardWindow(
        top,
        span(info.filterHeight, dilationHeight),
        strideHeight,
      ),
      backwardWindow(left, span(info.filterWidth, dilationWidth), strideWidth),
    ],
    epilogue: { activation: "linear" },
    pack: "conv2dPackBackwardF32",
  });
}

const INPUT_GRAD = "conv2d's input gradient";

/**
 * The convolution's geometry.
 *
 * @throws TypeError if the filter is not float32
 * @throws RangeError if its shape does not fit, or an axis has a stride and a
 *   dilation
 */
function inputGradInfo(filter: TensorInfo, attrs: InputGradAttrs): Conv2DInfo {
  const { inputShape } = attrs;
  checkOperand(INPUT_GRAD, "filter", filter, [-1, -1, inputShape[3], -1]);
  const info = conv2dInfo(INPUT_GRAD, inputShape, filter.shape, attrs);
  if (
    info.strideHeight > 1 && info.dilationHeight > 1 ||
    info.strideWidth > 1 && info.dilationWidth > 1
  ) {
    throw new RangeError(
      `Cannot compute ${INPUT_GRAD}: strides or dilations must be 1: got strides ${attrs.strides} and dilations ${attrs.dilations}`,
    );
  }
  return info;
}

/** Kernels `Conv2D`, `FusedConv2D` and `Conv2DBackpropInput` for float32. */
export function conv2dKernels(context: KernelContext): KernelTable {
  return {
    Conv2D: withNchw(context, ["x"], ({ inputs, attrs }) => {
      const { x, filter } = inputs as Record<string, TensorInfo>;
      return conv2dForward(
        context,
        x!,
        filter!,
        attrs as unknown as WindowAttrs,
      );
    }),
    FusedConv2D: withNchw(context, ["x"], (args) => {
      const attrs = args.attrs as unknown as FusedAttrs;
      const { x, filter, bias, preluActivationWeights: slopes } = args.inputs;
      const { activation, leakyreluAlpha: leakyAlpha } = attrs;
      checkActivation("conv2d", activation, slopes);
      checkDifferentiable(x!, filter!, attrs);
      const epilogue = fusedEpilogue(args.inputs, attrs);
      if (epilogue) {
        return conv2dForward(context, x!, filter!, attrs, epilogue);
      }
      const sums = conv2dForward(context, x!, filter!, attrs);
      return applyStockEpilogue(context, args.backend, "conv2d", sums, {
        bias,
        activation,
        slopes,
        leakyAlpha,
      });
    }),
    Conv2DBackpropInput: withNchw(context, ["dy"], (args) => {
      const { dy, filter } = args.inputs as Record<string, TensorInfo>;
      const attrs = args.attrs as unknown as InputGradAttrs;
      const { outShape } = inputGradInfo(filter!, attrs);
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
    }),
  };
}

/**
 * TF.js's gradient of its fused convolution knows no `dimRoundingMode`: it
 * would leave out what the mode adds to the output, and say nothing.
 *
 * @throws RangeError if a gradient may be taken where the mode adds something
 */
function checkDifferentiable(
  x: TensorInfo,
  filter: TensorInfo,
  attrs: FusedAttrs,
) {
  const { dimRoundingMode } = attrs;
  if (!dimRoundingMode || tf.engine().state.gradientDepth === 0) return;
  const shape = (mode?: typeof dimRoundingMode) =>
    conv2dInfo("conv2d", x.shape, filter.shape, {
      ...attrs,
      dimRoundingMode: mode,
    }).outShape;
  if (tf.util.arraysEqual(shape(dimRoundingMode), shape())) return;
  throw new RangeError(
    `Cannot compute gradients of tf.fused.conv2d: dimRoundingMode must change no size of the output, tf.conv2d takes any: got ${dimRoundingMode}`,
  );
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
