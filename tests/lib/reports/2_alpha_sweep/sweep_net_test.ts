import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import { createRandom } from "../../../../lib/base/random.ts";
import { createSweepNet } from "../../../../lib/reports/2_alpha_sweep/sweep_net.ts";
import { withBackend } from "../../../with_backend.ts";

const OPTIONS = {
  alphaInit: [0.25, 0.5, 1.5],
  lambda: 0.02,
  clampAlpha: true,
  learningRate: 0.01,
};

Deno.test("createSweepNet() follows the data set's shape", async () => {
  await withBackend({ threads: 1 }, () => {
    const shape = { height: 32, width: 26, channels: 3, numClasses: 4 };
    const net = createSweepNet(OPTIONS, shape, createRandom(0));
    assert.deepEqual(net.logits(tf.ones([2, 32, 26, 3]), false).shape, [2, 4]);
    tf.disposeVariables();
  });
});

Deno.test("createSweepNet() starts from its α, adds λ Σ |α| to the loss, and keeps α in [0, 1]", async () => {
  await withBackend({ threads: 1 }, () => {
    const shape = { height: 28, width: 28, channels: 1, numClasses: 10 };
    const lossOf = (lambda: number) => {
      const net = createSweepNet(
        { ...OPTIONS, lambda },
        shape,
        createRandom(0),
      );
      const alphas = () => net.alphas.map((alpha) => alpha.dataSync()[0]!);
      assert.deepEqual(alphas(), [0.25, 0.5, 1.5]);
      const logits = net.logits(tf.ones([2, 28, 28, 1]), false);
      const labels = tf.tensor1d([3, 7], "int32");
      const loss = net.loss(logits, labels).dataSync()[0]!;
      net.afterUpdate!();
      assert.deepEqual(alphas(), [0.25, 0.5, 1]);
      tf.disposeVariables();
      return loss;
    };
    assert.ok(Math.abs(lossOf(2) - lossOf(0) - 2 * 2.25) < 1e-5);
  });
});
