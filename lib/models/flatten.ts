import * as tf from "@tensorflow/tfjs";
import type { Layer } from "./layer.ts";

/**
 * Rows of features: `[batch, …]` → `[batch, features]`.
 *
 * @example
 * ```ts
 * import { flatten, startBackend } from "alphalab";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const backend = await startBackend({ threads: 1 });
 * console.log(flatten().apply(tf.ones([2, 3, 4]), false).shape); // [ 2, 12 ]
 * backend.stop();
 * ```
 */
export function flatten(): Layer {
  return {
    variables: [],
    description: { kind: "flatten" },
    apply: (x) => {
      const [batch, ...rest] = x.shape;
      return tf.reshape(x, [batch!, tf.util.sizeFromShape(rest)]);
    },
  };
}
