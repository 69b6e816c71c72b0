import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import { withBackend } from "../../with_backend.ts";

/** What may not grow: tensors, and their data. */
function counts() {
  const { numTensors, numDataBuffers } = tf.memory();
  return { numTensors, numDataBuffers };
}

Deno.test("gradients that fail leave nothing behind, forward or backward, with a tidy or without", async () => {
  await withBackend({ threads: 1 }, () => {
    const x = tf.ones([1, 4, 4, 2]) as tf.Tensor4D;
    const filter = tf.variable(tf.ones([2, 2, 2, 1])) as tf.Variable<
      tf.Rank.R4
    >;
    const other = tf.ones([7, 1]);
    const forward = () =>
      tf.add(tf.mul(filter, tf.exp(filter)).square(), other).sum();
    const backward = () =>
      tf.depthwiseConv2d(x.square(), filter, 1, "same", "NHWC", 2).square()
        .sum();
    const failures: Record<string, [() => tf.Tensor, RegExp]> = {
      forward: [forward, /^Operands could not be broadcast/],
      backward: [backward, /dilation rates greater than 1/],
    };
    const optimizer = tf.train.sgd(0.1);
    for (const [name, [f, message]] of Object.entries(failures)) {
      const before = counts();
      const calls: (() => unknown)[] = [
        () => optimizer.minimize(f as () => tf.Scalar),
        () => tf.variableGrads(f as () => tf.Scalar),
        () => tf.grad(f)(filter),
        () => tf.tidy(() => tf.grads(f)([filter])),
        // A function's gradients inside of another's.
        () => tf.grad((y) => tf.grad(f)(filter).mul(y))(other),
      ];
      calls.forEach((call, i) => {
        assert.throws(call, { message }, `${name} ${i}`);
        assert.deepEqual(counts(), before, `${name} ${i}`);
      });
    }
    tf.dispose([x, filter, other]);
    optimizer.dispose();
  });
});

Deno.test("gradients that do not fail are as before, and of the second order too", async () => {
  await withBackend({ threads: 1 }, () => {
    const x = tf.tensor1d([1, -2]);
    const before = counts();
    const { value, grads } = tf.valueAndGrads((x) => x.square().sum())([x]);
    assert.equal(value.arraySync(), 5);
    assert.deepEqual(grads[0]!.arraySync(), [2, -4]);
    const second = tf.grad(tf.grad((x) => tf.pow(x, 3)))(x);
    assert.deepEqual(second.arraySync(), [6, -12]);
    tf.dispose([value, grads, second]);
    assert.deepEqual(counts(), before);
    x.dispose();
  });
});

Deno.test("stop() puts TF.js's gradients back", async () => {
  const { gradients } = tf.engine();
  await withBackend({ threads: 1 }, () => {
    assert.notEqual(tf.engine().gradients, gradients);
  });
  assert.equal(tf.engine().gradients, gradients);
});
