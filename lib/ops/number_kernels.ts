import type { TensorInfo } from "@tensorflow/tfjs-core";
import { stockKernel } from "./stock_kernels.ts";
import type { KernelTable } from "../wasm/kernel_context.ts";

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
