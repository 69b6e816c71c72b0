import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import { createRandom } from "../../../lib/base/random.ts";
import {
  batchTensors,
  evaluate,
  type Net,
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
        ...{ batchSize: 8, pause: () => Promise.resolve() },
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
