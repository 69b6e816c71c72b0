import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import { createRandom } from "../../../lib/base/random.ts";
import { meanLoss } from "../../../lib/losses/mean_loss.ts";
import { l2Penalty } from "../../../lib/losses/penalties.ts";
import { softmaxCrossEntropy } from "../../../lib/losses/softmax_cross_entropy.ts";
import {
  classifier,
  type ClassifierOptions,
} from "../../../lib/models/classifier.ts";
import {
  batchNorm,
  dense,
  dropoutLayer,
  flatten,
} from "../../../lib/models/layers.ts";
import { Sgd } from "../../../lib/optimizers/sgd.ts";
import { fit } from "../../../lib/train/fit.ts";
import { assertAllClose } from "../../assert_all_close.ts";
import { softmaxCrossEntropy as oracle } from "../../reference/softmax_cross_entropy.ts";
import { withBackend } from "../../with_backend.ts";

const PIXELS = 3, CLASSES = 2, LEARNING_RATE = 0.5;

const split = {
  images: Uint8Array.of(255, 0, 51, 0, 102, 255),
  labels: Int32Array.of(1, 0),
  count: 2,
};

const dataset = {
  name: "rows",
  height: 1,
  width: PIXELS,
  channels: 1,
  numClasses: CLASSES,
  classNames: ["a", "b"],
  sha256: {},
  remarks: [],
  train: split,
  validation: null,
  test: split,
};

function linearLayers() {
  const size = { inFeatures: PIXELS, outFeatures: CLASSES };
  return [flatten(), dense("fc", size, createRandom(0))];
}

function linear(options: Partial<ClassifierOptions> = {}) {
  return classifier({
    layers: options.layers ?? linearLayers(),
    loss: (logits, labels) => meanLoss(softmaxCrossEntropy(logits, labels)),
    optimizer: new Sgd({ learningRate: LEARNING_RATE }),
    penalty: options.penalty,
    project: options.project,
  });
}

/** Trains by one step, and returns the loss that was reported. */
async function takeStep(net: ReturnType<typeof linear>): Promise<number> {
  const random = createRandom(1);
  let reported = NaN;
  await fit(net, dataset, {
    epochs: 1,
    batchSize: split.count,
    random,
    events: {
      step: ({ loss }) => void (reported = loss),
    },
  });
  return reported;
}

Deno.test("classifier() takes a step down its loss and its penalty, and reports the loss alone", async () => {
  await withBackend({ threads: 1 }, async () => {
    const lambda = 3;
    const layers = linearLayers();
    const [weights] = layers[1]!.variables;
    const net = linear({
      layers,
      penalty: () => l2Penalty([weights!], lambda),
    });
    const before = Float64Array.from(weights!.dataSync());
    const x = Float64Array.from(split.images, (pixel) => pixel / 255);
    const logits = [0, 1].flatMap((row) =>
      [0, 1].map((k) =>
        x.subarray(row * PIXELS, (row + 1) * PIXELS)
          .reduce((sum, xi, i) => sum + xi * before[i * CLASSES + k]!, 0)
      )
    );
    const bias = layers[1]!.variables[1]!.dataSync();
    const z = logits.map((value, i) => value + bias[i % CLASSES]!);
    const { loss, dLogits } = oracle(z, split.labels, CLASSES);

    const reported = await takeStep(net);

    assert.ok(Math.abs(reported - (loss[0]! + loss[1]!) / 2) < 1e-6);
    const expected = before.map((w, at) => {
      const [i, k] = [Math.floor(at / CLASSES), at % CLASSES];
      const dLoss = [0, 1].reduce(
        (sum, row) =>
          sum + x[row * PIXELS + i]! * dLogits[row * CLASSES + k]! / 2,
        0,
      );
      return w - LEARNING_RATE * (dLoss + lambda * w);
    });
    assertAllClose(
      weights!,
      { values: expected, shape: [PIXELS, CLASSES], dtype: "float32" },
      { rtol: 1e-5, atol: 1e-6 },
    );
    tf.disposeVariables();
  });
});

Deno.test("classifier() projects after the update", async () => {
  await withBackend({ threads: 1 }, async () => {
    const net = linear({
      project: () =>
        tf.tidy(() =>
          net.variables.forEach((w) => w.assign(tf.clipByValue(w, 0, 0.1)))
        ),
    });
    await takeStep(net);
    const values = net.variables.flatMap((w) => [...w.dataSync()]);
    assert.equal(Math.min(...values), 0);
    assert.equal(Math.max(...values), Math.fround(0.1));
    tf.disposeVariables();
  });
});

Deno.test("classifier() has the parameters and buffers of its layers, and tells them when it trains", async () => {
  await withBackend({ threads: 1 }, () => {
    const net = linear({
      layers: [
        ...linearLayers(),
        batchNorm("norm", { channels: CLASSES }),
        dropoutLayer(0.9, createRandom(0)),
      ],
    });
    const names = (variables: readonly tf.Variable[] = []) =>
      variables.map(({ name }) => name);
    assert.deepEqual(names(net.variables), [
      "fc/weights",
      "fc/bias",
      "norm/scale",
      "norm/offset",
    ]);
    assert.deepEqual(names(net.buffers), [
      "norm/runningMean",
      "norm/runningVariance",
    ]);
    const x = tf.randomUniform<tf.Rank.R4>(
      [50, 1, PIXELS, 1],
      0,
      1,
      "float32",
      7,
    );
    const zeros = (training: boolean) =>
      net.logits(x, training).dataSync().filter((z) => z === 0).length;
    assert.equal(zeros(false), 0);
    assert.ok(zeros(true) > 50, "nine tenths are dropped");
    tf.disposeVariables();
  });
});
