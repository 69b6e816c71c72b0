import {
  getGradient,
  getKernel,
  type GradConfig,
  type KernelConfig,
  registerGradient,
  registerKernel,
  unregisterGradient,
  unregisterKernel,
} from "@tensorflow/tfjs-core";
import { conv2dKernels } from "./conv2d.ts";
import { conv2dFilterGradKernels } from "./conv2d_filter_grad.ts";
import type { KernelContext } from "./kernel_context.ts";
import { matMulKernels } from "./mat_mul.ts";
import { reluAlphaGradient, reluAlphaKernels } from "./relu_alpha.ts";
import {
  softmaxCrossEntropyGradient,
  softmaxCrossEntropyKernels,
} from "./softmax_cross_entropy.ts";

/** Kernels under a TF.js kernel's name, or a new one, for one context. */
export type KernelTable = Record<string, KernelConfig["kernelFunc"]>;

/** Gradients of the kernels that TF.js does not have. */
const GRADIENTS: GradConfig[] = [
  reluAlphaGradient,
  softmaxCrossEntropyGradient,
];

/**
 * Registers all kernels for TF.js's `wasm` backend, and their gradients.
 *
 * @returns a function that puts TF.js's own kernels back
 */
export function registerKernels(context: KernelContext): () => void {
  const table: KernelTable = {
    ...conv2dKernels(context),
    ...conv2dFilterGradKernels(context),
    ...matMulKernels(context),
    ...reluAlphaKernels(context),
    ...softmaxCrossEntropyKernels(context),
  };
  const stock = new Map<string, KernelConfig | undefined>();
  for (const [kernelName, kernelFunc] of Object.entries(table)) {
    const config = { kernelName, backendName: "wasm", kernelFunc };
    stock.set(kernelName, swap(config));
  }
  for (const gradient of GRADIENTS) {
    if (!getGradient(gradient.kernelName)) registerGradient(gradient);
  }
  return () => {
    for (const [kernelName, config] of stock) {
      if (config) swap(config);
      else unregisterKernel(kernelName, "wasm");
    }
    for (const { kernelName } of GRADIENTS) unregisterGradient(kernelName);
  };
}

/** Registers a kernel and returns the one that was there. */
function swap(config: KernelConfig): KernelConfig | undefined {
  const before = getKernel(config.kernelName, config.backendName);
  if (before) unregisterKernel(config.kernelName, config.backendName);
  registerKernel(config);
  return before;
}
