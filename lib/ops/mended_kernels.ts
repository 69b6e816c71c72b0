import {
  backend_util,
  slice_util,
  type TensorInfo,
  util,
} from "@tensorflow/tfjs-core";
import type { KernelContext, KernelTable } from "../wasm/kernel_context.ts";
import { stockKernel } from "./_stock_kernels.ts";
import { integerValues, isInteger } from "./_tensors.ts";
import { sizes } from "./_conv2d_info.ts";

/** What a reduction makes of nothing; NaN is 0 as an integer. */
const OF_NOTHING = {
  Sum: 0,
  Prod: 1,
  Mean: NaN,
  Max: NaN,
  Min: NaN,
  All: 1,
  Any: 0,
};

/**
 * TF.js's own kernels for WASM, as its cpu backend has them:
 *
 * - `Slice` refuses what reaches beyond x, where it would read the heap.
 * - `Cast` to bool is x ≠ 0; it would be x's lowest byte.
 * - `Bincount` counts in an x of any rank; it would leave most of its output
 *   undefined. With `DenseBincount` it refuses negative numbers, where it would
 *   stop counting.
 * - The reductions `Sum`, `Prod`, `Mean`, `Max`, `Min`, `All` and `Any` write
 *   their value of nothing where x is empty; they would leave it undefined. It
 *   is numpy's, and NaN where numpy has none.
 */
export function mendedKernels(context: KernelContext): KernelTable {
  const stock = {
    Slice: stockKernel("Slice"),
    Cast: stockKernel("Cast"),
    NotEqual: stockKernel("NotEqual"),
    Bincount: stockKernel("Bincount"),
    DenseBincount: stockKernel("DenseBincount"),
  };
  const checkCounted = (operation: string, x: TensorInfo) => {
    const negative = integerValues(context, x).find((value) => value < 0);
    if (negative !== undefined) {
      throw new RangeError(
        `Cannot compute ${operation}: x must be non-negative: got ${negative}`,
      );
    }
  };
  const reductions = Object.entries(OF_NOTHING).map(([name, value]) => {
    const reduce = stockKernel(name);
    const kernel: typeof reduce = (args) => {
      const x = args.inputs.x as TensorInfo;
      if (util.sizeFromShape(x.shape) > 0) return reduce(args);
      const { axis, reductionIndices, keepDims } = args.attrs as {
        [name: string]: number[];
      };
      const axes = util.parseAxisParam((axis ?? reductionIndices)!, x.shape);
      const [left] = backend_util.computeOutAndReduceShapes(x.shape, axes);
      const shape = keepDims
        ? backend_util.expandShapeToKeepDim(left, axes)
        : left;
      const out = context.output(shape, name === "Mean" ? "float32" : x.dtype);
      if (isInteger(out)) integerValues(context, out).fill(value);
      else context.view(out).fill(value);
      return out;
    };
    return [name, kernel] as const;
  });
  return {
    ...Object.fromEntries(reductions),
    Slice: (args) => {
      const x = args.inputs.x as TensorInfo;
      const attrs = args.attrs as { begin: number[]; size: number[] };
      const parsed = slice_util
        .parseSliceParams(x as never, attrs.begin, attrs.size);
      const [begin, size] = parsed as [number[], number[]];
      checkSlice(x.shape, begin, size);
      return stock.Slice({ ...args, attrs: { begin, size } });
    },
    Cast: (args) => {
      const x = args.inputs.x as TensorInfo;
      if (args.attrs!.dtype !== "bool" || x.dtype === "bool") {
        return stock.Cast(args);
      }
      const zero = context.output([], x.dtype);
      new Uint8Array(context.memory.buffer, context.pointer(zero), 4).fill(0);
      const out = stock.NotEqual({ ...args, inputs: { a: x, b: zero } });
      context.dispose(zero);
      return out;
    },
    Bincount: (args) => {
      const { x, weights } = args.inputs as Record<string, TensorInfo>;
      checkCounted("bincount", x!);
      const flat = { ...x!, shape: [util.sizeFromShape(x!.shape)] };
      return stock.Bincount({
        ...args,
        inputs: { x: flat, weights: weights! },
      });
    },
    DenseBincount: (args) => {
      const x = args.inputs.x as TensorInfo;
      const rank = x.shape.length;
      if (rank !== 1 && rank !== 2) {
        throw new RangeError(
          `Cannot compute denseBincount: x must have rank 1 or 2: got [${x.shape}]`,
        );
      }
      checkCounted("denseBincount", x);
      return stock.DenseBincount(args);
    },
  };
}

/** @throws RangeError if a slice reaches beyond its tensor */
function checkSlice(
  shape: readonly number[],
  begin: readonly number[],
  size: readonly number[],
) {
  const within = begin.length === shape.length &&
    size.length === shape.length &&
    shape.every((length, axis) => {
      const first = begin[axis]!, count = size[axis]!;
      return Number.isInteger(first) && Number.isInteger(count) &&
        first >= 0 && count >= 0 && first + count <= length;
    });
  if (!within) {
    throw new RangeError(
      `Cannot compute slice: begin and begin + size must be within [${shape}]: got begin [${begin}], size [${size}]`,
    );
  }
}

/**
 * Kernel `Identity`, which shares its input's data as `Reshape` does. TF.js's
 * own for WASM copies it, 64 MB per step of a small conv net, because every
 * tensor that a gradient saves is a clone.
 */
export function identityKernels(context: KernelContext): KernelTable {
  return {
    Identity: ({ inputs }) => context.share(inputs.x as TensorInfo),
  };
}

/** What TF.js's operations give strings to, of those that compute. */
const NAMES = [
  "Equal",
  "GatherNd",
  "Greater",
  "GreaterEqual",
  "Less",
  "LessEqual",
  "NotEqual",
  "SparseToDense",
  "StridedSlice",
  "Tile",
];

/**
 * TF.js's own kernels that take numbers only, and refuse strings by name. They
 * would abort, or return what lies in the heap.
 *
 * @param kernels what stands in the place of some of TF.js's own
 * @throws TypeError, each kernel, if an input holds strings
 */
export function numberKernels(kernels: KernelTable): KernelTable {
  return Object.fromEntries(NAMES.map((name) => {
    const stock = kernels[name] ?? stockKernel(name);
    const kernel: typeof stock = (args) => {
      for (const [input, tensor] of Object.entries(args.inputs)) {
        if ((tensor as TensorInfo).dtype === "string") {
          throw new TypeError(
            `Cannot compute ${name}: ${input} must hold numbers: got strings`,
          );
        }
      }
      return stock(args);
    };
    return [name, kernel];
  }));
}

/** Attributes of kernel `ResizeNearestNeighborGrad`. */
interface ResizeAttrs {
  alignCorners: boolean;
  halfPixelCenters: boolean;
}

/** Which row (or column) of `from` each of `to` is taken from. */
function nearestSources(
  from: number,
  to: number,
  attrs: ResizeAttrs,
): number[] {
  const aligned = attrs.alignCorners && to > 1;
  const scale = aligned ? (from - 1) / (to - 1) : from / to;
  return Array.from({ length: to }, (_, i) => {
    const place = scale * (attrs.halfPixelCenters ? i + 0.5 : i);
    const nearest = attrs.alignCorners ? Math.round(place) : Math.floor(place);
    return Math.max(0, Math.min(from - 1, nearest));
  });
}

/**
 * Kernel `ResizeNearestNeighborGrad`: (images, dy) → dx: each pixel of dy is
 * added to the one that `tf.image.resizeNearestNeighbor` took it from. TF.js's
 * own searches a window around it, of no size where an image is one pixel
 * high or wide, and does not know `halfPixelCenters`.
 */
export function resizeNearestGradKernels(context: KernelContext): KernelTable {
  return {
    ResizeNearestNeighborGrad: ({ inputs, attrs }) => {
      const { images, dy } = inputs as Record<string, TensorInfo>;
      const [batch, height, width, channels] = sizes(images!.shape);
      const [, dyHeight, dyWidth] = dy!.shape as [number, number, number];
      const options = attrs as unknown as ResizeAttrs;
      const rows = nearestSources(height, dyHeight, options);
      const columns = nearestSources(width, dyWidth, options);
      const out = context.output(images!.shape);
      const from = context.view(dy!), dx = context.view(out).fill(0);
      if (dx.length === 0) return out;
      let i = 0;
      for (let image = 0; image < batch; image++) {
        for (const row of rows) {
          for (const column of columns) {
            const at = ((image * height + row) * width + column) * channels;
            for (let c = 0; c < channels; c++) dx[at + c]! += from[i++]!;
          }
        }
      }
      return out;
    },
  };
}
