/**
 * Deep-learning homework, reproduced in a terminal: TensorFlow.js's WASM
 * backend with threads under Deno, kernels of its own, and what a training
 * script needs around them.
 *
 * @example
 * ```ts
 * import { startBackend } from "alphalab";
 * import { reluAlpha } from "alphalab/ops";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const backend = await startBackend({ threads: 2 });
 * const f = (x: tf.Tensor) => reluAlpha(x, tf.scalar(0.5));
 * const dx = tf.grad(f)(tf.tensor1d([-1, 2]));
 * console.log(dx.dataSync()); // Float32Array [ 0.5, 1 ]
 * backend.stop();
 * ```
 * @module
 */
export { type Backend, startBackend } from "./lib/backend/start_backend.ts";
export type { SimdLevel } from "./lib/wasm/kernel_module.ts";
