import { deepEqual, equal } from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import { layerPlanes } from "../../../../lib/reports/1_linearization/layer_planes.ts";
import type { Layer } from "../../../../lib/models/layers.ts";
import { withBackend } from "../../../with_backend.ts";

Deno.test("layerPlanes() gives each layer's channels, one after the other, and keeps no tensor", async () => {
  await withBackend({ threads: 1 }, () => {
    const split: Layer = {
      variables: [],
      apply: (x, training) => {
        equal(training, false);
        return tf.concat([x, tf.mul(x, 10)], 3);
      },
    };
    const negate: Layer = { variables: [], apply: (x) => tf.neg(x) };
    const x = tf.tensor4d([1, 2, 3, 4, 5, 6], [1, 2, 3, 1]);
    const before = tf.memory().numTensors;
    deepEqual(layerPlanes([split, negate], x), [
      [
        new Float32Array([1, 2, 3, 4, 5, 6]),
        new Float32Array([10, 20, 30, 40, 50, 60]),
      ],
      [
        new Float32Array([-1, -2, -3, -4, -5, -6]),
        new Float32Array([-10, -20, -30, -40, -50, -60]),
      ],
    ]);
    equal(tf.memory().numTensors, before);
    x.dispose();
  });
});
