import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import { Sgd } from "../../../lib/optimizers/sgd.ts";
import { assertAllClose } from "../../assert_all_close.ts";
import { assertSameValues } from "../../assert_same_values.ts";
import { type Refusal, testOp } from "../../ops_suite.ts";
import { unsortedSegmentSum } from "../../reference/unsorted_segment_sum.ts";
import {
  seededNumbers,
  seededTensor,
  specialTails,
} from "./fixtures/seeded_tensor.ts";

interface Case {
  rows: number;
  /** Of a row. */
  shape: number[];
  segments: number;
  change?: (value: number, index: number) => number;
}

/** From −2 to segments + 1, so that some count nowhere. */
function seededIds(rows: number, segments: number): number[] {
  return Array.from(
    seededNumbers(rows, 9),
    (v) => Math.floor((v + 1) / 2 * (segments + 4)) - 2,
  );
}

const ids32 = (ids: readonly number[]) => tf.tensor1d([...ids], "int32");

// deno-fmt-ignore -- a list of shapes
const SHAPES = [
  [], [0], [1], [2], [3], [4], [5], [31], [32], [33], [97],
  [3, 4], [2, 3, 5], [2, 1, 7, 9],
];

const inputOf = ({ rows, shape, change }: Case) =>
  seededTensor([rows, ...shape], 1, change);

testOp<Case>({
  name: "tf.unsortedSegmentSum()",
  tolerance: "the bits of additions row by row",
  cases: {
    "every tail, ids that count nowhere": SHAPES.flatMap((shape) =>
      [[0, 3], [1, 1], [7, 3], [50, 11]].map(([rows, segments]) => ({
        rows: rows!,
        shape,
        segments: segments!,
      }))
    ),
    "several chunks": [33, 67, 333].map((columns) => ({
      rows: 400,
      shape: [columns],
      segments: 7,
    })),
    "NaN, ±∞, −0 and denormals": specialTails().map(({ size, change }) => ({
      rows: 5,
      shape: [size],
      segments: 4,
      change,
    })),
  },
  compute(c) {
    const ids = ids32(seededIds(c.rows, c.segments));
    return { y: tf.unsortedSegmentSum(inputOf(c), ids, c.segments) };
  },
  expect(c) {
    const { rows, shape, segments } = c;
    const values = unsortedSegmentSum(
      inputOf(c).dataSync(),
      seededIds(rows, segments),
      {
        segments,
        columns: tf.util.sizeFromShape(shape),
        round: Math.fround,
      },
    );
    return { y: { shape: [segments, ...shape], values, signedZeros: true } };
  },
  sameInBuilds: true,
  refusals,
  also: {
    "integers are added as integers, and they wrap": addIntegers,
    "what is not finite stays in its own segment": checkInfinities,
    "the gradient is dy's rows, 0 for a negative id": checkGradient,
    "the gradient of tf.gather() along any axis is the oracle's": checkGather,
    "tf.layers.embedding() learns a number for each word": trainEmbedding,
  },
});

function addIntegers() {
  const x = tf.tensor2d([[2 ** 31 - 1, 1], [1, 2], [5, -7]], [3, 2], "int32");
  const y = tf.unsortedSegmentSum(x, ids32([1, 1, 0]), 3);
  assert.equal(y.dtype, "int32");
  assert.deepEqual([...y.dataSync()], [5, -7, -(2 ** 31), 3, 0, 0]);
  const bools = tf.tensor1d([1, 0, 1, 1], "bool");
  const counts = tf.unsortedSegmentSum(bools, ids32([1, 1, 1, 0]), 2);
  assert.equal(counts.dtype, "int32");
  assert.deepEqual([...counts.dataSync()], [1, 2]);
  const outside = [-1, 2, -(2 ** 31), 2 ** 31 - 1];
  const none = tf.unsortedSegmentSum(bools, ids32(outside), 2);
  assert.deepEqual([...none.dataSync()], [0, 0]);
}

function checkInfinities() {
  const x = tf.tensor1d([1, NaN, 2, Infinity, -Infinity, 3]);
  const ids = ids32([0, 1, 0, 2, 2, 2 ** 31 - 1]);
  const y = tf.unsortedSegmentSum(x, ids, 4);
  assertSameValues(y.dataSync(), [3, NaN, NaN, 0], "y");
}

function checkGradient() {
  const ids = ids32([2, -1, 0, 2]);
  const f = (x: tf.Tensor) => tf.unsortedSegmentSum(x, ids, 3);
  const dy = tf.tensor2d([[1, 2], [3, 4], [5, 6]]);
  const dx = tf.grad(f)(tf.zeros([4, 2]), dy);
  assertSameValues(dx.dataSync(), [5, 6, 0, 0, 1, 2, 5, 6], "dx");
}

function checkGather() {
  const shape = [3, 4, 5];
  const indices = [2, 0, 2, 1, 2, 0];
  for (let axis = 0; axis < 3; axis++) {
    const outShape = shape.with(axis, indices.length);
    const x = seededTensor(shape, 1), dy = seededTensor(outShape, 2);
    const dx = tf.grad((x) => tf.gather(x, ids32(indices), axis))(x, dy);
    const expected = Array<number>(60).fill(0);
    const dys = dy.dataSync();
    const inner = tf.util.sizeFromShape(shape.slice(axis + 1));
    dys.forEach((value, i) => {
      const column = i % inner, row = Math.floor(i / inner);
      const outer = Math.floor(row / indices.length);
      const index = indices[row % indices.length]!;
      expected[(outer * shape[axis]! + index) * inner + column]! += value;
    });
    const values = expected;
    assertAllClose(dx, { dtype: "float32", shape, values }, {
      rtol: 0,
      atol: 3 * 4 * 2 ** -24, // three sums of at most four below 1
    });
  }
}

async function trainEmbedding() {
  const model = tf.sequential();
  const initializer = tf.initializers.randomNormal({ seed: 1 });
  model.add(tf.layers.embedding({
    inputDim: 6,
    outputDim: 4,
    inputLength: 2,
    embeddingsInitializer: initializer,
  }));
  model.add(tf.layers.flatten());
  const kernelInitializer = tf.initializers.glorotNormal({ seed: 2 });
  model.add(tf.layers.dense({ units: 1, kernelInitializer }));
  const optimizer = new Sgd({ learningRate: 0.1, momentum: 0.9 });
  model.compile({ optimizer, loss: "meanSquaredError" });
  const words = tf.tensor2d([[0, 1], [2, 3], [4, 5], [1, 0]], [4, 2]);
  const targets = tf.tensor2d([[1], [-1], [2], [0]]);
  const before = model.evaluate(words, targets) as tf.Scalar;
  await model.fit(words, targets, {
    epochs: 100,
    batchSize: 4,
    shuffle: false,
    verbose: 0,
  });
  const after = model.evaluate(words, targets) as tf.Scalar;
  assert.ok(before.dataSync()[0]! > 1, `${before}`);
  assert.ok(after.dataSync()[0]! < 1e-3, `${after}`);
  model.dispose();
  optimizer.dispose();
}

function refusals(): Refusal[] {
  const sum = (x: tf.Tensor, segmentIds: tf.Tensor, numSegments: number) =>
    tf.engine().runKernel("UnsortedSegmentSum", { x, segmentIds }, {
      numSegments,
    });
  const x = tf.zeros([3, 2]), ids = ids32([0, 1, 2]);
  const scalars = [tf.scalar(1), tf.scalar(0, "int32")] as const;
  const cases: [() => unknown, string, string][] = [
    [
      () => sum(x, tf.zeros([3]), 3),
      "TypeError",
      "segmentIds must be int32: got float32",
    ],
    [
      () => sum(x, ids32([0, 1]), 3),
      "RangeError",
      "segmentIds must be [3]: got [2]",
    ],
    [
      () => sum(x, tf.zeros([3, 2], "int32"), 3),
      "RangeError",
      "segmentIds must be [3]: got [3,2]",
    ],
    [
      () => sum(...scalars, 3),
      "RangeError",
      "x must have rank 1 or more: got a scalar",
    ],
  ];
  for (const numSegments of [-1, 1.5, NaN]) {
    cases.push([
      () => sum(x, ids, numSegments),
      "RangeError",
      `numSegments must be an integer from 0 on: got ${numSegments}`,
    ]);
  }
  return cases.map(([call, name, what]) => [
    call,
    name,
    `Cannot compute unsortedSegmentSum: ${what}`,
  ]);
}
