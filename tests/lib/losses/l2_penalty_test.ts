import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import { l2Penalty } from "../../../lib/losses/l2_penalty.ts";
import { Sgd } from "../../../lib/optimizers/sgd.ts";
import { assertAllClose, assertValuesClose } from "../../assert_all_close.ts";
import golden from "../../golden/optimizers.json" with { type: "json" };
import { withBackend } from "../../with_backend.ts";

const value = (tensor: tf.Tensor) => tensor.dataSync()[0]!;

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
      ...{ dtype: "float32", shape: [2, 3] },
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
        ...{ rtol: 0, atol: (step + 1) * 10 * 2 ** -23 },
      });
    });
    w.dispose();
  });
});
