import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import { Adam, type AdamOptions } from "../../../lib/optimizers/adam.ts";
import { assertValuesClose } from "../../assert_all_close.ts";
import { assertSameValues } from "../../assert_same_values.ts";
import { adamStart, adamStep } from "../../reference/adam.ts";
import { withVariables } from "../../with_backend.ts";

const DEFAULTS = {
  learningRate: 1e-3,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
};
const OTHERS = { learningRate: 0.05, beta1: 0.8, beta2: 0.95, epsilon: 1e-3 };

/** Half the distance from 1 to the next float32. */
const UNIT = 2 ** -24;

/**
 * `[options, step, value]` of torch.optim.Adam of PyTorch 1.13.0a0, in float64:
 *
 *   p = torch.tensor(START, requires_grad=True)
 *   opt = torch.optim.Adam([p], lr, (beta1, beta2), eps)
 *   for t in 1 … 50: p.grad = torch.tensor(gradient(t)); opt.step()
 */
// deno-fmt-ignore -- one line per step
const GOLDEN: [typeof DEFAULTS, number, number[]][] = [
  [DEFAULTS, 1, [0.9990000000060819, -2.0009999999999497, 0.4990000070057944, -4.490510993132657e-05, 3.0]],
  [DEFAULTS, 2, [0.9979995104190422, -2.0019918241792514, 0.4980617178871373, -6.892084864705523e-05, 3.0]],
  [DEFAULTS, 10, [0.9914267765273835, -2.0082238134461905, 0.4917036921322012, -0.0006222599297618903, 3.0]],
  [DEFAULTS, 50, [0.9593127474564841, -2.0407227650214588, 0.4585074204224044, -0.004105251235374732, 3.0]],
  [OTHERS, 1, [0.9500303911150408, -2.0499997489550013, 0.47059834161399716, -2.3508181901877807e-08, 3.0]],
  [OTHERS, 2, [0.8998771071135626, -2.099446009629454, 0.44599738116517335, -3.5300650604457945e-08, 3.0]],
  [OTHERS, 10, [0.589688809665718, -2.4015485192723562, 0.28483146894689576, -3.740811151834787e-07, 3.0]],
  [OTHERS, 50, [-1.033430192482263, -4.030552695105434, -0.6079500526341932, -2.3214613258612474e-06, 3.0]],
];
const START = [1, -2, 0.5, 0, 3];
/** One of the size of ε, and one that is always 0. */
const SCALE = [1, 100, 0.001, 1e-9, 0];
const gradient = (t: number) =>
  SCALE.map((scale, i) => scale * (1 + Math.sin(0.7 * t + i)));

/** A variable that no optimizer has seen, even where its name is an old one. */
function variable(name: string, values: ArrayLike<number>, shape?: number[]) {
  const array = Float32Array.from(values);
  return tf.tidy(() =>
    tf.variable(tf.tensor(array, shape ?? [array.length]), true, name)
  );
}

function step(optimizer: Adam, gradients: Record<string, ArrayLike<number>>) {
  tf.tidy(() => {
    const tensors = Object.entries(gradients).map(([name, values]) => {
      const { shape } = tf.engine().registeredVariables[name]!;
      return [name, tf.tensor(Float32Array.from(values), shape)];
    });
    optimizer.applyGradients(Object.fromEntries(tensors));
  });
}

/**
 * How far a float32 run may be from the float64 one after some steps: a
 * rounding of the value each step; and of the step's length, which is at most
 * a few learning rates, the roundings of its moments, of which v carries each
 * on to the end: some hundred at 50 steps.
 */
function tolerance(steps: number, value: ArrayLike<number>, rate: number) {
  const atol = Array.from(
    value,
    (value) => steps * UNIT * (Math.abs(value) + 2 * rate * (20 + 5 * steps)),
  );
  return { rtol: 0, atol };
}

Deno.test("the oracle of Adam has PyTorch's values", () => {
  for (const [options, last, value] of GOLDEN) {
    const state = adamStart(START);
    for (let t = 1; t <= last; t++) adamStep(state, gradient(t), options);
    assertValuesClose(state.value, value, { rtol: 1e-13, atol: 1e-18 });
  }
});

Deno.test("Adam has PyTorch's values", async () => {
  await withVariables({ threads: 2 }, () => {
    for (const [options, last, value] of GOLDEN) {
      const x = variable("x", START);
      const optimizer = new Adam(options);
      for (let t = 1; t <= last; t++) step(optimizer, { x: gradient(t) });
      const off = tolerance(last, START, options.learningRate);
      // The fourth starts at 0 and has only its steps' error.
      off.atol[3] = Math.abs(value[3]!) * UNIT * (20 + 5 * last);
      assertValuesClose(x.dataSync(), value, off);
      optimizer.dispose();
      x.dispose();
    }
  });
});

Deno.test("Adam's defaults are the paper's", () => {
  assert.deepEqual(new Adam().getConfig(), DEFAULTS);
});

Deno.test("Adam goes on bit for bit from getWeights() and setWeights()", async () => {
  await withVariables({ threads: 2 }, async () => {
    const start = { a: [1, 2, 3, 4, 5], b: [-1] };
    const gradients = (t: number) => ({
      a: [1, -1, t, 1 / t, 0].map((v) => v * Math.cos(t)),
      b: [t - 3],
    });
    const run = (optimizer: Adam, from: number, to: number) => {
      for (let t = from; t <= to; t++) step(optimizer, gradients(t));
    };
    const a = variable("a", start.a), b = variable("b", start.b);
    const whole = new Adam();
    run(whole, 1, 20);
    const expected = [a, b].map((x) => x.dataSync());

    const half = new Adam();
    a.assign(tf.tensor1d(start.a));
    b.assign(tf.tensor1d(start.b));
    run(half, 1, 8);
    const state = await half.getWeights();
    assert.deepEqual(
      state.map(({ name, tensor }) => [name, tensor.dtype, tensor.shape]),
      [
        ["iter", "int32", []],
        ["a/m", "float32", [5]],
        ["b/m", "float32", [1]],
        ["a/v", "float32", [5]],
        ["b/v", "float32", [1]],
      ],
    );
    // As a checkpoint keeps it: the numbers alone.
    const saved = state.map(({ name, tensor }) => {
      const { dtype, shape } = tensor;
      return { name, dtype, shape, data: tensor.dataSync() };
    });
    const values = [a, b].map((x) => x.dataSync());
    run(half, 9, 9); // must not change what was saved
    half.dispose();

    [a, b].forEach((x, i) => x.assign(tf.tensor1d(values[i]!)));
    const tensors = saved.map(({ name, dtype, shape, data }) => {
      return { name, tensor: tf.tensor(data, shape, dtype) };
    });
    const restored = new Adam();
    await restored.setWeights(tensors);
    for (const { tensor } of tensors) tensor.dispose();
    run(restored, 9, 20);
    [a, b].forEach((x, i) =>
      assertSameValues(x.dataSync(), expected[i]!, x.name)
    );
  });
});

Deno.test("Adam's state, copied, does not change with the next step", async () => {
  await withVariables({ threads: 1 }, async () => {
    variable("x", [1, 2]);
    const optimizer = new Adam();
    step(optimizer, { x: [1, 2] });
    const state = await optimizer.getWeights();
    const clones = state.map(({ tensor }) => tensor.clone());
    const before = clones.map((tensor) => tensor.dataSync());
    step(optimizer, { x: [3, 4] });
    clones.forEach((tensor, i) =>
      assertSameValues(tensor.dataSync(), before[i]!, state[i]!.name)
    );
  });
});

Deno.test("Adam changes no other tensor that has a variable's data", async () => {
  await withVariables({ threads: 2 }, () => {
    const initial = tf.tensor1d([1, 2, 3, 4]);
    const x = tf.variable(initial, true, "x");
    const clone = x.clone(), reshaped = tf.reshape(x, [2, 2]);
    const optimizer = new Adam({ learningRate: 0.5 });
    const { numTensors } = tf.memory();
    for (let t = 0; t < 3; t++) {
      const later = x.clone(), values = x.dataSync();
      optimizer.minimize(() => tf.sum(tf.square(x)));
      assertSameValues(later.dataSync(), values, "a later clone");
      later.dispose();
    }
    for (const tensor of [initial, clone, reshaped]) {
      assertSameValues(tensor.dataSync(), [1, 2, 3, 4], "an earlier tensor");
    }
    assert.ok(x.dataSync().every((value, i) => value < i + 1 - 0.5));
    assert.equal(tf.memory().numTensors, numTensors + 2, "m and v alone");
  });
});

Deno.test("TF.js's own kernels see the values that Adam wrote", async () => {
  // XNNPACK packs a matrix's weights once and keeps them by the tensor's id.
  await withVariables({ threads: 2 }, () => {
    const w = variable("w", [1, 2, 3, 4], [2, 2]), x = tf.ones([1, 2]);
    const filter = variable("f", [1, 2, 3, 4], [2, 2, 1, 1]);
    const image = tf.ones([1, 2, 2, 1]) as tf.Tensor4D;
    const optimizer = new Adam({ learningRate: 0.5 });
    for (let t = 0; t < 4; t++) {
      const [a, b, c, d] = w.dataSync();
      const product = tf.matMul(x, w).dataSync();
      assertValuesClose(product, [a! + c!, b! + d!], { rtol: 1e-6, atol: 0 });
      const sum = filter.dataSync<"float32">().reduce(
        (sum, value) => sum + value,
        0,
      );
      const convolved = [
        tf.conv2d(image, filter as tf.Tensor as tf.Tensor4D, 1, "valid"),
        tf.depthwiseConv2d(
          image,
          filter as tf.Tensor as tf.Tensor4D,
          1,
          "valid",
        ),
      ];
      for (const y of convolved) {
        assertValuesClose(y.dataSync(), [sum], { rtol: 1e-6, atol: 0 });
      }
      step(optimizer, { w: [1, 2, 3, 4], f: [1, 1, 1, 1] });
    }
  });
});

Deno.test("Adam minimizes as tf.train's optimizers do, and leaves no tensor behind", async () => {
  await withVariables({ threads: 2 }, () => {
    const x = variable("x", [3, -2]), unused = variable("unused", [1]);
    const optimizer = new Adam({ learningRate: 0.1 });
    const loss = () => tf.sum(tf.square(tf.sub(x, [1, 2]))) as tf.Scalar;
    optimizer.minimize(loss);
    const { numTensors } = tf.memory();
    const first = tf.tidy(() => loss().dataSync()[0]!);
    const cost = optimizer.minimize(loss, true, [x])!;
    assert.equal(cost.dataSync()[0], first);
    for (let t = 0; t < 300; t++) optimizer.minimize(loss);
    assertValuesClose(x.dataSync(), [1, 2], { rtol: 0, atol: 1e-3 });
    assertSameValues(unused.dataSync(), [1], "no gradient, no step");
    assert.equal(tf.memory().numTensors, numTensors + 1, "the cost");
    optimizer.dispose();
    assert.equal(tf.memory().numTensors, numTensors - 1, "less m and v");
  });
});

Deno.test("Adam takes gradients by name or as a list, and passes over null", async () => {
  await withVariables({ threads: 1 }, () => {
    const a = variable("a", [1]), b = variable("b", [1]);
    const optimizer = new Adam({ learningRate: 0.25 });
    const none = null as unknown as tf.Tensor;
    optimizer.applyGradients({ a: tf.tensor1d([1]), b: none });
    optimizer.applyGradients([
      { name: "a", tensor: none },
      { name: "b", tensor: tf.tensor1d([-1]) },
    ]);
    optimizer.applyGradients({});
    // m̂ / √v̂ is 1 at step 1; at step 2 it is
    // (1 − β₁) / (1 − β₁²) · √((1 − β₂²) / (1 − β₂)).
    const second = 0.1 / 0.19 * Math.sqrt((1 - 0.999 ** 2) / 0.001);
    const close = { rtol: 1e-5, atol: 0 };
    assertValuesClose(a.dataSync(), [0.75], close);
    assertValuesClose(b.dataSync(), [1 + 0.25 * second], close);
  });
});

Deno.test("Adam carries NaN and infinities through", async () => {
  await withVariables({ threads: 1 }, () => {
    const x = variable("x", [1, 1, 1, Infinity, 1]);
    step(new Adam(), { x: [NaN, Infinity, -Infinity, 1, 0] });
    // ∞ / √∞ is no number, in PyTorch too
    assertSameValues(x.dataSync(), [NaN, NaN, NaN, Infinity, 1], "x");
  });
});

Deno.test("Adam refuses hyperparameters out of range", () => {
  const refuses = (options: AdamOptions, text: string) =>
    assert.throws(() => new Adam(options), {
      name: "RangeError",
      message: `Cannot create Adam: ${text}`,
    });
  for (const value of [0, -1, NaN, Infinity]) {
    refuses(
      { learningRate: value },
      `learningRate must be above 0 and finite: got ${value}`,
    );
  }
  for (const value of [-0.1, 1, NaN]) {
    refuses({ beta1: value }, `beta1 must be in [0, 1): got ${value}`);
    refuses({ beta2: value }, `beta2 must be in [0, 1): got ${value}`);
  }
  for (const value of [0, -1, NaN]) {
    refuses({ epsilon: value }, `epsilon must be above 0: got ${value}`);
  }
});

Deno.test("Adam refuses gradients and moments of another shape, and writes nothing", async () => {
  await withVariables({ threads: 1 }, async () => {
    const x = variable("x", [1, 2]), optimizer = new Adam();
    const text =
      "Cannot update x: it, its gradient and its moments must be float32 [2]: got ";
    for (
      const [wrong, got] of [
        [tf.zeros([3]), "float32 [3]"],
        [tf.zeros([2, 1]), "float32 [2,1]"],
        [tf.zeros([2], "int32"), "int32 [2]"],
      ] as const
    ) {
      assert.throws(() => optimizer.applyGradients({ x: wrong }), {
        name: "RangeError",
        message: text + got,
      });
    }
    await optimizer.setWeights([
      { name: "iter", tensor: tf.scalar(4, "int32") },
      { name: "x/m", tensor: tf.zeros([2]) },
      { name: "x/v", tensor: tf.zeros([1]) },
    ]);
    assert.throws(() => step(optimizer, { x: [1, 1] }), {
      message: `${text}float32 [1]`,
    });
    assertSameValues(x.dataSync(), [1, 2], "x");
  });
});

Deno.test("Adam refuses a state without second moments", async () => {
  await withVariables({ threads: 1 }, async () => {
    const state = [
      { name: "iter", tensor: tf.scalar(4, "int32") },
      { name: "x/m", tensor: tf.zeros([2]) },
    ];
    await assert.rejects(new Adam().setWeights(state), {
      message: "Cannot restore Adam: x/v must be in the state: got none",
    });
  });
});

Deno.test("Adam needs a backend that runs", () => {
  assert.throws(() => new Adam().applyGradients({}), {
    message: "Cannot update parameters: startBackend() must have been called",
  });
});
