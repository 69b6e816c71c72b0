import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import { meanLoss } from "../../../lib/losses/mean_loss.ts";
import { softmaxCrossEntropy } from "../../../lib/losses/softmax_cross_entropy.ts";
import { BACKENDS, testOp, UNIT } from "../../ops_suite.ts";
import { seededNumbers } from "../ops/fixtures/seeded_tensor.ts";

interface Case {
  losses: ArrayLike<number>;
  /** The gradient of what is computed from the mean. */
  dy: number;
}

testOp<Case>({
  name: "meanLoss() and its gradient",
  tolerance: "to the last rounding",
  cases: {
    "known values": [
      { losses: [1, 2, 6, -1], dy: 3 },
      // 2²⁴ + 1 + 1 in float32 stays 2²⁴.
      { losses: [2 ** 24, 1, 1, 0], dy: 1 },
    ],
    "batch sizes": [1, 2, 3, 4, 5, 64, 10_001].map((size) => ({
      losses: seededNumbers(size, size),
      dy: 0.75,
    })),
    "NaN, ±∞, −0 and denormals": [
      [1, NaN],
      [1, Infinity],
      [-Infinity, Infinity],
      [-0],
      [2 ** -149, 2 ** -149],
    ].map((losses) => ({ losses, dy: -1 })),
  },
  compute({ losses, dy }) {
    const x = tf.tensor1d(Float32Array.from(losses));
    const mean = (x: tf.Tensor) => meanLoss(x as tf.Tensor1D);
    return { y: mean(x), dx: tf.grad(mean)(x, tf.scalar(dy)) };
  },
  expect({ losses, dy }) {
    const values = Array.from(losses), size = values.length;
    const mean = values.reduce((sum, loss) => sum + loss, 0) / size;
    return {
      y: { shape: [], values: [mean], rtol: UNIT, atol: 2 ** -150 },
      dx: { shape: [size], values: Array(size).fill(dy / size), rtol: UNIT },
    };
  },
  backends: BACKENDS.slice(0, 2), // a loop of the host: no kernel computes it
  refusals: () => [
    [
      () => meanLoss(tf.tensor1d([])),
      "RangeError",
      "Cannot compute meanLoss: perExampleLoss must be [batchSize], not empty: got [0]",
    ],
    [
      () => meanLoss(tf.tensor1d([1], "int32")),
      "TypeError",
      "Cannot compute meanLoss: perExampleLoss must be float32: got int32",
    ],
  ],
  stopped: {
    action: "compute meanLoss",
    call: (x) => meanLoss(x as tf.Tensor as tf.Tensor1D),
  },
  also: {
    "of softmaxCrossEntropy() it has the gradient that tf.mean gives": () => {
      const logits = tf.tensor2d([[1, 2, -1], [0.5, 0, 3]]);
      const labels = tf.tensor1d([2, 0], "int32");
      const loss = (x: tf.Tensor) =>
        softmaxCrossEntropy(x as tf.Tensor2D, labels);
      const ours = tf.grad((x) => meanLoss(loss(x)))(logits).dataSync();
      const theirs = tf.grad((x) => tf.mean(loss(x)))(logits).dataSync();
      for (const [i, value] of theirs.entries()) {
        assert.ok(Math.abs(ours[i]! - value) <= UNIT, `${ours[i]} ${value}`);
      }
    },
  },
});
