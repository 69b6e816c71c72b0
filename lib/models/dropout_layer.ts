import type { Random } from "../base/random.ts";
import { dropout } from "../ops/dropout.ts";
import type { Layer } from "./layer.ts";

/**
 * Inverted dropout while training, see `dropout` of lib/ops; nothing
 * otherwise. Each call draws one number from the generator.
 *
 * @param rate probability of 0, in [0, 1)
 *
 * @example
 * ```ts
 * import { createRandom, dropoutLayer, startBackend } from "alphalab";
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
  return {
    variables: [],
    description: { kind: "dropout" },
    apply: (x, training) =>
      training ? dropout(x, rate, random.uniformInt(2 ** 32)) : x,
  };
}
