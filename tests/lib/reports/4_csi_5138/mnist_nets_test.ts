import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import type { Classifier } from "../../../../lib/models/classifier.ts";
import { createRandom } from "../../../../lib/base/random.ts";
import {
  createMnistNet,
  MNIST_MODELS,
  type MnistModel,
} from "../../../../lib/reports/4_csi_5138/mnist_nets.ts";
import { assertAllClose } from "../../../assert_all_close.ts";
import { withBackend } from "../../../with_backend.ts";

const MNIST = { height: 28, width: 28, channels: 1, numClasses: 10 };

/** Calls a test with one net after the other: their variables share names. */
async function withNets(
  sizes: typeof MNIST,
  body: (net: Classifier, model: MnistModel) => void,
) {
  await withBackend({ threads: 2 }, () => {
    for (const model of MNIST_MODELS) {
      try {
        tf.tidy(() =>
          body(createMnistNet(model, sizes, createRandom(1)), model)
        );
      } finally {
        tf.disposeVariables();
      }
    }
  });
}

/** The shapes between the layers, without the batch, and parameter counts. */
function shapesOf(
  { layers }: Classifier,
  { height, width, channels }: typeof MNIST,
) {
  let x: tf.Tensor = tf.ones([2, height, width, channels]);
  return layers.map((layer) => {
    x = layer.apply(x, false);
    const size = layer.variables.reduce((sum, { size }) => sum + size, 0);
    return `${x.shape.slice(1).join("×")} ${size}`;
  });
}

/**
 * Sizes as the report has them; in all 7,850, 669,706 and 1,199,882 parameters,
 * which is what Keras counts for its examples mnist_mlp.py and mnist_cnn.py.
 */
Deno.test("createMnistNet() has the report's layers", async () => {
  const shapes: Record<string, string[]> = {};
  const totals: Record<string, number> = {};
  await withNets(MNIST, (net, model) => {
    shapes[model] = shapesOf(net, MNIST);
    totals[model] = net.variables.reduce((sum, { size }) => sum + size, 0);
  });
  assert.deepEqual(shapes, {
    softmax: ["784 0", "10 7850"],
    mlp: ["784 0", "512 401920", "512 0", "512 262656", "512 0", "10 5130"],
    // deno-fmt-ignore
    convnet: [
      "26×26×32 320", "24×24×64 18496", "12×12×64 0", "12×12×64 0", "9216 0",
      "128 1179776", "128 0", "10 1290",
    ],
  });
  assert.deepEqual(totals, {
    softmax: 7_850,
    mlp: 669_706,
    convnet: 1_199_882,
  });
});

Deno.test("createMnistNet() has ReLU in every hidden layer, and logits behind the last", async () => {
  const activations: Record<string, string[]> = {};
  await withNets(MNIST, ({ layers }, model) => {
    activations[model] = layers.flatMap(({ description }) =>
      description && "activation" in description
        ? [description.activation.kind]
        : []
    );
  });
  assert.deepEqual(activations, {
    softmax: ["linear"],
    mlp: ["relu", "relu", "linear"],
    convnet: ["relu", "relu", "relu", "linear"],
  });
});

Deno.test("createMnistNet() takes its sizes from the data set", async () => {
  // An odd height, whose last row the pool leaves out: ⌊(31 − 4) / 2⌋ = 13.
  const sizes = { height: 31, width: 32, channels: 3, numClasses: 4 };
  const features: Record<string, string[]> = {};
  await withNets(sizes, (net, model) => {
    features[model] = shapesOf(net, sizes).map((text) => text.split(" ")[0]!);
  });
  assert.deepEqual(features, {
    softmax: ["2976", "4"],
    mlp: ["2976", "512", "512", "512", "512", "4"],
    // deno-fmt-ignore
    convnet: [
      "29×30×32", "27×28×64", "13×14×64", "13×14×64", "11648", "128", "128",
      "4",
    ],
  });
});

Deno.test("createMnistNet() drops as much as the report, in training alone", async () => {
  const rates: Record<string, number[]> = {};
  await withNets(MNIST, ({ layers, logits }, model) => {
    // Zeros of 10,000 to a layer without variables that keeps its shape.
    rates[model] = layers.filter(({ variables }) => variables.length === 0)
      .map((layer) => {
        const x = tf.ones([1, 100, 100, 1]);
        const y = layer.apply(x, true);
        return y.dataSync<"float32">().filter((v) => v === 0).length / y.size;
      }).filter((rate) => rate > 0);
    const x = tf.ones([2, 28, 28, 1]) as tf.Tensor4D;
    const [rest, again, trained] = [false, false, true]
      .map((training) => [...logits(x, training).dataSync()]);
    assert.deepEqual(again, rest);
    if (model === "softmax") assert.deepEqual(trained, rest);
    else assert.notDeepEqual(trained, rest);
  });
  const expected = { softmax: [], mlp: [0.2, 0.2], convnet: [0.25, 0.5] };
  for (const model of MNIST_MODELS) {
    assert.equal(rates[model]!.length, expected[model].length, model);
    // Five standard deviations of a share of 10,000: at most √(0.25 / 10,000).
    expected[model].forEach((rate, i) =>
      assert.ok(Math.abs(rates[model]![i]! - rate) < 0.025, `${rates[model]}`)
    );
  }
});

Deno.test("createMnistNet() minimizes the mean negative log-likelihood by Adadelta as PyTorch has it", async () => {
  await withNets(MNIST, ({ loss, optimizer }) => {
    // Softmax [1/4, 3/4] and [1/2, 1/2]: the mean of ln 4 and ln 2.
    const logits = tf.tensor2d([[0, Math.log(3)], [5, 5]]);
    assertAllClose(loss(logits, tf.tensor1d([0, 1], "int32")), {
      dtype: "float32",
      shape: [],
      values: [1.5 * Math.LN2],
    }, { rtol: 1e-6, atol: 0 });
    assert.deepEqual(optimizer.getConfig(), {
      learningRate: 1,
      rho: 0.9,
      epsilon: 1e-6,
      weightDecay: 0,
    });
  });
});
