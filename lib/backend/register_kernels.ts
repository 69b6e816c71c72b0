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
import { meanLossGradient, meanLossKernels } from "../losses/mean_loss.ts";
import {
  multiclassHingeGradient,
  multiclassHingeKernels,
} from "../losses/multiclass_hinge.ts";
import { scaleRowsKernels } from "../losses/per_example_loss.ts";
import {
  softmaxCrossEntropyGradient,
  softmaxCrossEntropyKernels,
} from "../losses/softmax_cross_entropy.ts";
import { batchNormGradient, batchNormKernels } from "../ops/batch_norm.ts";
import { biasActivationKernels } from "../ops/bias_activation.ts";
import { clipByValueKernels } from "../ops/clip_by_value.ts";
import { conv2dKernels } from "../ops/conv2d.ts";
import {
  conv2dFilterGradKernels,
  conv2dGradients,
} from "../ops/conv2d_gradients.ts";
import {
  depthwiseConv2dGradKernels,
  depthwiseConv2dKernels,
} from "../ops/depthwise_conv2d.ts";
import { dropoutGradient, dropoutKernels } from "../ops/dropout.ts";
import { einsumKernels } from "../ops/einsum.ts";
import {
  fusedConv2dGradients,
  fusedConv2dKernels,
} from "../ops/fused_conv2d.ts";
import { fusedDenseGradients, fusedDenseKernels } from "../ops/fused_dense.ts";
import { matMulKernels } from "../ops/mat_mul.ts";
import {
  identityKernels,
  mendedKernels,
  numberKernels,
  resizeNearestGradKernels,
} from "../ops/mended_kernels.ts";
import { pixelTensorKernels } from "../ops/pixel_tensor.ts";
import { poolingKernels } from "../ops/pooling.ts";
import { preluGradient, preluKernels } from "../ops/prelu.ts";
import { reluAlphaGradient, reluAlphaKernels } from "../ops/relu_alpha.ts";
import { repairedKernels } from "../ops/stock_repairs.ts";
import { unsortedSegmentSumKernels } from "../ops/unsorted_segment_sum.ts";
import { windowMaximaKernels } from "../ops/window_maxima.ts";
import type { KernelContext, KernelTable } from "../wasm/kernel_context.ts";

/** Gradients that TF.js does not have, not in one pass, or not whole. */
const GRADIENTS: GradConfig[] = [
  batchNormGradient,
  ...conv2dGradients,
  dropoutGradient,
  ...fusedConv2dGradients,
  ...fusedDenseGradients,
  meanLossGradient,
  multiclassHingeGradient,
  preluGradient,
  reluAlphaGradient,
  softmaxCrossEntropyGradient,
];

/**
 * Registers all kernels for TF.js's `wasm` backend, and their gradients.
 * Gradients hold for all backends.
 *
 * @returns a function that puts TF.js's own kernels and gradients back
 */
export function registerKernels(context: KernelContext): () => void {
  const repaired = repairedKernels(context);
  const table: KernelTable = {
    ...repaired, // first: what is ours stands above it
    ...batchNormKernels(context),
    ...biasActivationKernels(context),
    ...clipByValueKernels(context),
    ...conv2dKernels(context),
    ...conv2dFilterGradKernels(context),
    ...depthwiseConv2dKernels(context),
    ...depthwiseConv2dGradKernels(context),
    ...dropoutKernels(context),
    ...einsumKernels(context),
    ...fusedConv2dKernels(context),
    ...fusedDenseKernels(context),
    ...identityKernels(context),
    ...matMulKernels(context),
    ...meanLossKernels(context),
    ...mendedKernels(context),
    ...multiclassHingeKernels(context),
    ...numberKernels(repaired),
    ...pixelTensorKernels(context),
    ...poolingKernels(context),
    ...preluKernels(context),
    ...reluAlphaKernels(context),
    ...resizeNearestGradKernels(context),
    ...scaleRowsKernels(context),
    ...softmaxCrossEntropyKernels(context),
    ...unsortedSegmentSumKernels(context),
    ...windowMaximaKernels(context),
  };
  const stock = new Map<string, KernelConfig | undefined>();
  for (const [kernelName, kernelFunc] of Object.entries(table)) {
    const config = { kernelName, backendName: "wasm", kernelFunc };
    stock.set(kernelName, swap(config));
  }
  const stockGradients = GRADIENTS.map(swapGradient);
  return () => {
    for (const [kernelName, config] of stock) {
      if (config) swap(config);
      else unregisterKernel(kernelName, "wasm");
    }
    GRADIENTS.forEach(({ kernelName }, i) => {
      if (stockGradients[i]) swapGradient(stockGradients[i]);
      else unregisterGradient(kernelName);
    });
  };
}

/** Registers a kernel and returns the one that was there. */
function swap(config: KernelConfig): KernelConfig | undefined {
  const before = getKernel(config.kernelName, config.backendName);
  if (before) unregisterKernel(config.kernelName, config.backendName);
  registerKernel(config);
  return before;
}

/** Registers a gradient and returns the one that was there. */
function swapGradient(config: GradConfig): GradConfig | undefined {
  const before = getGradient(config.kernelName);
  if (before) unregisterGradient(config.kernelName);
  registerGradient(config);
  return before;
}
