import { type TensorInfo, util } from "@tensorflow/tfjs-core";
import type { KernelContext, KernelTable } from "../wasm/kernel_context.ts";
import {
  type Conv2DInfo,
  conv2dInfo,
  sizes,
  type WindowAttrs,
} from "./_conv2d_info.ts";
import { checkOperand } from "./_tensors.ts";

/** Elements of x that a chunk is worth: some 10 µs. */
const CHUNK_SIZE = 32_768;

/** As many as keep 8 threads busy to the end. */
const MAX_CHUNKS = 64;

/** Attributes of TF.js's pooling kernels. */
interface PoolingAttrs extends WindowAttrs {
  filterSize: [number, number] | number;
}

/**
 * Kernels `MaxPool` and `AvgPool` (x → y), `MaxPoolGrad` (dy, input, output →
 * dx) and `AvgPoolGrad` (dy, input → dx) for NHWC.
 *
 * The maximum is that of TF.js's cpu backend: NaN counts for nothing, a window
 * without a number gives −Infinity and has no gradient, and of equal maxima
 * the first one, row by row, gets dy. An average divides by the elements
 * inside of the image, and its gradient by the filter's size: that is TF.js's
 * definition, and not the derivative where the padding cuts a window.
 */
export function poolingKernels(context: KernelContext): KernelTable {
  return {
    MaxPool: ({ inputs, attrs }) =>
      pool(
        context,
        "maxPoolForwardF32",
        "maxPool",
        inputs.x!,
        attrs as unknown as PoolingAttrs,
      ),
    AvgPool: ({ inputs, attrs }) =>
      pool(
        context,
        "avgPoolForwardF32",
        "avgPool",
        inputs.x!,
        attrs as unknown as PoolingAttrs,
      ),
    MaxPoolGrad: ({ inputs, attrs }) => {
      const options = attrs as unknown as PoolingAttrs;
      const { dy, input, output } = inputs;
      const kernel = "maxPool's gradient";
      checkOperand(kernel, "input", input!, [-1, -1, -1, -1]);
      checkOperand(kernel, "output", output!, dyShape(input!, dy!));
      return gradient(
        context,
        "maxPoolBackwardF32",
        kernel,
        dy!,
        input!,
        options,
      );
    },
    AvgPoolGrad: ({ inputs, attrs }) => {
      const options = attrs as unknown as PoolingAttrs;
      const { dy, input } = inputs;
      const kernel = "avgPool's gradient";
      checkOperand(kernel, "input", input!, [-1, -1, -1, -1]);
      return gradient(
        context,
        "avgPoolBackwardF32",
        kernel,
        dy!,
        input!,
        options,
      );
    },
  };
}

function info(name: string, x: TensorInfo, attrs: PoolingAttrs): Conv2DInfo {
  const { filterSize } = attrs;
  const [height, width] = typeof filterSize === "number"
    ? [filterSize, filterSize]
    : filterSize;
  const channels = sizes(x.shape)[3];
  const filterShape = [height, width, channels, channels];
  return conv2dInfo(name, x.shape, filterShape, { ...attrs, dilations: 1 });
}

function pool(
  context: KernelContext,
  kernel: "maxPoolForwardF32" | "avgPoolForwardF32",
  name: string,
  x: TensorInfo,
  attrs: PoolingAttrs,
): TensorInfo {
  checkOperand(name, "x", x, [-1, -1, -1, -1]);
  const windows = info(name, x, attrs);
  const { outShape, filterHeight, filterWidth } = windows;
  const isCopy = filterHeight === 1 && filterWidth === 1 &&
    util.arraysEqual(outShape, x.shape);
  // As the cpu backend does, whatever stride and padding are.
  if (isCopy) return context.share(x);
  const y = context.output(outShape);
  run(context, kernel, x, y, undefined, windows);
  return y;
}

/**
 * What dy must be. Its height and width are its own: TF.js does not hand
 * dimRoundingMode to the gradient, so that they cannot be computed again.
 */
function dyShape(x: TensorInfo, dy: TensorInfo): number[] {
  return [x.shape[0]!, dy.shape[1] ?? -1, dy.shape[2] ?? -1, x.shape[3]!];
}

function gradient(
  context: KernelContext,
  kernel: "maxPoolBackwardF32" | "avgPoolBackwardF32",
  name: string,
  dy: TensorInfo,
  x: TensorInfo,
  attrs: PoolingAttrs,
): TensorInfo {
  checkOperand(name, "dy", dy, dyShape(x, dy));
  const windows = info(name, x, attrs);
  const dx = context.output(x.shape);
  run(context, kernel, x, dy, dx, windows);
  return dx;
}

/** Cuts the problem by its shapes alone, see kernels/pooling.ts. */
function run(
  context: KernelContext,
  kernel: `${"max" | "avg"}Pool${"Forward" | "Backward"}F32`,
  x: TensorInfo,
  y: TensorInfo,
  dx: TensorInfo | undefined,
  windows: Conv2DInfo,
) {
  const { filterHeight, filterWidth, strideHeight, strideWidth, padInfo } =
    windows;
  const [batch, inHeight, inWidth, channels] = sizes(x.shape);
  const [, outHeight, outWidth] = y.shape as [number, number, number];
  const overlaps = dx !== undefined && strideHeight < filterHeight;
  const bandRows = overlaps ? Math.max(1, outHeight) : 1;
  // One at least: dx has rows to clear even where y has none.
  const bands = Math.max(1, Math.ceil(outHeight / bandRows));
  const units = batch * bands;
  const unitSize = Math.max(1, inHeight / bands * inWidth * channels);
  const chunkUnits = Math.max(
    1,
    Math.floor(CHUNK_SIZE / unitSize),
    Math.ceil(units / MAX_CHUNKS),
  );
  context.pool.run(kernel, Math.ceil(units / chunkUnits), {
    x: context.pointer(x),
    y: context.pointer(y),
    dx: dx ? context.pointer(dx) : 0,
    inHeight,
    inWidth,
    outHeight,
    outWidth,
    channels,
    filterHeight,
    filterWidth,
    strideHeight,
    strideWidth,
    padTop: padInfo.top,
    padLeft: padInfo.left,
    bandRows,
    bands,
    units,
    chunkUnits,
  });
}
