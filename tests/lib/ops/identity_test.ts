import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import { kernelContext } from "../../../lib/wasm/kernel_context.ts";
import { Adadelta } from "../../../lib/optimizers/adadelta.ts";
import { Adam } from "../../../lib/optimizers/adam.ts";
import { Sgd } from "../../../lib/optimizers/sgd.ts";
import { assertSameValues } from "../../assert_same_values.ts";
import { withBackend } from "../../with_backend.ts";

const at = (tensor: tf.Tensor) => kernelContext("test").pointer(tensor);

function counts() {
  const { numTensors, numDataBuffers, numBytes } = tf.memory();
  return { numTensors, numDataBuffers, numBytes };
}

Deno.test("a clone has its tensor's data, not a copy", async () => {
  await withBackend({ threads: 1 }, () => {
    for (const dtype of ["float32", "int32", "bool"] as const) {
      const x = tf.tensor2d([[1, 0], [1, 1], [0, 1]], [3, 2], dtype);
      const { unreliable: _, ...before } = tf.memory();
      for (const copy of [x.clone(), tf.clone(x), x.clone().clone()]) {
        assert.equal(at(copy), at(x));
        assert.notEqual(copy.id, x.id);
        assert.deepEqual([copy.dtype, copy.shape], [dtype, [3, 2]]);
        assertSameValues(copy.dataSync(), x.dataSync(), dtype);
      }
      assert.equal(tf.memory().numTensors, before.numTensors + 4);
    }
  });
});

Deno.test("data lives until the last of its clones is disposed, in any order", async () => {
  await withBackend({ threads: 1 }, () => {
    const orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [
      2,
      1,
      0,
    ]];
    for (const order of orders) {
      const before = counts();
      const x = tf.tensor1d([1, 2, 3]);
      const copy = x.clone();
      const tensors = [x, copy, copy.reshape([3, 1])];
      order.forEach((i, done) => {
        // What is allocated meanwhile must not lie over the data.
        tf.tidy(() => void tf.fill([3], 7));
        for (const left of order.slice(done)) {
          assertSameValues(tensors[left]!.dataSync(), [1, 2, 3], `${order}`);
        }
        tensors[i]!.dispose();
      });
      assert.deepEqual(counts(), before);
    }
  });
});

Deno.test("tidy() and keep() leave the clones that they should", async () => {
  await withBackend({ threads: 1 }, () => {
    const before = counts();
    const x = tf.tensor1d([1, 2]);
    const returned = tf.tidy(() => tf.tensor1d([3, 4]).clone());
    let kept!: tf.Tensor;
    tf.tidy(() => void (kept = tf.keep(x.clone())));
    x.dispose();
    assertSameValues(returned.dataSync(), [3, 4], "returned");
    assertSameValues(kept.dataSync(), [1, 2], "kept");
    tf.dispose([returned, kept]);
    assert.deepEqual(counts(), before);
  });
});

Deno.test("an optimizer that updates a variable leaves its clones as they were", async () => {
  await withBackend({ threads: 2 }, () => {
    const optimizers = [
      new Sgd({ learningRate: 0.25 }),
      new Sgd({ learningRate: 0.25, momentum: 0.5 }),
      new Adam({ learningRate: 0.25 }),
      new Adadelta(),
    ];
    for (const optimizer of optimizers) {
      for (const make of [tf.clone, (x: tf.Tensor) => x.reshape([2, 2])]) {
        const x = tf.tidy(() => tf.variable(tf.tensor1d([1, 2, 3, 4])));
        const before = make(x);
        const loss = () => tf.sum(tf.square(x)) as tf.Scalar;
        optimizer.minimize(loss);
        const between = make(x);
        const then = between.dataSync().slice();
        optimizer.minimize(loss);
        optimizer.minimize(loss); // without a clone that shares: in place
        assertSameValues(before.dataSync(), [1, 2, 3, 4], "the first clone");
        assertSameValues(between.dataSync(), then, "the second clone");
        assert.notDeepEqual(x.dataSync(), then);
        tf.dispose([before, between, x]);
      }
      optimizer.dispose();
    }
  });
});

Deno.test("two variables of one tensor are updated apart", async () => {
  await withBackend({ threads: 1 }, () => {
    const start = tf.tensor1d([4]);
    const a = tf.variable(start, true, "a"), b = tf.variable(start, true, "b");
    const optimizer = new Sgd({ learningRate: 0.25 });
    optimizer.minimize(() => tf.sum(tf.square(a)) as tf.Scalar);
    const values = [start, a, b].map((tensor) => tensor.dataSync()[0]);
    assert.deepEqual(values, [4, 2, 4]);
    tf.dispose([a, b]);
  });
});

Deno.test("the gradient of a clone is dy", async () => {
  await withBackend({ threads: 1 }, () => {
    const x = tf.tensor1d([1, 2]), dy = tf.tensor1d([3, 4]);
    const dx = tf.grad((x) => x.clone())(x, dy);
    assertSameValues(dx.dataSync(), [3, 4], "dx");
    const both = tf.grad((x) => tf.mul(x, x.clone()))(x, dy);
    assertSameValues(both.dataSync(), [6, 16], "2 x dy");
  });
});
