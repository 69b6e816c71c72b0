import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import type { Net } from "../../../lib/train/evaluate.ts";
import { predict } from "../../../lib/train/predict.ts";
import { withBackend } from "../../with_backend.ts";

const SHAPE = { height: 1, width: 3, channels: 1 };

/** Pixels of 255 are logits of `scale`. */
function pixelNet(scale: number): Net {
  return {
    variables: [],
    logits: (images, training) => {
      assert.equal(training, false);
      return tf.mul(images.reshape([-1, 3]), scale) as tf.Tensor2D;
    },
    loss: () => tf.scalar(0),
  };
}

Deno.test("predict() gives the largest logit's class and its softmax, whatever the batches", async () => {
  await withBackend({ threads: 1 }, () => {
    const images = new Uint8Array([
      ...[255, 0, 0, 0, 0, 255, 0, 0, 0, 0, 255, 255],
    ]);
    const split = { images, labels: new Int32Array(4), count: 4 };
    const e = Math.E;
    const expected = [[0, e / (e + 2)], [2, e / (e + 2)], [0, 1 / 3], [
      ...[1, e / (2 * e + 1)],
    ]];
    for (const batchSize of [1, 3, 4, 100]) {
      const before = tf.memory().numTensors;
      const predictions = predict(pixelNet(1), split, SHAPE, { batchSize });
      assert.equal(tf.memory().numTensors, before);
      assert.equal(predictions.length, 4);
      for (const [i, { label, probability }] of predictions.entries()) {
        assert.equal(label, expected[i]![0]);
        assert.ok(Math.abs(probability - expected[i]![1]!) < 1e-12);
      }
    }
  });
});

Deno.test("predict() is sure of logits too large for an exponential", async () => {
  await withBackend({ threads: 1 }, () => {
    const images = new Uint8Array([0, 255, 0]);
    const split = { images, labels: new Int32Array(1), count: 1 };
    assert.deepEqual(predict(pixelNet(1e4), split, SHAPE, { batchSize: 1 }), [
      { label: 1, probability: 1 },
    ]);
  });
});

Deno.test("predict() takes 200,000 classes", async () => {
  await withBackend({ threads: 1 }, () => {
    const images = new Uint8Array(200_000);
    images[123_456] = 255;
    const split = { images, labels: new Int32Array(1), count: 1 };
    const shape = { height: 400, width: 500, channels: 1 };
    const net: Net = {
      variables: [],
      logits: (images) => tf.reshape(images, [1, -1]) as tf.Tensor2D,
      loss: () => tf.scalar(0),
    };
    const [prediction] = predict(net, split, shape, { batchSize: 1 });
    assert.equal(prediction!.label, 123_456);
    const probability = Math.E / (Math.E + 199_999);
    assert.ok(Math.abs(prediction!.probability - probability) < 1e-15);
  });
});
