import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import { createRandom } from "../../../lib/base/random.ts";
import {
  activation,
  batchNorm,
  conv2d,
  dense,
  dropoutLayer,
  flatten,
  maxPool,
  sequential,
} from "../../../lib/models/layers.ts";
import {
  countParameters,
  layerShapes,
  multiplyAdds,
  plainLayers,
} from "../../../lib/models/plain_net.ts";
import { withVariables } from "../../with_backend.ts";
import { reportOne, reportTwo } from "./fixtures/plain_layers.ts";

Deno.test("plainLayers() takes activations out, dropout away, and parameters as they are", async () => {
  await withVariables({ threads: 1 }, () => {
    const random = createRandom(0);
    const alpha = tf.tidy(() => tf.variable(tf.scalar(0.25), true, "alpha"));
    const size = { inChannels: 1, outChannels: 2, filterSize: 3, pad: 1 };
    const layers = [
      sequential([
        conv2d(
          "a",
          { ...size, stride: 2, activation: { kind: "relu-alpha", alpha } },
          random,
        ),
        batchNorm("n", { channels: 2 }),
      ]),
      activation({ kind: "relu" }),
      activation({ kind: "linear" }),
      maxPool(2),
      flatten(),
      dropoutLayer(0.5, random),
      dense("b", { inFeatures: 8, outFeatures: 3 }, random),
    ];
    const plain = plainLayers(layers);
    assert.deepEqual(plain.map(({ kind }) => kind), [
      "conv2d",
      "activation",
      "batch-norm",
      "activation",
      "max-pool",
      "flatten",
      "dense",
    ]);
    const [conv, first, , second] = plain;
    assert.ok(conv?.kind === "conv2d");
    assert.deepEqual(conv.pad, [1, 1]);
    assert.equal(conv.stride, 2);
    assert.deepEqual(
      Float32Array.from(conv.filter),
      layers[0]!.variables[0]!.dataSync(),
    );
    const quarter = Float64Array.of(0.25);
    assert.deepEqual(first, { kind: "activation", alpha: quarter });
    assert.deepEqual(second, { kind: "activation", alpha: null });
    assert.deepEqual(layerShapes(plain, [9, 8, 1]), [
      [9, 8, 1],
      [5, 4, 2],
      [5, 4, 2],
      [5, 4, 2],
      [5, 4, 2],
      [2, 2, 2],
      [8],
      [3],
    ]);
    // 9·2 + 2, α, 4·2 of the batch norm, and 8·3 + 3.
    const parameters = plain.map(countParameters);
    assert.deepEqual(parameters, [20, 1, 8, 0, 0, 0, 27]);
    const variables = tf.memory().numTensors;
    plainLayers(layers);
    assert.equal(tf.memory().numTensors, variables);
  });
  assert.throws(() => plainLayers([{ variables: [], apply: (x) => x }]), {
    name: "TypeError",
    message:
      "Cannot read the net: each layer must say what it computes: got no description",
  });
});

Deno.test("multiply-adds of the reports' nets are those counted by hand", () => {
  const costs = (layers: ReturnType<typeof reportOne>) => {
    const shapes = layerShapes(layers, [28, 28, 1]);
    return layers.map((layer, i) => multiplyAdds(layer, shapes[i]!));
  };
  assert.deepEqual(costs(reportOne([1, 1, 1])), [
    784 * 25 * 8,
    0,
    784 * 25 * 8 * 16,
    0,
    784 * 9 * 16 * 32,
    0,
    0,
    25_088 * 10,
  ]);
  assert.deepEqual(costs(reportTwo([1, 1, 1])), [
    196 * 4 * 15,
    0,
    49 * 4 * 15 * 15,
    0,
    36 * 4 * 15,
    0,
    0,
    36 * 10,
  ]);
});
