import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import { withBackend } from "../../with_backend.ts";

Deno.test("kernels that take numbers only refuse strings by name", async () => {
  await withBackend({ threads: 1 }, () => {
    const words = tf.tensor1d(["a", "b", "c"]);
    const ids = tf.tensor1d([0, 2], "int32");
    const zero = tf.scalar("z");
    const pair = tf.tensor1d(["a", "b"]);
    const index = tf.tensor2d([[1]], [1, 1], "int32");
    const calls: Record<string, () => tf.Tensor> = {
      "Equal: a": () => tf.equal(words, words),
      "GatherNd: params": () => tf.gatherND(words, index),
      "Greater: a": () => tf.greater(words, words),
      "GreaterEqual: a": () => tf.greaterEqual(words, words),
      "Less: a": () => tf.less(words, words),
      "LessEqual: a": () => tf.lessEqual(words, words),
      "NotEqual: a": () => tf.notEqual(words, words),
      "SparseToDense: sparseValues": () =>
        tf.sparseToDense(ids, pair, [3], zero as never),
      "StridedSlice: x": () => tf.stridedSlice(words, [0], [3], [2]),
      "Tile: x": () => tf.tile(words, [2]),
    };
    for (const [what, call] of Object.entries(calls)) {
      assert.throws(call, {
        name: "TypeError",
        message: `Cannot compute ${what} must hold numbers: got strings`,
      });
    }
  });
});

Deno.test("they compute with numbers as before", async () => {
  await withBackend({ threads: 1 }, () => {
    const x = tf.tensor1d([1, 2, 3]), y = tf.tensor1d([3, 2, 1]);
    const values = (tensor: tf.Tensor) => [...tensor.dataSync()];
    assert.deepEqual(values(tf.equal(x, y)), [0, 1, 0]);
    assert.deepEqual(values(tf.lessEqual(x, y)), [1, 1, 0]);
    assert.deepEqual(values(tf.tile(x, [2])), [1, 2, 3, 1, 2, 3]);
    assert.deepEqual(values(tf.stridedSlice(x, [0], [3], [2])), [1, 3]);
  });
});
