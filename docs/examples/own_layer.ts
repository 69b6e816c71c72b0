/**
 * A layer of your own: y = s · x + t with a trained s and t per feature.
 *
 *   deno run -q -P=read docs/examples/own_layer.ts
 */
import { startBackend } from "alphalab";
import { type Layer, sequential } from "alphalab/models";
import { Sgd } from "alphalab/optimizers";
import * as tf from "@tensorflow/tfjs";

/** From `[batch, features]` to the same shape; s is 1 at the start, t 0. */
function scaleShift(name: string, features: number): Layer {
  const scale = tf.variable(tf.ones([features]), true, `${name}/scale`);
  const shift = tf.variable(tf.zeros([features]), true, `${name}/shift`);
  return {
    variables: [scale, shift],
    apply: (x) => tf.add(tf.mul(x, scale), shift),
  };
}

const backend = await startBackend({ threads: 1 });
// A layer is used as those of alphalab/models are: alone or in a net.
const net = sequential([scaleShift("first", 2)]);
const x = tf.tensor2d([[1, 1], [2, 3], [3, -1]]);
const target = tf.tensor2d([[3, -1], [5, -3], [7, 1]]); // 2x + 1 and −x

const optimizer = new Sgd({ learningRate: 0.05, momentum: 0.9 });
for (let step = 0; step < 200; step++) {
  optimizer.minimize(() =>
    tf.losses.meanSquaredError(target, net.apply(x, true)) as tf.Scalar
  );
}
const [scale, shift] = net.variables;
console.log("s", [...scale!.dataSync()]); // near 2 and −1
console.log("t", [...shift!.dataSync()]); // near 1 and 0
backend.stop();
