import * as tf from "@tensorflow/tfjs";
import type { Layer } from "../../models/layers.ts";

/**
 * An image after each of a net's layers.
 *
 * @param layers the net's first ones, each with an output of rank 4
 * @param image float32 `[1, height, width, channels]`
 * @returns one list a layer: its channels, each float32 `[height, width]`
 *
 * @example
 * ```ts
 * import { type Layer, layerPlanes, startBackend } from "alphalab";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const backend = await startBackend({ threads: 1 });
 * const twice: Layer = { variables: [], apply: (x) => tf.concat([x, tf.neg(x)], 3) };
 * const [channels] = layerPlanes([twice], tf.tensor4d([1, 2], [1, 1, 2, 1]));
 * console.log(channels); // [ Float32Array [ 1, 2 ], Float32Array [ -1, -2 ] ]
 * backend.stop();
 * ```
 */
export function layerPlanes(
  layers: readonly Layer[],
  image: tf.Tensor4D,
): Float32Array[][] {
  return tf.tidy(() => {
    let x: tf.Tensor = image;
    return layers.map((layer) => {
      x = layer.apply(x, false); // [1, height, width, channels]
      const values = x.dataSync<"float32">();
      const channels = x.shape[3]!;
      return Array.from(
        { length: channels },
        (_, k) => values.filter((_, i) => i % channels === k),
      );
    });
  });
}
