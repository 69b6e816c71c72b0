import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { KernelContext, KernelTable } from "../wasm/kernel_context.ts";

/**
 * Kernel `Identity`, which shares its input's data as `Reshape` does; TF.js's
 * own for WASM copies it, 64 MB a step of report 1's net, because every tensor
 * that a gradient saves is a clone.
 */
export function identityKernels(context: KernelContext): KernelTable {
  return {
    Identity: ({ inputs }) => context.share(inputs.x as TensorInfo),
  };
}
