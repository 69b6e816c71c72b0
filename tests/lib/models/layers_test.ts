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
  type Layer,
  maxPool,
  sequential,
} from "../../../lib/models/layers.ts";
import { Adam } from "../../../lib/optimizers/adam.ts";
import { assertAllClose, assertValuesClose } from "../../assert_all_close.ts";
import { assertSameValues } from "../../assert_same_values.ts";
import golden from "../../golden/batch_norm.json" with { type: "json" };
import { withBackend, withVariables } from "../../with_backend.ts";

const EXACTLY = { rtol: 0, atol: 0 };

/** A net like those of the reports, smaller. */
function smallNet(seed: number) {
  const random = createRandom(seed);
  const alpha = tf.tidy(() => tf.variable(tf.scalar(0.5), true, "alpha"));
  const conv = { inChannels: 2, outChannels: 3, filterSize: 3, pad: 1 };
  return sequential([
    conv2d(
      "conv",
      { ...conv, activation: { kind: "relu-alpha", alpha } },
      random,
    ),
    maxPool(2),
    flatten(),
    dropoutLayer(0.5, random),
    dense(
      "dense",
      { inFeatures: 12, outFeatures: 7, activation: { kind: "relu" } },
      random,
    ),
    dense("last", { inFeatures: 7, outFeatures: 4 }, random),
  ]);
}

Deno.test("layers have parameters with these names and shapes, in this order", async () => {
  await withVariables({ threads: 2 }, () => {
    const { variables } = smallNet(1);
    assert.deepEqual(variables.map(({ name, shape }) => [name, shape]), [
      ["conv/filter", [3, 3, 2, 3]],
      ["conv/bias", [3]],
      ["alpha", []],
      ["dense/weights", [12, 7]],
      ["dense/bias", [7]],
      ["last/weights", [7, 4]],
      ["last/bias", [4]],
    ]);
    for (const { trainable, dtype } of variables) {
      assert.deepEqual([trainable, dtype], [true, "float32"]);
    }
  });
});

Deno.test("layers give tensors of these shapes", async () => {
  await withVariables({ threads: 2 }, () => {
    const random = createRandom(1);
    const shape = (layer: Layer, x: number[]) =>
      layer.apply(tf.zeros(x), true).shape;
    const channels = { inChannels: 2, outChannels: 5 };
    const cases: [number, number?, number?][] = [
      [3],
      [3, 1],
      [5, 2],
      [3, 1, 2],
      [2, 0, 2],
    ];
    const shapes = [[4, 7, 6, 5], [4, 9, 8, 5], [4, 9, 8, 5], [4, 5, 4, 5], [
      4,
      4,
      4,
      5,
    ]];
    cases.forEach(([filterSize, pad, stride], i) => {
      const layer = conv2d(
        `c${i}`,
        { ...channels, filterSize, pad, stride },
        random,
      );
      assert.deepEqual(shape(layer, [4, 9, 8, 2]), shapes[i]);
    });
    assert.deepEqual(shape(flatten(), [4, 9, 8, 2]), [4, 144]);
    assert.deepEqual(shape(flatten(), [4, 3]), [4, 3]);
    assert.deepEqual(shape(maxPool(2), [4, 9, 8, 3]), [4, 4, 4, 3]);
    assert.deepEqual(shape(dropoutLayer(0.5, random), [4, 3]), [4, 3]);
    assert.deepEqual(shape(smallNet(1), [3, 4, 5, 2]), [3, 4]);
    assert.deepEqual(shape(sequential([]), [3, 4]), [3, 4]);
  });
});

/** Gives a layer's first variables values that can be worked with by hand. */
function assign(variables: readonly tf.Variable[], values: number[][]) {
  values.forEach((array, i) => {
    const variable = variables[i]!;
    tf.tidy(() => variable.assign(tf.tensor(array, variable.shape)));
  });
}

Deno.test("dense computes x · weights + bias, conv2d the convolution and the bias", async () => {
  await withVariables({ threads: 2 }, () => {
    const random = createRandom(1);
    const layer = dense("d", { inFeatures: 2, outFeatures: 3 }, random);
    assign(layer.variables, [[1, 2, 3, 4, 5, 6], [10, 20, 30]]);
    assertAllClose(layer.apply(tf.tensor2d([[1, -1], [0, 2]]), false), {
      dtype: "float32",
      shape: [2, 3],
      values: [7, 17, 27, 18, 30, 42],
    }, EXACTLY);
    const convolution = conv2d(
      "c",
      { inChannels: 1, outChannels: 2, filterSize: 2 },
      random,
    );
    // filter [[1, 2], [3, 4]] for the first channel, a hundredfold the second
    const filter = [1, 100, 2, 200, 3, 300, 4, 400];
    assign(convolution.variables, [filter, [0.5, 0]]);
    const image = tf.tensor4d([1, 2, 3, 4, 5, 6], [1, 2, 3, 1]);
    assertAllClose(convolution.apply(image, false), {
      dtype: "float32",
      shape: [1, 1, 2, 2],
      values: [37.5, 3_700, 47.5, 4_700],
    }, EXACTLY);
  });
});

Deno.test("an activation follows the bias; its α is trained if it is a variable", async () => {
  await withVariables({ threads: 2 }, () => {
    const x = tf.tensor2d([[1], [-1]]),
      size = { inFeatures: 1, outFeatures: 2 };
    const trained = tf.variable(tf.scalar(0.75), true, "alpha");
    const cases = [
      [{ kind: "linear" }, [3, -1, -1, -5], 2],
      [{ kind: "relu" }, [3, 0, 0, 0], 2],
      [{ kind: "relu-alpha", alpha: trained }, [3, -0.25, -0.25, -1.25], 3],
      [{ kind: "relu-alpha", alpha: tf.scalar(2) }, [3, 1, 1, 5], 2],
    ] as const;
    for (const [activation, values, count] of cases) {
      const name = `d${values[3]}`;
      const layer = dense(name, { ...size, activation }, createRandom(1));
      assign(layer.variables, [[2, 2], [1, -3]]);
      assertAllClose(
        layer.apply(x, false),
        { dtype: "float32", shape: [2, 2], values },
        EXACTLY,
      );
      assert.equal(layer.variables.length, count);
      tf.dispose(layer.variables.slice(0, 2));
    }
    const convolution = conv2d("c", {
      inChannels: 1,
      outChannels: 1,
      filterSize: 1,
      activation: { kind: "relu-alpha", alpha: trained },
    }, createRandom(1));
    assign(convolution.variables, [[2], [-1]]);
    assertSameValues(
      convolution.apply(tf.tensor4d([1, -1], [1, 1, 2, 1]), false).dataSync(),
      [1, -0.75],
      "conv2d",
    );
  });
});

Deno.test("flatten and maxPool keep the order of images, rows and columns", async () => {
  await withVariables({ threads: 2 }, () => {
    const x = tf.tensor4d([...Array(16).keys()], [2, 2, 4, 1]);
    const flat = flatten().apply(x, false);
    assert.deepEqual(flat.shape, [2, 8]);
    assertSameValues(flat.dataSync(), [...Array(16).keys()], "flatten");
    const largest = maxPool(2).apply(x, false).dataSync();
    assertSameValues(largest, [5, 7, 13, 15], "maxPool");
  });
});

Deno.test("dropoutLayer drops while training alone, and draws from its generator alone", async () => {
  await withVariables({ threads: 2 }, () => {
    const x = tf.ones([40, 50]), random = createRandom(3);
    const layer = dropoutLayer(0.25, random);
    const before = random.state();
    assertSameValues(layer.apply(x, false).dataSync(), x.dataSync(), "at rest");
    assert.deepEqual(random.state(), before);
    const values = layer.apply(x, true).dataSync<"float32">();
    const kept = values.filter((value) => value !== 0);
    const scaled = Math.fround(1 / 0.75);
    assert.ok(kept.every((value) => value === scaled), `${kept[0]}`);
    // 1,500 of 2,000 are expected to be kept, with a deviation of 19.4
    assert.ok(Math.abs(kept.length - 1_500) < 100, `${kept.length}`);
    assert.notDeepEqual(layer.apply(x, true).dataSync(), values);
    const again = dropoutLayer(0.25, createRandom(3));
    assertSameValues(again.apply(x, true).dataSync(), values, "of one seed");
  });
});

/**
 * PyTorch's default is uniform in ±1 / √fan-in for weights and bias alike
 * (Conv2d and Linear, "Variables" of their documentation).
 */
Deno.test("parameters start uniform in PyTorch's bounds", async () => {
  await withVariables({ threads: 2 }, () => {
    const random = createRandom(2);
    const layers = [
      [
        conv2d("c", { inChannels: 4, outChannels: 50, filterSize: 5 }, random),
        1 / Math.sqrt(100),
      ],
      [
        dense("d", { inFeatures: 400, outFeatures: 50 }, random),
        1 / Math.sqrt(400),
      ],
    ] as const;
    for (const [{ variables }, bound] of layers) {
      for (const variable of variables) {
        const values = variable.dataSync<"float32">();
        const { length } = values;
        const largest = values.reduce(
          (max, v) => Math.max(max, Math.abs(v)),
          0,
        );
        assert.ok(largest <= Math.fround(bound), `${largest}`);
        // The largest of n is below (1 − 15/n) · bound with probability 3e-7,
        assert.ok(largest > (1 - 15 / length) * bound, `${largest}`);
        // and the mean is a normal variable with this deviation.
        const mean = values.reduce((sum, v) => sum + v, 0) / length;
        assert.ok(
          Math.abs(mean) < 5 * bound / Math.sqrt(3 * length),
          `${mean}`,
        );
        const power = values.reduce((sum, v) => sum + v * v, 0) / length;
        const off = Math.abs(power / (bound ** 2 / 3) - 1);
        assert.ok(off < 5 * Math.sqrt(0.8 / length), `${off}`);
      }
    }
  });
});

Deno.test("the same seed gives a net the same bytes, another one others", async () => {
  const bytes = async (seed: number) => {
    let values: (Float32Array)[] = [];
    await withVariables({ threads: 2 }, () => {
      values = smallNet(seed).variables.map((x) => x.dataSync<"float32">());
    });
    return values;
  };
  const [one, again, other] = [await bytes(7), await bytes(7), await bytes(8)];
  one!.forEach((values, i) => assertSameValues(values, again![i]!, `${i}`));
  for (const i of [0, 1, 3, 4, 5, 6]) {
    assert.notDeepEqual(one![i], other![i]);
  }
});

Deno.test("a net trains all of its parameters", async () => {
  await withVariables({ threads: 2 }, () => {
    const net = smallNet(3);
    const x = tf.randomNormal([2, 4, 5, 2], 0, 1, "float32", 4);
    const { grads } = tf.variableGrads(
      () => tf.sum(tf.square(net.apply(x, true))) as tf.Scalar,
      [...net.variables],
    );
    for (const { name, shape } of net.variables) {
      assert.deepEqual(grads[name]!.shape, shape);
      assert.ok(grads[name]!.dataSync<"float32">().some((v) => v !== 0), name);
    }
  });
});

Deno.test("layers leave no tensor but their variables", async () => {
  await withVariables({ threads: 2 }, () => {
    const { numTensors } = tf.memory();
    const net = smallNet(1);
    assert.equal(tf.memory().numTensors, numTensors + net.variables.length);
  });
});

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

Deno.test("an activation on its own has the fused one's values and gradients", async () => {
  await withVariables({ threads: 2 }, () => {
    const x = tf.tensor1d([-2, 0, 4]), dy = tf.tensor1d([1, 2, 3]);
    const alpha = tf.variable(tf.scalar(0.75), true, "alpha");
    const cases = [
      [{ kind: "linear" }, [-2, 0, 4], [1, 2, 3], []],
      [{ kind: "relu" }, [0, 0, 4], [0, 0, 3], []],
      [{ kind: "relu-alpha", alpha }, [-0.5, 0, 4], [0.25, 0.5, 3], [alpha]],
      [
        { kind: "relu-alpha", alpha: tf.scalar(2) },
        [2, 0, 4],
        [-1, -2, 3],
        [],
      ],
    ] as const;
    // 0 and −0 are both right for the sign of a zero.
    const values = (t: tf.Tensor) => [...t.dataSync()].map((v) => v + 0);
    for (const [f, y, dx, variables] of cases) {
      const layer = activation(f);
      assert.deepEqual(values(layer.apply(x, true)), y, f.kind);
      // TF.js has no gradient of x itself.
      const negative = (x: tf.Tensor) => tf.neg(layer.apply(x, true));
      const gradient = tf.grad(negative)(x, tf.neg(dy));
      assert.deepEqual(values(gradient), dx, f.kind);
      assert.deepEqual(layer.variables, variables);
    }
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
