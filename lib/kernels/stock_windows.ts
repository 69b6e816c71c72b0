import type { TensorInfo } from "@tensorflow/tfjs-core";
import { sizes } from "./conv2d_geometry.ts";
import { conv2dInfo, type WindowAttrs } from "./conv2d_info.ts";
import type { KernelTable } from "./register_kernels.ts";
import { stockKernel } from "./stock_kernels.ts";

/** Kernels of TF.js that slide a window, and the operations they belong to. */
const OPERATIONS = {
  Dilation2D: "dilation2d",
  Dilation2DBackpropInput: "dilation2d's input gradient",
  Dilation2DBackpropFilter: "dilation2d's filter gradient",
  MaxPoolWithArgmax: "maxPoolWithArgmax",
} as const;

/** Attributes of these kernels. */
interface Attrs extends WindowAttrs {
  /** Of pooling; others have a filter. */
  filterSize?: [number, number] | number;
}

/**
 * TF.js's own kernels of `OPERATIONS`, for outputs that have a size. Where the
 * padding is a number they get it for each side: TF.js computes the width of
 * the output by the height's numbers otherwise.
 */
export function stockWindowKernels(): KernelTable {
  const table: KernelTable = {};
  for (const [name, operation] of Object.entries(OPERATIONS)) {
    const kernel = stockKernel(name);
    table[name] = (args) => {
      const { x, filter } = args.inputs as Record<string, TensorInfo>;
      const attrs = args.attrs as unknown as Attrs;
      const { filterSize = 1, pad } = attrs;
      const [height, width] = filter
        ? filter.shape
        : typeof filterSize === "number"
        ? [filterSize, filterSize]
        : filterSize;
      const channels = sizes(x!.shape)[3];
      const filterShape = [height!, width!, channels, channels];
      conv2dInfo(operation, x!.shape, filterShape, attrs);
      if (typeof pad !== "number") return kernel(args);
      const sides = [[0, 0], [pad, pad], [pad, pad], [0, 0]];
      return kernel({
        ...args,
        attrs: { ...args.attrs, pad: sides as unknown as number[] },
      });
    };
  }
  return table;
}
