import * as tf from "@tensorflow/tfjs";
import type { Layer } from "./layer.ts";

/**
 * Largest value of each `size` × `size` window, `size` apart.
 *
 * @example
 * ```ts
 * import { maxPool, startBackend } from "alphalab";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const backend = await startBackend({ threads: 1 });
 * const x = tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1]);
 * console.log(maxPool(2).apply(x, false).dataSync()); // Float32Array [ 4 ]
 * backend.stop();
 * ```
 */
export function maxPool(size: number): Layer {
  return {
    variables: [],
    description: { kind: "max-pool", size },
    apply: (x) => tf.maxPool(x as tf.Tensor4D, size, size, "valid"),
  };
}
