import * as tf from "@tensorflow/tfjs";
import {
  engine,
  getBackend,
  type NamedAttrMap,
  type Tensor,
} from "@tensorflow/tfjs";
import type { GradConfig, TensorInfo } from "@tensorflow/tfjs-core";
import {
  align,
  type KernelContext,
  type KernelTable,
} from "../wasm/kernel_context.ts";
import {
  conv2dInfo,
  forwardWindow,
  span,
  staysInside,
  type WindowAttrs,
} from "./_conv2d_info.ts";
import { isWinograd, winogradFilterGrad } from "./_conv2d_winograd.ts";
import { withNchw } from "./_nchw.ts";
import { sumPartials } from "./_sum_partials.ts";
import { checkOperand } from "./_tensors.ts";

/**
 * Gradients of `Conv2D`, `Conv2DBackpropInput` and `DepthwiseConv2dNative` in
 * the place of TF.js's, which lose `dimRoundingMode` or `dataFormat` on the way
 * to the kernels, and refuse dilations: so does this one of depthwise
 * convolutions, as TF.js's own specs want it.
 */
export const conv2dGradients: GradConfig[] = [
  {
    kernelName: "Conv2D",
    inputsToSave: ["x", "filter"],
    gradFunc: (dy, saved, attrs) => {
      const [x, filter] = saved as [Tensor, Tensor];
      return {
        x: () =>
          run("Conv2DBackpropInput", { dy: one(dy), filter }, {
            ...attrs,
            inputShape: x.shape,
          }),
        filter: () =>
          run("Conv2DBackpropFilter", { x, dy: one(dy) }, {
            ...attrs,
            filterShape: filter.shape,
          }),
      };
    },
  },
  {
    kernelName: "Conv2DBackpropInput",
    inputsToSave: ["dy", "filter"],
    gradFunc: (ddx, saved, attrs) => {
      const [dy, filter] = saved as [Tensor, Tensor];
      return {
        dy: () => run("Conv2D", { x: one(ddx), filter }, attrs),
        filter: () =>
          run("Conv2DBackpropFilter", { x: one(ddx), dy }, {
            ...attrs,
            filterShape: filter.shape,
          }),
      };
    },
  },
  {
    kernelName: "DepthwiseConv2dNative",
    inputsToSave: ["x", "filter"],
    gradFunc: (dy, saved, attrs) => {
      const [x, filter] = saved as [Tensor, Tensor];
      checkDense("depthwiseConv2d's gradient", attrs);
      return {
        x: () =>
          run("DepthwiseConv2dNativeBackpropInput", { dy: one(dy), filter }, {
            ...attrs,
            inputShape: x.shape,
          }),
        filter: () =>
          run("DepthwiseConv2dNativeBackpropFilter", { x, dy: one(dy) }, {
            ...attrs,
            filterShape: filter.shape,
          }),
      };
    },
  },
];

/** The gradient of a kernel with one output. */
function one(dy: Tensor | Tensor[]): Tensor {
  return [dy].flat()[0]!;
}

function run(
  kernel: string,
  inputs: Record<string, Tensor>,
  attrs: NamedAttrMap,
): Tensor {
  if (getBackend() !== "wasm") {
    // The gradient kernels of other backends take no notice of dilations.
    checkDense(`${kernel} on backend ${getBackend()}`, attrs);
  }
  return engine().runKernel(kernel, inputs, attrs) as Tensor;
}

/** @throws RangeError if there are holes in the filter */
function checkDense(action: string, attrs: NamedAttrMap) {
  const dilations = [attrs.dilations ?? 1].flat();
  if (dilations.every((dilation) => dilation === 1)) return;
  throw new RangeError(
    `Cannot compute ${action}: dilation rates greater than 1 are not yet supported: got ${dilations}`,
  );
}

/** Bytes of x and dy that a band of rows reads: they stay in L2. */
const BAND_BYTES = 65_536;

/** Multiplications with addition that a chunk is worth: some 20 µs. */
const CHUNK_WORK = 500_000;

/** Each chunk has a sum of its own, which costs memory and a pass over it. */
const MAX_CHUNKS = 32;

/** Bytes of all of these sums. */
const PARTIALS_BYTES = 64 * 2 ** 20;

/** `Conv2DBackpropFilter`'s attributes. */
interface FilterGradAttrs extends WindowAttrs {
  filterShape: [number, number, number, number];
}

/**
 * dFilter of y = conv2d(x, filter) for NHWC.
 *
 * @param x float32 `[batch, height, width, inChannels]`
 * @param dy float32 `[batch, outHeight, outWidth, outChannels]`
 * @returns float32 `attrs.filterShape`
 * @throws TypeError if a dtype is not float32
 * @throws RangeError if a shape does not fit
 */
export function conv2dFilterGrad(
  context: KernelContext,
  x: TensorInfo,
  dy: TensorInfo,
  attrs: FilterGradAttrs,
): TensorInfo {
  const kernel = "conv2d's filter gradient";
  const [, , inChannels, outChannels] = attrs.filterShape;
  checkOperand(kernel, "x", x, [-1, -1, -1, inChannels]);
  const info = conv2dInfo(kernel, x.shape, attrs.filterShape, attrs);
  checkOperand(kernel, "dy", dy, info.outShape);
  const { inHeight, inWidth, outHeight, outWidth, padInfo } = info;
  const { filterHeight, filterWidth, strideHeight, strideWidth } = info;
  const { dilationHeight, dilationWidth } = info;
  const dFilter = context.output(attrs.filterShape);
  const taps = filterHeight * filterWidth * inChannels;
  const size = taps * outChannels;
  if (size === 0) return dFilter;

  if (
    isWinograd(
      attrs.filterShape,
      dy.shape,
      [strideHeight, strideWidth, dilationHeight, dilationWidth],
    ) && tf.util.sizeFromShape(dy.shape) > 0
  ) {
    winogradFilterGrad(context, x, dy, dFilter, padInfo);
    return dFilter;
  }
  const padded = (outChannels + 7) & ~7;
  // No column of x is read where dy has none.
  const reach = [
    span(filterHeight, dilationHeight),
    span(filterWidth, dilationWidth),
  ] as const;
  const columns = Math.max(0, (outWidth - 1) * strideWidth + reach[1]);
  const rowBytes = 4 *
    (strideHeight * columns * inChannels + outWidth * padded);
  const bandRows = Math.max(
    1,
    Math.min(outHeight, Math.round(BAND_BYTES / rowBytes)),
  );
  const bands = Math.max(0, Math.ceil(outHeight / bandRows));
  const units = outWidth > 0 ? info.batchSize * bands : 0;
  const chunks = Math.max(
    1,
    Math.min(
      MAX_CHUNKS,
      units,
      PARTIALS_BYTES / (4 * size),
      units * bandRows * outWidth * taps * padded / CHUNK_WORK,
    ),
  );
  const chunkUnits = Math.max(1, Math.ceil(units / Math.floor(chunks)));
  const parts = Math.max(1, Math.ceil(units / chunkUnits));
  const windows = [
    forwardWindow(padInfo.top, reach[0]),
    forwardWindow(padInfo.left, reach[1]),
  ] as const;
  const inPlace = staysInside(windows[0], outHeight, strideHeight, inHeight) &&
    staysInside(windows[1], outWidth, strideWidth, inWidth);
  const windowBytes = inPlace ? 0 : align(
    4 * ((bandRows - 1) * strideHeight + reach[0]) * columns * inChannels,
  );
  const dyBytes = outChannels < 8 ? align(4 * bandRows * outWidth * padded) : 0;
  const threadBytes = windowBytes + dyBytes + align(4 * taps * padded) +
    64;
  const partialBytes = parts === 1 ? 0 : align(4 * parts * size);
  const scratch = context.scratch(
    partialBytes + context.pool.threads * threadBytes,
  );
  context.pool.run("conv2dFilterGradF32", parts, {
    x: context.pointer(x),
    dy: context.pointer(dy),
    out: parts === 1 ? context.pointer(dFilter) : scratch,
    scratch: scratch + partialBytes,
    scratchBytes: threadBytes,
    windowBytes,
    dyBytes,
    inHeight,
    inWidth,
    inChannels,
    outHeight,
    outWidth,
    outChannels,
    filterHeight,
    filterWidth,
    padTop: padInfo.top,
    padLeft: padInfo.left,
    strideHeight,
    strideWidth,
    dilationHeight,
    dilationWidth,
    bandRows,
    bands,
    units,
    chunkUnits,
  });
  if (parts > 1) {
    sumPartials(context, scratch, context.pointer(dFilter), parts, size);
  }
  return dFilter;
}

/** Kernel `Conv2DBackpropFilter`, which TF.js's wasm backend lacks. */
export function conv2dFilterGradKernels(context: KernelContext): KernelTable {
  return {
    Conv2DBackpropFilter: withNchw(
      context,
      ["x", "dy"],
      ({ inputs, attrs }) =>
        conv2dFilterGrad(
          context,
          inputs.x!,
          inputs.dy!,
          attrs as unknown as FilterGradAttrs,
        ),
      false,
    ),
  };
}
