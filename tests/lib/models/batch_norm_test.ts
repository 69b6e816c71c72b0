import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import { createRandom } from "../../../lib/base/random.ts";
import {
  activation,
  batchNorm,
  conv2d,
  dense,
  flatten,
  maxPool,
  sequential,
} from "../../../lib/models/layers.ts";
import { Adam } from "../../../lib/optimizers/adam.ts";
import { assertAllClose, assertValuesClose } from "../../assert_all_close.ts";
import golden from "../../golden/batch_norm.json" with { type: "json" };
import { withBackend, withVariables } from "../../with_backend.ts";

/** Gives a layer's first variables values that can be worked with by hand. */
function assign(variables: readonly tf.Variable[], values: number[][]) {
  values.forEach((array, i) => {
    const variable = variables[i]!;
    tf.tidy(() => variable.assign(tf.tensor(array, variable.shape)));
  });
}

Deno.test("batchNorm's running statistics and gradients after 3 batches, and its values at rest, are PyTorch's", async () => {
  await withVariables({ threads: 2 }, () => {
    const shape = golden.shape as [number, number, number, number];
    const layer = batchNorm("norm", { channels: 3 });
    assign(layer.variables, [golden.scale, golden.offset]);
    const near = { rtol: 1e-6, atol: 4e-6 };
    for (const step of golden.steps) {
      tf.tidy(() => {
        const dy = tf.tensor4d(step.dy, shape);
        const { grads } = tf.variableGrads(() => {
          const y = layer.apply(tf.tensor4d(step.x, shape), true);
          assertValuesClose(y.dataSync(), step.y, near);
          return tf.sum(tf.mul(y, dy)) as tf.Scalar;
        }, [...layer.variables]);
        const { "norm/scale": dScale, "norm/offset": dOffset } = grads;
        assertValuesClose(dScale!.dataSync(), step.dScale, near);
        assertValuesClose(dOffset!.dataSync(), step.dOffset, near);
      });
      const [mean, variance] = layer.buffers!.map((b) => b.dataSync());
      const tight = { rtol: 3e-7, atol: 0 };
      assertValuesClose(mean!, step.runningMean, tight);
      assertValuesClose(variance!, step.runningVariance, tight);
    }
    const x = tf.tensor4d(golden.steps[0]!.x, shape);
    const values = golden.atRest;
    const y = layer.apply(x, false);
    assertAllClose(y, { dtype: "float32", shape, values }, near);
    const rows = layer.apply(tf.reshape(x, [12, 3]), false);
    assertAllClose(rows, { dtype: "float32", shape: [12, 3], values }, near);
  });
});

Deno.test("batchNorm trains scale and offset; its running statistics are buffers, which rest where the net does", async () => {
  await withVariables({ threads: 2 }, () => {
    const layer = batchNorm("norm", { channels: 3 });
    const variables = [...layer.variables, ...layer.buffers!];
    assert.deepEqual(
      variables.map((v) => [v.name, v.trainable, [...v.dataSync()]]),
      [
        ["norm/scale", true, [1, 1, 1]],
        ["norm/offset", true, [0, 0, 0]],
        ["norm/runningMean", false, [0, 0, 0]],
        ["norm/runningVariance", false, [1, 1, 1]],
      ],
    );
    const x = tf.randomNormal([4, 3], 2, 3, "float32", 1);
    const values = () => layer.buffers!.map((buffer) => [...buffer.dataSync()]);
    layer.apply(x, true);
    const before = values();
    layer.apply(x, false);
    assert.deepEqual(values(), before);
    layer.apply(x, true);
    assert.notDeepEqual(values(), before);
  });
});

Deno.test("sequential has its layers' buffers in their order, within each other too", async () => {
  await withVariables({ threads: 2 }, () => {
    const norm = (name: string) => batchNorm(name, { channels: 2 });
    const net = sequential([
      norm("a"),
      flatten(),
      sequential([maxPool(2), norm("b")]),
      norm("c"),
    ]);
    assert.deepEqual(
      net.buffers!.map(({ name }) => name),
      ["a", "b", "c"].flatMap((name) => [
        `${name}/runningMean`,
        `${name}/runningVariance`,
      ]),
    );
    assert.deepEqual(sequential([flatten()]).buffers, []);
  });
});

Deno.test("batchNorm refuses other channels, and in training one value per channel", async () => {
  await withVariables({ threads: 2 }, () => {
    const layer = batchNorm("norm", { channels: 3 });
    const refuses = (shape: number[], training: boolean, message: string) =>
      assert.throws(() => layer.apply(tf.ones(shape), training), {
        name: "RangeError",
        message: `Cannot apply norm: x must have ${message}: got [${shape}]`,
      });
    refuses([4, 6], false, "3 channels");
    for (const shape of [[4, 6], [1, 3], [1, 1, 1, 3], [0, 3]]) {
      refuses(shape, true, "3 channels with at least 2 values each");
    }
    const y = layer.apply(tf.ones([1, 3]), false);
    const expected = Array(3).fill(1 / Math.sqrt(1 + 1e-5));
    assertValuesClose(y.dataSync(), expected, { rtol: 1e-6, atol: 0 });
  });
});

Deno.test("20 training steps with batchNorm lower the loss and leave no tensor, no buffer and no heap behind", async () => {
  await withBackend({ threads: 2 }, ({ memory }) => {
    const random = createRandom(1);
    const alpha = tf.tidy(() => tf.variable(tf.scalar(0.5), true, "alpha"));
    const conv = { inChannels: 1, outChannels: 8, filterSize: 3, pad: 1 };
    const net = sequential([
      conv2d("conv", conv, random),
      batchNorm("norm", { channels: 8 }),
      activation({ kind: "relu-alpha", alpha }),
      maxPool(2),
      flatten(),
      dense("dense", { inFeatures: 128, outFeatures: 1 }, random),
    ]);
    const x = tf.randomNormal([16, 8, 8, 1], 0, 1, "float32", 2);
    const target = tf.mean(tf.abs(x), [1, 2]);
    const optimizer = new Adam({ learningRate: 0.01 });
    const losses: number[] = [];
    const now = () => {
      const { numTensors, numDataBuffers, numBytes } = tf.memory();
      const heap = memory.buffer.byteLength;
      return { numTensors, numDataBuffers, numBytes, heap };
    };
    let first: ReturnType<typeof now> | undefined;
    for (let step = 1; step <= 25; step++) {
      tf.tidy(() => {
        const { value, grads } = tf.variableGrads(() => {
          const off = tf.sub(net.apply(x, true), target);
          return tf.mean(tf.square(off)) as tf.Scalar;
        }, [...net.variables]);
        optimizer.applyGradients(grads);
        losses.push(value.dataSync()[0]!);
      });
      if (step === 5) first = now();
      if (step > 5) assert.deepEqual(now(), first, `step ${step}`);
    }
    assert.ok(losses.at(-1)! < losses[0]! / 3, `${losses}`);
    // Outside of a tidy a call leaves its result alone.
    const { numTensors } = tf.memory();
    for (const training of [true, false]) {
      const y = batchNorm(`${training}`, { channels: 1 }).apply(x, training);
      y.dispose();
    }
    assert.equal(tf.memory().numTensors, numTensors + 2 * 4, "two layers");
    optimizer.dispose();
    tf.disposeVariables();
  });
});
