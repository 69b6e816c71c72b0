import type { Layer } from "./layer.ts";

/**
 * Layers one after the other: a net, or a part of one.
 *
 * @example
 * ```ts
 * import {
 *   createRandom,
 *   dense,
 *   flatten,
 *   sequential,
 *   startBackend,
 * } from "alphalab";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const backend = await startBackend({ threads: 1 });
 * const net = sequential([
 *   flatten(),
 *   dense("fc1", { inFeatures: 784, outFeatures: 10 }, createRandom(0)),
 * ]);
 * console.log(net.apply(tf.ones([2, 28, 28, 1]), false).shape); // [ 2, 10 ]
 * backend.stop();
 * ```
 */
export function sequential(layers: readonly Layer[]): Layer {
  return {
    variables: layers.flatMap(({ variables }) => variables),
    buffers: layers.flatMap(({ buffers = [] }) => buffers),
    description: { kind: "sequential", layers },
    apply: (x, training) =>
      layers.reduce((input, layer) => layer.apply(input, training), x),
  };
}
