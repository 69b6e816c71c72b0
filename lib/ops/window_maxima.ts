import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { KernelContext, KernelTable } from "../wasm/kernel_context.ts";
import {
  type Conv2DInfo,
  conv2dInfo,
  sizes,
  type WindowAttrs,
} from "./_conv2d_info.ts";

/** Attributes of `MaxPoolWithArgmax`. */
interface PoolingAttrs extends WindowAttrs {
  filterSize: [number, number] | number;
  includeBatchInIndex?: boolean;
}

/**
 * Kernels `Dilation2D` (x, filter → y = max x + filter), its two gradients
 * (x, filter, dy → dx or dFilter) and `MaxPoolWithArgmax` (x → y, indexes) for
 * NHWC float32 and int32, in plain loops on one thread. TF.js's own start a
 * maximum at the smallest positive float. Of equal maxima the first one counts,
 * row by row; a window without a number gives −Infinity, or the smallest
 * integer, and has no gradient and index −1.
 */
export function windowMaximaKernels(context: KernelContext): KernelTable {
  const values = (tensor: TensorInfo): Values => {
    const size = tensor.shape.reduce((product, n) => product * n, 1);
    const { buffer } = context.memory;
    const at = context.pointer(tensor);
    return tensor.dtype === "float32"
      ? new Float32Array(buffer, at, size)
      : new Int32Array(buffer, at, size);
  };
  const dilation = (
    operation: string,
    inputs: Record<string, TensorInfo>,
    attrs: WindowAttrs,
    shapeOf: (info: Conv2DInfo) => readonly number[],
    store: (out: Values, maximum: Maximum, dy: Values) => void,
  ) => {
    const { x, filter, dy } = inputs as Record<"x" | "filter", TensorInfo> & {
      dy?: TensorInfo;
    };
    checkNumbers(operation, x, filter, dy ?? x);
    const [height, width, channels] = sizes(filter.shape);
    const filterShape = [height, width, channels, channels];
    const info = conv2dInfo(operation, x.shape, filterShape, attrs);
    if (
      channels !== info.inChannels || dy && `${dy.shape}` !== `${info.outShape}`
    ) {
      throw new RangeError(
        `Cannot compute ${operation}: filter and dy must fit x [${x.shape}]: got [${filter.shape}] and [${dy?.shape}]`,
      );
    }
    const out = context.output(shapeOf(info), x.dtype);
    const [outs, dys] = [values(out), dy ? values(dy) : values(x)];
    outs.fill(0);
    visitMaxima(
      info,
      values(x),
      values(filter),
      (maximum) => store(outs, maximum, dys),
    );
    return out;
  };
  return {
    Dilation2D: ({ inputs, attrs }) =>
      dilation(
        "dilation2d",
        inputs as never,
        attrs as never,
        (info) => info.outShape,
        (y, { at, value }) => y[at] = value,
      ),
    Dilation2DBackpropInput: ({ inputs, attrs }) =>
      dilation(
        "dilation2d's input gradient",
        inputs as never,
        attrs as never,
        (info) => info.inShape,
        (dx, { at, x }, dy) => x < 0 || (dx[x]! += dy[at]!),
      ),
    Dilation2DBackpropFilter: ({ inputs, attrs }) =>
      dilation(
        "dilation2d's filter gradient",
        inputs as never,
        attrs as never,
        () => inputs.filter!.shape,
        (dFilter, { at, filter }, dy) =>
          filter < 0 || (dFilter[filter]! += dy[at]!),
      ),
    MaxPoolWithArgmax: ({ inputs, attrs }) => {
      const operation = "maxPoolWithArgmax";
      const x = inputs.x!;
      const options = attrs as unknown as PoolingAttrs;
      const { filterSize, includeBatchInIndex } = options;
      checkNumbers(operation, x);
      const [height, width] = typeof filterSize === "number"
        ? [filterSize, filterSize]
        : filterSize;
      const channels = sizes(x.shape)[3];
      const filterShape = [height, width, channels, channels];
      const info = conv2dInfo(operation, x.shape, filterShape, options);
      const y = context.output(info.outShape, x.dtype);
      const indexes = context.output(info.outShape, "int32");
      const [ys, at] = [values(y), values(indexes)];
      const image = info.inHeight * info.inWidth * channels;
      visitMaxima(info, values(x), undefined, (maximum) => {
        ys[maximum.at] = maximum.value;
        at[maximum.at] = maximum.x < 0 || includeBatchInIndex
          ? maximum.x
          : maximum.x % image;
      });
      return [y, indexes];
    },
  };
}

type Values = Float32Array | Int32Array;

/** A window's maximum: where in y, how much, and where it comes from, or −1. */
interface Maximum {
  at: number;
  value: number;
  x: number;
  filter: number;
}

/** Calls `visit` for each element of y. */
function visitMaxima(
  info: Conv2DInfo,
  x: Values,
  filter: Values | undefined,
  visit: (maximum: Maximum) => void,
) {
  const { inHeight, inWidth, inChannels, filterHeight, filterWidth } = info;
  const least = x instanceof Float32Array ? -Infinity : -(2 ** 31);
  let at = 0;
  for (let row = 0; row < info.batchSize * info.outHeight; row++) {
    const image = Math.floor(row / info.outHeight);
    const top = row % info.outHeight * info.strideHeight - info.padInfo.top;
    for (let column = 0; column < info.outWidth; column++) {
      const left = column * info.strideWidth - info.padInfo.left;
      for (let channel = 0; channel < inChannels; channel++, at++) {
        const maximum = { at, value: least, x: -1, filter: -1 };
        for (let fy = 0; fy < filterHeight; fy++) {
          const iy = top + fy * info.dilationHeight;
          if (iy < 0 || iy >= inHeight) continue;
          for (let fx = 0; fx < filterWidth; fx++) {
            const ix = left + fx * info.dilationWidth;
            if (ix < 0 || ix >= inWidth) continue;
            const xAt = ((image * inHeight + iy) * inWidth + ix) * inChannels +
              channel;
            const filterAt = (fy * filterWidth + fx) * inChannels + channel;
            const value = x[xAt]! + (filter ? filter[filterAt]! : 0);
            if (!(value > maximum.value)) continue;
            maximum.value = value;
            maximum.x = xAt;
            maximum.filter = filterAt;
          }
        }
        visit(maximum);
      }
    }
  }
}

/** @throws TypeError if the tensors are not all float32, or all int32 */
function checkNumbers(operation: string, ...tensors: TensorInfo[]) {
  const dtypes = tensors.map(({ dtype }) => dtype);
  const isNumber = dtypes[0] === "float32" || dtypes[0] === "int32";
  if (isNumber && dtypes.every((dtype) => dtype === dtypes[0])) return;
  throw new TypeError(
    `Cannot compute ${operation}: all tensors must be float32 or all int32: got ${dtypes}`,
  );
}
