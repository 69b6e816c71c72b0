import * as tf from "@tensorflow/tfjs";
import type { Activation } from "../ops/bias_activation.ts";
import { reluAlpha } from "../ops/relu_alpha.ts";
import type { Layer } from "./layer.ts";
import { activationVariables } from "./layer_variables.ts";

/**
 * An activation on its own, where something is between it and the sums; `conv2d`
 * and `dense` fuse theirs.
 *
 * @param f nothing, ReLU or ReLU_α, whose α is trained if it is a variable
 *
 * @example
 * ```ts
 * import { activation, startBackend } from "alphalab";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const backend = await startBackend({ threads: 1 });
 * const layer = activation({ kind: "relu-alpha", alpha: tf.scalar(0.75) });
 * console.log(layer.apply(tf.tensor1d([-2, 3]), false).dataSync()); // -0.5 3
 * backend.stop();
 * ```
 */
export function activation(f: Activation): Layer {
  return {
    variables: activationVariables(f),
    description: { kind: "activation", activation: f },
    apply(x) {
      if (f.kind === "linear") return x;
      return f.kind === "relu"
        ? tf.relu(x)
        : reluAlpha(x, f.alpha as tf.Scalar);
    },
  };
}
