import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import { createRandom } from "../../../lib/base/random.ts";
import type { Net } from "../../../lib/models/classifier.ts";
import {
  batchTensors,
  countCorrect,
  evaluate,
  predict,
} from "../../../lib/train/evaluate.ts";
import { assertAllClose } from "../../assert_all_close.ts";
import { withBackend } from "../../with_backend.ts";
import { tinyDataset, tinyNet } from "./fixtures/tiny_training.ts";

const SHAPE = { height: 1, width: 2, channels: 1 };

/** Five images of two pixels; the right class is the brighter pixel's. */
const SPLIT = {
  images: new Uint8Array([255, 0, 0, 51, 102, 0, 0, 255, 255, 0]),
  labels: new Int32Array([0, 1, 1, 1, 1]),
  count: 5,
};

/** The pixels are the logits, and the loss is a batch's mean of the first. */
const pixelNet: Net = {
  variables: [],
  logits: (images, training) => {
    assert.equal(training, false);
    return images.reshape([-1, 2]) as tf.Tensor2D;
  },
  loss: (logits) => tf.mean(logits.slice([0, 0], [-1, 1])),
};

Deno.test("batchTensors() gives pixels from 0 to 1 and labels", async () => {
  await withBackend({ threads: 1 }, () => {
    const batch = { ...SPLIT, size: SPLIT.count };
    const { images, labels } = batchTensors(batch, SHAPE);
    assertAllClose(images, {
      dtype: "float32",
      shape: [5, 1, 2, 1],
      values: [1, 0, 0, 0.2, 0.4, 0, 0, 1, 1, 0].map(Math.fround),
    }, { rtol: 0, atol: 0 });
    assert.deepEqual([labels.dtype, labels.shape], ["int32", [5]]);
    assert.deepEqual([...labels.dataSync()], [...SPLIT.labels]);
  });
});

Deno.test("evaluate() weighs each example alike, whatever the batches", async () => {
  await withBackend({ threads: 1 }, async () => {
    for (const batchSize of [1, 2, 3, 5, 100]) {
      let pauses = 0;
      const { numTensors } = tf.memory();
      const { loss, accuracy } = await evaluate(pixelNet, SPLIT, SHAPE, {
        batchSize,
        pause: () => {
          pauses++;
          return Promise.resolve();
        },
      });
      assert.ok(Math.abs(loss - (1 + 0.4 + 1) / 5) < 1e-7, `${loss}`);
      assert.equal(accuracy, 3 / 5);
      assert.equal(pauses, Math.ceil(5 / batchSize));
      assert.equal(tf.memory().numTensors, numTensors);
    }
  });
});

Deno.test("evaluate() leaves dropout, the generator and the parameters alone", async () => {
  await withBackend({ threads: 1 }, async () => {
    const random = createRandom(1);
    const net = tinyNet(random, { dropout: 0.9 });
    const state = random.state();
    const dataset = tinyDataset();
    const run = () =>
      evaluate(net, dataset.test, dataset, {
        batchSize: 8,
        pause: () => Promise.resolve(),
      });
    assert.deepEqual(await run(), await run());
    assert.deepEqual(random.state(), state);
    tf.disposeVariables();
  });
});

Deno.test("evaluate() ends when a pause throws", async () => {
  await withBackend({ threads: 1 }, async () => {
    const pause = () => Promise.reject(new Error("stop"));
    await assert.rejects(
      evaluate(pixelNet, SPLIT, SHAPE, { batchSize: 2, pause }),
      { message: "stop" },
    );
  });
});

const count = (logits: number[], labels: number[]) =>
  countCorrect(Float32Array.from(logits), Int32Array.from(labels));

Deno.test("countCorrect() counts the rows whose largest logit is their label's", () => {
  const logits = [1, 2, 3, /**/ -3, -2, -4, /**/ 0, -1, -1];
  assert.equal(count(logits, [2, 1, 0]), 3);
  assert.equal(count(logits, [2, 0, 0]), 2);
  assert.equal(count(logits, [0, 2, 1]), 0);
});

Deno.test("countCorrect() takes the first of equal largest logits", () => {
  assert.equal(count([5, 5, /**/ 5, 5], [0, 1]), 1);
  assert.equal(count([1, 7, 7], [1]), 1);
  assert.equal(count([1, 7, 7], [2]), 0);
});

Deno.test("countCorrect() takes infinities, one class and no rows", () => {
  assert.equal(count([-Infinity, 0, /**/ 0, Infinity], [1, 1]), 2);
  assert.equal(count([-Infinity, -Infinity], [0]), 1);
  assert.equal(count([3, -3], [0, 0]), 2);
  assert.equal(count([], []), 0);
});

const THREE_PIXELS = { height: 1, width: 3, channels: 1 };

/** Pixels of 255 are logits of `scale`. */
function scaledPixelNet(scale: number): Net {
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
      255,
      0,
      0,
      0,
      0,
      255,
      0,
      0,
      0,
      0,
      255,
      255,
    ]);
    const split = { images, labels: new Int32Array(4), count: 4 };
    const e = Math.E;
    const expected = [[0, e / (e + 2)], [2, e / (e + 2)], [0, 1 / 3], [
      1,
      e / (2 * e + 1),
    ]];
    for (const batchSize of [1, 3, 4, 100]) {
      const before = tf.memory().numTensors;
      const predictions = predict(scaledPixelNet(1), split, THREE_PIXELS, {
        batchSize,
      });
      assert.equal(tf.memory().numTensors, before);
      assert.equal(predictions.length, 4);
      for (const [i, { label, probability }] of predictions.entries()) {
        assert.equal(label, expected[i]![0]);
        assert.ok(Math.abs(probability - expected[i]![1]!) < 1e-12);
      }
    }
  });
});

Deno.test("predict() says after each batch how many images it has done", async () => {
  await withBackend({ threads: 1 }, () => {
    const images = new Uint8Array(5 * 3);
    const split = { images, labels: new Int32Array(5), count: 5 };
    const said: number[] = [];
    predict(scaledPixelNet(1), split, THREE_PIXELS, {
      batchSize: 2,
      progress: (images) => said.push(images),
    });
    assert.deepEqual(said, [2, 4, 5]);
  });
});

Deno.test("predict() is sure of logits too large for an exponential", async () => {
  await withBackend({ threads: 1 }, () => {
    const images = new Uint8Array([0, 255, 0]);
    const split = { images, labels: new Int32Array(1), count: 1 };
    assert.deepEqual(
      predict(scaledPixelNet(1e4), split, THREE_PIXELS, { batchSize: 1 }),
      [
        { label: 1, probability: 1 },
      ],
    );
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
