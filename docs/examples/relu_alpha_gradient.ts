/**
 * Start the backend and differentiate ReLU_α.
 *
 *   deno run -q -P=read docs/examples/relu_alpha_gradient.ts
 */
import { startBackend } from "alphalab";
import { reluAlpha } from "alphalab/ops";
import * as tf from "@tensorflow/tfjs";

const backend = await startBackend({ threads: 2 });

// ReLU_α(x) = x where x > 0, (1 − α) x elsewhere.
const x = tf.tensor1d([-2, -1, 1, 2]);
const alpha = tf.scalar(0.75);
console.log("y", reluAlpha(x, alpha).arraySync());

// tf.grads differentiates a function by all its arguments.
const sum = (x: tf.Tensor, alpha: tf.Tensor) =>
  tf.sum(reluAlpha(x, alpha as tf.Scalar));
const [dx, dAlpha] = tf.grads(sum)([x, alpha]);
console.log("dx", dx!.arraySync()); // 1 − α below zero, 1 above
console.log("dα", dAlpha!.arraySync()); // Σ ReLU(−x)

backend.stop();
