import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import { l1Penalty, l2Penalty } from "../../../lib/losses/penalties.ts";
import { Sgd } from "../../../lib/optimizers/sgd.ts";
import { assertAllClose, assertValuesClose } from "../../assert_all_close.ts";
import golden from "../../golden/optimizers.json" with { type: "json" };
import { withBackend } from "../../with_backend.ts";

const scalars = (values: number[]) => values.map((value) => tf.scalar(value));
const value = (tensor: tf.Tensor) => tensor.dataSync()[0]!;

Deno.test("l1Penalty() is λ Σ |αᵢ| with the gradient λ sign(αᵢ), 0 at 0", async () => {
  await withBackend({ threads: 1 }, () => {
    const alphas = scalars([0.5, -1.25, 0, -0, 3]);
    const penalty = (...alphas: tf.Tensor[]) => l1Penalty(alphas, 2);
    const loss = penalty(...alphas);
    assert.deepEqual([loss.shape, loss.dtype], [[], "float32"]);
    assert.equal(value(loss), 9.5);
    const gradients = tf.grads(penalty)(alphas).map((g) => value(g)! + 0);
    assert.deepEqual(gradients, [2, -2, 0, 0, 2]);
    // dy scales it, and it adds to what else depends on α
    const both = (alpha: tf.Tensor) =>
      tf.add(tf.mul(l1Penalty([alpha], 2), 3), tf.mul(alpha, 10));
    assert.equal(value(tf.grad(both)(tf.scalar(-4))), 4);
  });
});

Deno.test("l1Penalty() with inGradient false counts, and its gradient is 0", async () => {
  await withBackend({ threads: 1 }, () => {
    const alphas = scalars([0.5, -1.25]);
    const penalty = (...alphas: tf.Tensor[]) =>
      l1Penalty(alphas, 2, { inGradient: false });
    assert.equal(value(penalty(...alphas)), 3.5);
    const gradients = tf.grads(penalty)(alphas).map((g) => value(g)! + 0);
    assert.deepEqual(gradients, [0, 0]);
  });
});

Deno.test("l1Penalty() is 0 without parameters, or for λ = 0", async () => {
  await withBackend({ threads: 1 }, () => {
    assert.equal(value(l1Penalty([], 2)), 0);
    assert.equal(value(l1Penalty(scalars([3]), 0)), 0);
    const penalty = (alpha: tf.Tensor) => l1Penalty([alpha], 0);
    assert.equal(value(tf.grad(penalty)(tf.scalar(3)))! + 0, 0);
  });
});

Deno.test("l1Penalty() carries NaN and infinities through", async () => {
  await withBackend({ threads: 1 }, () => {
    const penalty = (alpha: tf.Tensor) => l1Penalty([alpha], 2);
    for (
      const [alpha, loss, gradient] of [
        [NaN, NaN, NaN],
        [-Infinity, Infinity, -2],
      ]
    ) {
      assert.equal(value(penalty(tf.scalar(alpha!))), loss);
      assert.equal(value(tf.grad(penalty)(tf.scalar(alpha!))), gradient);
    }
  });
});

Deno.test("l1Penalty() sums over all elements, with gradients of their shapes", async () => {
  await withBackend({ threads: 1 }, () => {
    const weights = [tf.tensor2d([[1, -2, 0], [-0.5, 3, -4]]), tf.scalar(-8)];
    const penalty = (...weights: tf.Tensor[]) => l1Penalty(weights, 0.5);
    assert.equal(value(penalty(...weights)), 9.25);
    const [matrix, scalar] = tf.grads(penalty)(weights);
    assertAllClose(matrix!, {
      dtype: "float32",
      shape: [2, 3],
      values: [0.5, -0.5, 0, -0.5, 0.5, -0.5],
    }, { rtol: 0, atol: 0 });
    assertAllClose(scalar!, {
      dtype: "float32",
      shape: [],
      values: [-0.5],
    }, { rtol: 0, atol: 0 });
  });
});

Deno.test("l1Penalty() leaves one tensor: the penalty", async () => {
  await withBackend({ threads: 1 }, () => {
    const alphas = scalars([1, 2]);
    const { numTensors } = tf.memory();
    for (let i = 0; i < 20; i++) {
      l1Penalty(alphas, 1).dispose();
      const penalty = (...alphas: tf.Tensor[]) => l1Penalty(alphas, 1);
      tf.dispose(tf.grads(penalty)(alphas));
    }
    assert.equal(tf.memory().numTensors, numTensors);
  });
});

Deno.test("l2Penalty() is λ/2 Σ ‖W‖²", async () => {
  await withBackend({ threads: 1 }, () => {
    const weights = [tf.tensor2d([[1, -3], [0, 2]]), tf.tensor1d([-1])];
    const penalty = l2Penalty(weights, 0.5);
    assert.deepEqual([penalty.shape, penalty.dtype], [[], "float32"]);
    assert.equal(value(penalty), 0.25 * (1 + 9 + 4 + 1));
    assert.equal(value(l2Penalty([], 2)), 0);
    assert.equal(value(l2Penalty(weights, 0)), 0);
  });
});

Deno.test("l2Penalty() has the gradient that central differences give", async () => {
  await withBackend({ threads: 1 }, () => {
    // Multiples of 1/8, and a step of 1/4: exact for a square, in float32 too.
    const numbers = [0.125, -2.5, 0, 1.75, -0.375, 3];
    const [lambda, h] = [0.5, 0.25];
    const at = (i: number, step: number) =>
      value(l2Penalty([
        tf.tensor2d(numbers.map((w, k) => k === i ? w + step : w), [2, 3]),
      ], lambda));
    const gradient = tf.grad((w) => l2Penalty([w], lambda))(
      tf.tensor2d(numbers, [2, 3]),
    );
    assertAllClose(gradient, {
      dtype: "float32",
      shape: [2, 3],
      values: numbers.map((_, i) => (at(i, h) - at(i, -h)) / (2 * h)),
    }, { rtol: 0, atol: 0 });
  });
});

Deno.test("l2Penalty() steps plain SGD as PyTorch's weight_decay does", async () => {
  await withBackend({ threads: 1 }, () => {
    const { options, values } = golden.cases.find(({ optimizer, options }) =>
      optimizer === "Sgd" && options.weight_decay === 0.5
    )!;
    const w = tf.variable(tf.tensor1d(golden.start));
    const sgd = new Sgd({ learningRate: options.lr! });
    golden.gradients.forEach((numbers, step) => {
      const loss = () =>
        tf.add(
          tf.sum(tf.mul(w, tf.tensor1d(numbers))), // has these as its gradient
          l2Penalty([w], options.weight_decay!),
        ) as tf.Scalar;
      sgd.minimize(loss);
      // As for the optimizers: some ten roundings a step of values around 1.
      assertValuesClose(w.dataSync(), values[step]!, {
        rtol: 0,
        atol: (step + 1) * 10 * 2 ** -23,
      });
    });
    w.dispose();
  });
});
