import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import { withBackend } from "../../with_backend.ts";

/** Runs `body` without keeping a tensor of it, and looks that none is left. */
function assertThrows(body: () => unknown, message: string) {
  const before = tf.memory().numDataBuffers;
  assert.throws(() => tf.tidy(() => void body()), {
    name: "RangeError",
    message,
  });
  assert.equal(tf.memory().numDataBuffers, before);
}

Deno.test("tf.slice() refuses what reaches beyond its tensor", async () => {
  await withBackend({ threads: 1 }, () => {
    const x = tf.tensor2d([[1, 2], [3, 4]]);
    const cases = [
      { begin: [0, 1], size: [2, 2] },
      { begin: [2, 0], size: [1, 2] },
      { begin: [0, 0], size: [3, 2] },
      { begin: [0, 3], size: [2, 0] },
      { begin: [0, 0.5], size: [2, 1] },
      { begin: [0, 0], size: [2, 0.5] },
      { begin: [0, 0, 0], size: [1, 1, 1] },
    ];
    for (const { begin, size } of cases) {
      assertThrows(
        () => tf.slice(x, begin, size),
        `Cannot compute slice: begin and begin + size must be within [2,2]: got begin [${begin}], size [${size}]`,
      );
    }
    assertThrows(
      () => tf.slice(x, [0, 3], [2, -1]),
      "Cannot compute slice: begin and begin + size must be within [2,2]: got begin [0,3], size [2,-1]",
    );
    assertThrows(
      () => tf.slice(tf.zeros([1, 2, 3, 4]), [0, 0, 0, 1], [1, 2, 3, 4]),
      "Cannot compute slice: begin and begin + size must be within [1,2,3,4]: got begin [0,0,0,1], size [1,2,3,4]",
    );
  });
});

Deno.test("tf.slice() takes what lies within, to the last element", async () => {
  await withBackend({ threads: 1 }, () => {
    const x = tf.tensor2d([[1, 2, 3], [4, 5, 6]]);
    const values = (y: tf.Tensor) => ({
      shape: y.shape,
      is: [...y.dataSync()],
    });
    const at = (begin: number[] | number, size?: number[] | number) =>
      values(tf.slice(x, begin, size));
    assert.deepEqual(at([0, 1], [2, 2]), { shape: [2, 2], is: [2, 3, 5, 6] });
    assert.deepEqual(at([1, 1], [-1, -1]), { shape: [1, 2], is: [5, 6] });
    assert.deepEqual(at(1), { shape: [1, 3], is: [4, 5, 6] });
    assert.deepEqual(at([2, 0], [0, 3]), { shape: [0, 3], is: [] });
  });
});

Deno.test("tf.cast() to bool is whether a number is not 0", async () => {
  await withBackend({ threads: 1 }, () => {
    const bools = (x: tf.Tensor) => {
      const before = tf.memory().numDataBuffers;
      const y = tf.cast(x, "bool");
      assert.equal(tf.memory().numDataBuffers, before + 1);
      assert.deepEqual([y.dtype, y.shape], ["bool", x.shape]);
      return [...y.dataSync()];
    };
    const floats = tf.tensor1d([1, 0.5, 256, -3, NaN, Infinity, 0, -0]);
    assert.deepEqual(bools(floats), [1, 1, 1, 1, 1, 1, 0, 0]);
    const integers = tf.tensor2d([[1, 256], [-1, 0]], [2, 2], "int32");
    assert.deepEqual(bools(integers), [1, 1, 1, 0]);
    assert.deepEqual(bools(tf.tensor1d([])), []);
    assert.deepEqual(bools(tf.scalar(0.25)), [1]);
  });
});

Deno.test("tf.cast() to other types truncates as typed arrays do", async () => {
  await withBackend({ threads: 1 }, () => {
    const x = tf.tensor1d([1, 2.7, -2.7, NaN, 3e9]);
    const y = tf.cast(x, "int32");
    assert.deepEqual([...y.dataSync()], [1, 2, -2, 0, 3e9 - 2 ** 32]);
    const bools = tf.tensor1d([1, 0], "bool");
    assert.deepEqual([...tf.cast(bools, "bool").dataSync()], [1, 0]);
    assert.deepEqual([...tf.cast(bools, "float32").dataSync()], [1, 0]);
  });
});

Deno.test("tf.bincount() counts in tensors of any rank", async () => {
  await withBackend({ threads: 1 }, () => {
    const none = tf.tensor1d([]);
    for (const shape of [[6], [2, 3], [3, 2, 1]]) {
      const x = tf.tensor([1, 2, 2, 0, 7, 2], shape, "int32");
      const y = tf.bincount(x as tf.Tensor1D, none, 4);
      assert.deepEqual(y.shape, [4]);
      assert.deepEqual([...y.dataSync()], [1, 1, 3, 0]);
      const weights = tf.tensor([1, 2, 4, 8, 16, 32], shape);
      const sums = tf.bincount(x as tf.Tensor1D, weights as tf.Tensor1D, 4);
      assert.deepEqual([...sums.dataSync()], [8, 1, 38, 0]);
    }
    const one = tf.bincount(tf.scalar(1, "int32") as never, none, 3);
    assert.deepEqual([...one.dataSync()], [0, 1, 0]);
  });
});

Deno.test("tf.bincount() and tf.denseBincount() refuse negative numbers and ranks", async () => {
  await withBackend({ threads: 1 }, () => {
    const x = tf.tensor1d([1, -5, 2], "int32"), none = tf.tensor1d([]);
    assertThrows(
      () => tf.bincount(x, none, 4),
      "Cannot compute bincount: x must be non-negative: got -5",
    );
    assertThrows(
      () => tf.denseBincount(x, none, 4),
      "Cannot compute denseBincount: x must be non-negative: got -5",
    );
    assertThrows(
      () => tf.denseBincount(tf.scalar(1, "int32") as never, none, 4),
      "Cannot compute denseBincount: x must have rank 1 or 2: got []",
    );
    const rows = tf.tensor2d([[1, 1], [0, 3]], [2, 2], "int32");
    const y = tf.denseBincount(rows, none as never, 3);
    assert.deepEqual(y.shape, [2, 3]);
    assert.deepEqual([...y.dataSync()], [0, 2, 0, 1, 0, 0]);
  });
});

Deno.test("reductions of nothing have a value", async () => {
  await withBackend({ threads: 1 }, () => {
    const reductions: [(x: tf.Tensor, axis: number) => tf.Tensor, number][] = [
      [tf.sum, 0],
      [tf.prod, 1],
      [tf.mean, NaN],
      [tf.max, NaN],
      [tf.min, NaN],
    ];
    // What lay where the output will be.
    const soil = () => tf.tidy(() => void tf.fill([3], 7));
    const values = (y: tf.Tensor) => [y.dtype, y.shape, [...y.dataSync()]];
    for (const [reduce, value] of reductions) {
      soil();
      const y = reduce(tf.zeros([3, 0]), 1);
      assert.deepEqual(values(y), ["float32", [3], [value, value, value]]);
      soil();
      const none = reduce(tf.zeros([0, 2]), 1);
      assert.deepEqual(values(none), ["float32", [0], []]);
      soil();
      const one = reduce(tf.tensor1d([5]), 0);
      assert.deepEqual(values(one), ["float32", [], [5]]);
    }
    const integers = tf.zeros([3, 0], "int32");
    soil();
    assert.deepEqual(values(tf.sum(integers, 1)), ["int32", [3], [0, 0, 0]]);
    soil();
    assert.deepEqual(values(tf.max(integers, 1)), ["int32", [3], [0, 0, 0]]);
    const bools = tf.zeros([3, 0], "bool");
    soil();
    assert.deepEqual(values(tf.all(bools, 1)), ["bool", [3], [1, 1, 1]]);
    soil();
    assert.deepEqual(values(tf.any(bools, 1)), ["bool", [3], [0, 0, 0]]);
  });
});
