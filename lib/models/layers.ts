import * as tf from "@tensorflow/tfjs";
import { checkIntegers } from "../base/errors.ts";
import type { Random } from "../base/random.ts";
import type { Activation } from "../ops/bias_activation.ts";
import { dropout } from "../ops/dropout.ts";
import { reluAlpha } from "../ops/relu_alpha.ts";
import { activationVariables, type Layer } from "./layer.ts";

export * from "./batch_norm.ts";
export * from "./conv2d.ts";
export * from "./dense.ts";
export { type Layer, type LayerDescription, sequential } from "./layer.ts";

/**
 * An activation as a layer of its own, for nets with something between the sums
 * and the activation; `conv2d` and `dense` fuse theirs.
 *
 * @param f nothing, ReLU or ReLU_α, whose α is trained if it is a variable
 * @returns any shape → the same shape
 *
 * @example
 * ```ts
 * import { startBackend } from "alphalab";
 * import { activation } from "alphalab/models";
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

/**
 * Inverted dropout while training, see `dropout` of lib/ops; nothing
 * otherwise. Each call draws one number from the generator.
 *
 * @param rate probability of 0, in [0, 1)
 * @param random what each call's number is drawn from
 * @returns any shape → the same shape
 * @throws {RangeError} for a rate out of range
 *
 * @example
 * ```ts
 * import { startBackend } from "alphalab";
 * import { dropoutLayer } from "alphalab/models";
 * import { createRandom } from "alphalab/random";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const backend = await startBackend({ threads: 1 });
 * const layer = dropoutLayer(0.5, createRandom(0));
 * console.log(layer.apply(tf.ones([6]), true).dataSync()); // zeros and twos
 * console.log(layer.apply(tf.ones([6]), false).dataSync()); // ones
 * backend.stop();
 * ```
 */
export function dropoutLayer(rate: number, random: Random): Layer {
  if (!(rate >= 0 && rate < 1)) {
    throw new RangeError(
      `Cannot make dropout: rate must be in [0, 1): got ${rate}`,
    );
  }
  return {
    variables: [],
    description: { kind: "dropout" },
    apply: (x, training) =>
      training ? dropout(x, rate, random.uniformInt(2 ** 32)) : x,
  };
}

/**
 * Rows of features.
 *
 * @returns `[batch, …]` → `[batch, features]`
 *
 * @example
 * ```ts
 * import { startBackend } from "alphalab";
 * import { flatten } from "alphalab/models";
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

/**
 * Largest value of each `size` × `size` window, `size` apart.
 *
 * @param size pixels, at least 1; what is left at the end is dropped
 * @returns `[batch, height, width, channels]` → `[batch, ⌊height / size⌋,
 * ⌊width / size⌋, channels]`
 * @throws {RangeError} for a size that is no positive integer
 *
 * @example
 * ```ts
 * import { startBackend } from "alphalab";
 * import { maxPool } from "alphalab/models";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const backend = await startBackend({ threads: 1 });
 * const x = tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1]);
 * console.log(maxPool(2).apply(x, false).dataSync()); // Float32Array [ 4 ]
 * backend.stop();
 * ```
 */
export function maxPool(size: number): Layer {
  checkIntegers("make max pooling", { size }, 1);
  return {
    variables: [],
    description: { kind: "max-pool", size },
    apply: (x) => tf.maxPool(x as tf.Tensor4D, size, size, "valid"),
  };
}
