import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import { meanLoss } from "../../../lib/losses/mean_loss.ts";
import { softmaxCrossEntropy } from "../../../lib/losses/softmax_cross_entropy.ts";
import { withBackend } from "../../with_backend.ts";

Deno.test("meanLoss() is the mean, and its gradient the same part for each example", async () => {
  await withBackend({ threads: 1 }, () => {
    const losses = tf.tensor1d([1, 2, 6, -1]);
    assert.equal(meanLoss(losses).dataSync()[0], 2);
    const scaled = tf.grad((x) => tf.mul(meanLoss(x as tf.Tensor1D), 3));
    assert.deepEqual([...scaled(losses).dataSync()], [0.75, 0.75, 0.75, 0.75]);
  });
});

Deno.test("meanLoss() carries NaN through, and adds in float64", async () => {
  await withBackend({ threads: 1 }, () => {
    assert.ok(Number.isNaN(meanLoss(tf.tensor1d([1, NaN])).dataSync()[0]));
    // 2²⁴ + 1 + 1 in float32 stays 2²⁴.
    const mean = meanLoss(tf.tensor1d([2 ** 24, 1, 1, 0])).dataSync()[0];
    assert.equal(mean, Math.fround((2 ** 24 + 2) / 4));
  });
});

Deno.test("meanLoss() of softmaxCrossEntropy() has the gradient that tf.mean gives it", async () => {
  await withBackend({ threads: 1 }, () => {
    const logits = tf.tensor2d([[1, 2, -1], [0.5, 0, 3]]);
    const labels = tf.tensor1d([2, 0], "int32");
    const loss = (x: tf.Tensor) =>
      softmaxCrossEntropy(x as tf.Tensor2D, labels);
    const ours = tf.grad((x) => meanLoss(loss(x)))(logits).dataSync();
    const theirs = tf.grad((x) => tf.mean(loss(x)))(logits).dataSync();
    for (const [i, value] of theirs.entries()) {
      assert.ok(Math.abs(ours[i]! - value) <= 2 ** -24, `${ours[i]} ${value}`);
    }
  });
});

Deno.test("meanLoss() refuses what is no batch of losses", async () => {
  await withBackend({ threads: 1 }, () => {
    const refused = (x: tf.Tensor, text: string, kind: typeof Error) =>
      assert.throws(() => meanLoss(x as tf.Tensor1D), new kind(text));
    refused(
      tf.tensor1d([]),
      "Cannot compute meanLoss: perExampleLoss must be [batchSize], not empty: got [0]",
      RangeError,
    );
    refused(
      tf.tensor1d([1], "int32"),
      "Cannot compute meanLoss: perExampleLoss must be float32: got int32",
      TypeError,
    );
  });
});
