import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import { createRandom } from "../../../lib/base/random.ts";
import {
  activation,
  conv2d,
  dense,
  dropoutLayer,
  flatten,
  type Layer,
  maxPool,
  sequential,
} from "../../../lib/models/layers.ts";
import { assertAllClose } from "../../assert_all_close.ts";
import { assertSameValues } from "../../assert_same_values.ts";
import { withVariables } from "../../with_backend.ts";

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
