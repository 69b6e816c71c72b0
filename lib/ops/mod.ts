/**
 * Kernels as TensorFlow.js ops: each computes and differentiates by the
 * project's own WASM kernels, on all threads.
 *
 * @module
 */
export { fusedBatchNorm } from "./batch_norm.ts";
export type { Activation } from "./bias_activation.ts";
export { dropout } from "./dropout.ts";
export { fusedConv2d } from "./fused_conv2d.ts";
export { fusedDense } from "./fused_dense.ts";
export { pixelTensor } from "./pixel_tensor.ts";
export { reluAlpha } from "./relu_alpha.ts";
