import {
  getKernel,
  type KernelConfig,
  type NamedAttrMap,
  type TensorInfo,
  util,
} from "@tensorflow/tfjs-core";
import type { KernelContext } from "../wasm/kernel_context.ts";
import { broadcasts } from "./_tensors.ts";

/** The kernels for the activations of TF.js's fused operations. */
const ACTIVATION_KERNELS: Readonly<Record<string, string>> = {
  relu: "Relu",
  relu6: "Relu6",
  prelu: "Prelu",
  leakyrelu: "LeakyRelu",
  sigmoid: "Sigmoid",
  elu: "Elu",
};

/** What a fused operation applies to its sums, unchecked. */
export interface StockEpilogue {
  /** Broadcasts to the sums. */
  bias?: TensorInfo;
  activation: string;
  /** Of prelu; broadcast to the sums. */
  slopes?: TensorInfo;
  /** Of leakyrelu. */
  leakyAlpha?: number;
}

/**
 * The kernel that TF.js has registered.
 *
 * @throws Error if there is none
 */
export function stockKernel(name: string): KernelConfig["kernelFunc"] {
  const config = getKernel(name, "wasm");
  if (!config) {
    throw new Error(`Cannot find a kernel: TF.js has no wasm kernel ${name}`);
  }
  return config.kernelFunc;
}

/**
 * @throws RangeError if TF.js has no such activation
 * @throws TypeError if prelu has no slopes
 */
export function checkActivation(
  operation: string,
  activation: string,
  slopes?: TensorInfo,
) {
  if (activation !== "linear" && !ACTIVATION_KERNELS[activation]) {
    const names = ["linear", ...Object.keys(ACTIVATION_KERNELS)].join(", ");
    throw new RangeError(
      `Cannot compute ${operation}: activation must be one of ${names}: got ${activation}`,
    );
  }
  if (activation === "prelu" && !slopes) {
    throw new TypeError(
      `Cannot compute ${operation}: preluActivationWeights must be given for prelu: got none`,
    );
  }
}

/**
 * activation(sums + bias) by kernels of their own, prelu by ours and all others
 * by TF.js's, for what broadcasts in a way that ours do not fuse.
 *
 * @param sums what to give up for the result
 * @throws RangeError if bias or slopes do not broadcast to the sums
 */
export function applyStockEpilogue(
  context: KernelContext,
  backend: object,
  operation: string,
  sums: TensorInfo,
  { bias, activation, slopes, leakyAlpha = 0 }: StockEpilogue,
): TensorInfo {
  for (const [name, tensor] of Object.entries({ bias, slopes })) {
    if (tensor && !broadcasts(tensor.shape, sums.shape)) {
      context.dispose(sums);
      throw new RangeError(
        `Cannot compute ${operation}: ${name} must broadcast to [${sums.shape}]: got [${tensor.shape}]`,
      );
    }
  }
  if (util.sizeFromShape(sums.shape) === 0) return sums;
  const run = (
    name: string,
    inputs: Record<string, TensorInfo>,
    attrs: NamedAttrMap = {},
  ) => stockKernel(name)({ inputs, backend, attrs }) as TensorInfo;
  let result = sums;
  const replace = (next: TensorInfo) => {
    context.dispose(result);
    result = next;
  };
  if (bias) replace(run("Add", { a: result, b: bias }));
  if (activation === "prelu") {
    replace(run("Prelu", { x: result, alpha: slopes! }));
  } else if (activation !== "linear") {
    const name = ACTIVATION_KERNELS[activation]!;
    replace(run(name, { x: result }, { alpha: leakyAlpha }));
  }
  return result;
}
