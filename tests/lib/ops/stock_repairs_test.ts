import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import { withBackend } from "../../with_backend.ts";

/** What TF.js's own kernels for WASM get wrong, and what is right. */
const RIGHT: Record<string, [() => tf.Tensor, number[]]> = {
  "tf.reverse() of bool": [
    () => tf.reverse(tf.tensor1d([true, false, false], "bool")),
    [0, 0, 1],
  ],
  "tf.where() of bool": [
    () =>
      tf.where([true, false], tf.tensor([1, 1], [2], "bool"), [false, true]),
    [1, 1],
  ],
  "kernel FlipLeftRight of bool": [
    () =>
      tf.engine().runKernel("FlipLeftRight", {
        image: tf.tensor4d([1, 0, 0], [1, 1, 3, 1], "bool"),
      }) as tf.Tensor,
    [0, 0, 1],
  ],
  "tf.oneHot() of bool": [
    () => tf.oneHot([1], 3, 1, 0, "bool"),
    [0, 1, 0],
  ],
  "tf.oneHot() of float32": [
    () => tf.oneHot([1], 3, 1, 0, "float32"),
    [0, 1, 0],
  ],
  "tf.stridedSlice() of int32": [
    () => tf.stridedSlice(tf.tensor1d([1, 2, 3], "int32"), [0], [3], [2]),
    [1, 3],
  ],
  "tf.isNaN() of int32": [() => tf.isNaN(tf.tensor1d([-1], "int32")), [0]],
  "tf.isFinite() of int32": [
    () => tf.isFinite(tf.tensor1d([-8], "int32")),
    [1],
  ],
  "tf.sign() of 1e-8": [() => tf.sign([1e-8, -1e-8]), [1, -1]],
  "tf.relu6() of NaN": [() => tf.relu6([NaN, 7]), [NaN, 6]],
  "tf.maximum() of NaN": [() => tf.maximum([NaN, 1], [1, NaN]), [NaN, NaN]],
  "tf.log1p() of 2^-40": [() => tf.log1p([2 ** -40]), [2 ** -40]],
  "tf.cos() of 2^20 π": [
    () => tf.round(tf.mul(tf.cos([2 ** 20 * Math.fround(Math.PI)]), 1000)),
    // float32's π is 8.74e-8 more than π: cos(0.0917) = 0.9958.
    [996],
  ],
  "tf.pow() of int32 to −2": [
    () => tf.pow(tf.tensor1d([2, 1], "int32"), tf.tensor1d([-2, -2], "int32")),
    [0, 1],
  ],
  "tf.mod() by 0 as int32": [
    () => tf.mod(tf.tensor1d([5], "int32"), tf.tensor1d([0], "int32")),
    [0],
  ],
  "tf.argMax() of nothing": [() => tf.argMax(tf.zeros([0, 3]), 1), []],
  "tf.sum() of nothing, transposed": [
    () => tf.sum(tf.zeros([2, 0, 3]), 0),
    [],
  ],
  "tf.max() of nothing, transposed": [
    () => tf.max(tf.zeros([2, 0, 3]), [1]),
    [NaN, NaN, NaN, NaN, NaN, NaN],
  ],
  "tf.gather() with batchDims": [
    () =>
      tf.gather(
        tf.tensor2d([[1, 2, 3], [4, 5, 6]]),
        tf.tensor2d([[0, 1, 2], [2, 1, 0]], [2, 3], "int32"),
        1,
        1,
      ),
    [1, 2, 3, 6, 5, 4],
  ],
  "tf.maxPool3d() of negative numbers": [
    () => tf.maxPool3d(tf.tensor5d([-4, -3], [1, 2, 1, 1, 1]), 2, 2, "same"),
    [-3],
  ],
  "tf.dilation2d() of negative numbers": [
    () =>
      tf.dilation2d(
        tf.tensor4d([-1, -2], [1, 1, 2, 1]),
        tf.tensor3d([-1, -1], [1, 2, 1]),
        1,
        "valid",
      ),
    [-2],
  ],
  "the nearest neighbour's gradient in a column": [
    () =>
      tf.grad((x) =>
        tf.image.resizeNearestNeighbor(x as tf.Tensor4D, [1, 3], true)
      )(tf.tensor4d([5], [1, 1, 1, 1])),
    [3],
  ],
};

Deno.test("the kernels that TF.js's own get wrong are right", async (t) => {
  await withBackend({ threads: 1 }, async () => {
    for (const [name, [compute, right]] of Object.entries(RIGHT)) {
      await t.step(name, () => {
        assert.deepEqual(Array.from(compute().dataSync()), right);
      });
    }
  });
});

Deno.test("tf.gatherND() takes indices of rank 1 as one row", async () => {
  await withBackend({ threads: 1 }, () => {
    const x = tf.range(0, 6).reshape([2, 3]);
    const at = (...row: number[]) =>
      tf.gatherND(x, tf.tensor1d(row, "int32")).arraySync();
    assert.equal(at(1, 2), 5);
    assert.deepEqual(at(1), [3, 4, 5]);
    assert.throws(
      () => tf.gatherND(x.transpose(), tf.tensor1d([1, 2], "int32")),
      {
        name: "RangeError",
        message:
          "Cannot compute GatherNd: indices must be from 0 to 1 along axis 1: got 2",
      },
    );
    x.dispose();
  });
});

Deno.test("scatters and gathers refuse an index outside of their tensor", async () => {
  await withBackend({ threads: 1 }, () => {
    const indices = tf.tensor2d([[0], [7]], [2, 1], "int32");
    const updates = tf.tensor1d([1, 2]);
    const before = tf.memory().numDataBuffers;
    const calls: [() => tf.Tensor, RegExp][] = [
      [() => tf.scatterND(indices, updates, [3]), /ScatterNd: indices/],
      [() => tf.gatherND(tf.zeros([3]), indices), /GatherNd: indices/],
      [
        () => tf.tensorScatterUpdate(tf.zeros([3]), indices, updates),
        /TensorScatterUpdate: indices/,
      ],
      [
        () => tf.sparseToDense(indices, updates, [3]),
        /SparseToDense: sparseIndices/,
      ],
    ];
    for (const [call, words] of calls) {
      const error = new RegExp(
        `^RangeError: Cannot compute ${words.source} must be from 0 to 2 along axis 0: got 7$`,
      );
      assert.throws(() => tf.tidy(call), error);
    }
    assert.equal(tf.memory().numDataBuffers, before);
  });
});
