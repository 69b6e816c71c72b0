import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import { assertSameValues } from "../../assert_same_values.ts";
import { testOp } from "../../ops_suite.ts";
import { seededTensor, specialTails } from "./fixtures/seeded_tensor.ts";

interface Case {
  size: number;
  low: number;
  high: number;
  change?: (value: number, index: number) => number;
}

/** As lib/ops/clip_by_value.ts cuts it. */
const CHUNK_SIZE = 16_384;

const BOUNDS: [number, number][] = [
  [-0.5, 0.25],
  [0, 1],
  [0, 0.5],
  [-Infinity, 0],
  [0.125, Infinity],
];

const SIZES = [
  ...Array(10).keys(),
  CHUNK_SIZE - 1,
  3 * CHUNK_SIZE + 5,
  5 * CHUNK_SIZE + 3,
];

/** Sizes and changes with all bounds. */
const casesOf = (inputs: Pick<Case, "size" | "change">[]) =>
  inputs.flatMap((input) =>
    BOUNDS.map(([low, high]): Case => ({ ...input, low, high }))
  );

const inputOf = ({ size, change }: Case) => seededTensor([size], size, change);

testOp<Case>({
  name: "tf.clipByValue()",
  tolerance: "exactly",
  cases: {
    "every tail, around the chunk": casesOf(
      SIZES.map((size) => ({ size })),
    ),
    "NaN, ±∞, −0 and denormals": casesOf(specialTails()),
  },
  compute: (c) => ({ y: tf.clipByValue(inputOf(c), c.low, c.high) }),
  expect(c) {
    const { low, high, size } = c;
    const values = inputOf(c).dataSync().map((v) =>
      v < low ? low : v > high ? high : v
    );
    return { y: { shape: [size], values, signedZeros: true } };
  },
  sameInBuilds: true,
  also: {
    "integers are clipped as integers": clipIntegers,
    "the gradient is dy within the bounds": checkGradient,
  },
});

function clipIntegers() {
  const x = tf.tensor1d([-9, -2, 3, 7, 2 ** 31 - 1], "int32");
  const clip = (x: tf.Tensor, low: number, high: number) => {
    const y = tf.clipByValue(x, low, high);
    assert.equal(y.dtype, x.dtype);
    return [...y.dataSync()];
  };
  assert.deepEqual(clip(x, -2, 6), [-2, -2, 3, 6, 6]);
  assert.deepEqual(clip(x, -2.5, 6.5), [-2, -2, 3, 6, 6]);
  assert.deepEqual(clip(x, -Infinity, 3), [-9, -2, 3, 3, 3]);
  const bools = tf.tensor1d([1, 0, 1], "bool");
  assert.deepEqual(clip(bools, 0, 0.5), [0, 0, 0]);
  assert.deepEqual(clip(bools, 0, 1), [1, 0, 1]);
}

function checkGradient() {
  const x = tf.tensor1d([-2, -1, 0, 1, 2]);
  const dy = tf.tensor1d([1, 2, 3, 4, 5]);
  const dx = tf.grad((x) => tf.clipByValue(x, -1, 1))(x, dy);
  assertSameValues(dx.dataSync(), [0, 2, 3, 4, 0], "dx");
}
