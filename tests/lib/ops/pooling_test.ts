import assert from "node:assert/strict";
import fc from "fast-check";
import * as tf from "@tensorflow/tfjs";
import { drawCases } from "../../draw_cases.ts";
import { assertGradients } from "../../assert_gradients.ts";
import { type Expectation, type Refusal, testOp } from "../../ops_suite.ts";
import * as reference from "../../reference/pooling.ts";
import { windowGeometry } from "../../reference/window_geometry.ts";
import { anyPadding, type Padding } from "./fixtures/any_padding.ts";
import { closeSums } from "./fixtures/close_sums.ts";
import { seededNumbers, seededTensor } from "./fixtures/seeded_tensor.ts";

type Shape = [number, number, number, number];

interface Case {
  inputShape: Shape;
  filterSize: [number, number];
  strides: [number, number];
  pad: Padding;
  dimRoundingMode?: "floor" | "round" | "ceil";
  seed?: number;
  /** Whether ties, NaN and −∞ are frequent. */
  rough?: boolean;
}

function geometry(c: Case) {
  const channels = c.inputShape[3];
  const filterShape: Shape = [...c.filterSize, channels, channels];
  return windowGeometry({ ...c, filterShape });
}

function run(kernel: string, inputs: Record<string, tf.Tensor>, c: Case) {
  const { rough: _, ...attrs } = c;
  return tf.engine().runKernel(
    kernel,
    inputs,
    attrs as unknown as tf.NamedAttrMap,
  ) as tf.Tensor;
}

const whole = (value: number) => Math.round(value * 8);

/** Numbers in which ties, NaN and −Infinity are frequent; none above 0. */
const awkward = (value: number) =>
  value > 0.8
    ? NaN
    : value < -0.8
    ? -Infinity
    : -Math.abs(Math.round(value * 3));

const size = (min: number, max: number) => fc.integer({ min, max });

const anyCase: fc.Arbitrary<Case> = fc.record({
  inputShape: fc.tuple(size(0, 3), size(1, 9), size(1, 9), size(1, 18)),
  filterSize: fc.oneof(
    fc.constant<[number, number]>([2, 2]),
    fc.tuple(size(1, 4), size(1, 4)),
  ),
  strides: fc.oneof(
    fc.constant<[number, number]>([2, 2]),
    fc.tuple(size(1, 4), size(1, 4)),
  ),
  pad: anyPadding,
  seed: size(0, 1_000),
  rough: fc.boolean(),
  dimRoundingMode: fc.constantFrom("floor", "round", "ceil"),
}).map(({ dimRoundingMode, ...c }): Case =>
  typeof c.pad === "string" ? c : { ...c, dimRoundingMode }
).filter((c) => {
  const { outHeight, outWidth } = geometry(c);
  return outHeight >= 0 && outWidth >= 0;
});

/** Values of x for the maxima, of x for the averages, and of dy. */
function inputsOf(c: Case) {
  const { seed = 0, rough } = c;
  return {
    x: seededTensor(c.inputShape, seed, rough ? awkward : undefined),
    numbers: seededTensor(c.inputShape, seed + 2),
    dy: seededTensor(geometry(c).outShape, seed + 1, whole),
  };
}

function compute(c: Case) {
  const { x, numbers, dy } = inputsOf(c);
  const y = run("MaxPool", { x }, c);
  return {
    y,
    dx: run("MaxPoolGrad", { dy, input: x, output: y }, c),
    average: run("AvgPool", { x: numbers }, c),
    averageDx: run("AvgPoolGrad", { dy, input: x }, c),
  };
}

/** Exactly where no rounding is. */
function expect(c: Case): Record<string, Expectation> {
  const g = geometry(c);
  const inputs = inputsOf(c);
  const [x, numbers, dy] = [inputs.x, inputs.numbers, inputs.dy].map((t) =>
    t.dataSync<"float32">()
  ) as [Float32Array, Float32Array, Float32Array];
  const terms = g.filterHeight * g.filterWidth;
  const isCopy = terms === 1 && tf.util.arraysEqual(g.outShape, c.inputShape);
  const average = (values: Float32Array) =>
    isCopy ? Float64Array.from(values) : reference.avgPool(g, values);
  const shape = c.inputShape;
  return {
    y: {
      shape: g.outShape,
      values: isCopy ? Float64Array.from(x) : reference.maxPool(g, x),
      signedZeros: true,
    },
    dx: { shape, values: reference.maxPoolGrad(g, x, dy) },
    average: closeSums(g.outShape, {
      values: average(numbers),
      magnitudes: average(numbers.map(Math.abs)),
    }, terms),
    averageDx: closeSums(shape, reference.avgPoolGrad(g, dy), terms),
  };
}

/** Pooling of the reports and what else is common, at a small batch. */
const LAYERS: Case[] = [
  {
    inputShape: [3, 26, 26, 32],
    filterSize: [2, 2],
    strides: [2, 2],
    pad: "valid",
  },
  {
    inputShape: [3, 11, 11, 64],
    filterSize: [2, 2],
    strides: [2, 2],
    pad: "valid",
  },
  {
    inputShape: [2, 11, 13, 19],
    filterSize: [2, 2],
    strides: [2, 2],
    pad: "same",
  },
  {
    inputShape: [5, 24, 24, 8],
    filterSize: [3, 3],
    strides: [2, 2],
    pad: "same",
  },
  {
    inputShape: [2, 17, 17, 6],
    filterSize: [3, 3],
    strides: [1, 1],
    pad: "same",
  },
  { inputShape: [2, 17, 17, 5], filterSize: [2, 2], strides: [3, 3], pad: 1 },
];

testOp<Case>({
  name: "pooling and its gradients",
  tolerance: "maxima exactly, averages to the roundings of their sums",
  cases: {
    "layers": LAYERS.map((c, seed) => ({ ...c, seed, rough: true })),
    "layers, several chunks": LAYERS.map(({ inputShape, ...c }, seed) => ({
      ...c,
      inputShape: [3 * inputShape[0], ...inputShape.slice(1)] as Shape,
      seed,
    })),
    "random shapes, ties, NaN and −∞": drawCases(anyCase, 400),
  },
  compute,
  expect,
  refusals,
  also: {
    "TF.js's cpu backend has the same, NaN and ties included": compareWithCpu,
    "maxPool()'s gradient, by hand": checkMaxPool,
    "tf.avgPool() divides by what is inside of the image, its gradient by the filter's size":
      checkAvgPool,
    "AvgPool of 1 × 1 skips what its strides skip"() {
      const x = tf.tensor4d([1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 3, 3, 1]);
      const y = tf.avgPool(x, 1, 2, "valid").dataSync();
      assert.deepEqual([...y], [1, 3, 7, 9]);
    },
  },
});

async function compareWithCpu() {
  const computeExactly = (c: Case, seed: number) =>
    tf.tidy(() => {
      const x = seededTensor(c.inputShape, seed, awkward);
      const dy = seededTensor(geometry(c).outShape, seed + 1, whole);
      const y = run("MaxPool", { x }, c);
      const dx = run("MaxPoolGrad", { dy, input: x, output: y }, c);
      const mean = run("AvgPool", { x }, c); // of whole numbers: no sum rounds
      return [y, dx, mean].map((t) => Array.from(t.dataSync(), (v) => v + 0));
    });
  // Where the padding is a number TF.js's width needs equal sides.
  const cases = fc.sample(anyCase, { numRuns: 300, seed: 7 }).filter((c) =>
    typeof c.pad !== "number" || tf.util.arraysEqual(
      geometry(c).outShape,
      tf.backend_util.computePool2DInfo(
        c.inputShape,
        c.filterSize,
        c.strides,
        1,
        c.pad,
        c.dimRoundingMode,
      ).outShape,
    )
  );
  assert.ok(cases.length > 150);
  const ours = cases.map(computeExactly);
  await tf.setBackend("cpu");
  const theirs = cases.map(computeExactly);
  await tf.setBackend("wasm");
  ours.forEach((values, i) => {
    assert.deepEqual(values, theirs[i], JSON.stringify(cases[i]));
  });
}

/** One pooling of one channel through tf.grad. */
function gradOf(
  pool: (x: tf.Tensor4D) => tf.Tensor,
  rows: number[][],
  dyRows: number[][],
): number[][] {
  return tf.tidy(() => {
    const shape: Shape = [1, rows.length, rows[0]!.length, 1];
    const x = tf.tensor4d(rows.flat(), shape);
    const dy = tf.tensor4d(
      dyRows.flat(),
      [1, dyRows.length, dyRows[0]!.length, 1],
    );
    const dx = tf.grad(pool as (x: tf.Tensor) => tf.Tensor)(x, dy);
    return dx.reshape([rows.length, rows[0]!.length]).arraySync() as number[][];
  });
}

function checkMaxPool() {
  const apart = (x: tf.Tensor4D) => tf.maxPool(x, 2, 2, "valid");
  const overlapping = (x: tf.Tensor4D) => tf.maxPool(x, 2, 1, "valid");
  const ceil = (x: tf.Tensor4D) => tf.maxPool(x, 2, 2, 0, "ceil");
  const none = [[0, 0], [0, 0]];
  // x, dy, dx
  const known: [typeof apart, number[][], number[][], number[][]][] = [
    // Every value is at most 0.
    [apart, [[-3, -1], [-2, -4]], [[5]], [[0, 5], [0, 0]]],
    [apart, none, [[5]], [[5, 0], [0, 0]]],
    // The first of equal maxima, row by row, has the gradient.
    [apart, [[1, 7], [7, 7]], [[5]], [[0, 5], [0, 0]]],
    [apart, [[1, 2], [7, 7]], [[5]], [[0, 0], [5, 0]]],
    [overlapping, [[7, 7, 1], [7, 7, 7]], [[1, 2]], [[1, 2, 0], [0, 0, 0]]],
    // NaN is passed over.
    [apart, [[NaN, -1], [-2, NaN]], [[5]], [[0, 5], [0, 0]]],
    [apart, [[NaN, NaN], [NaN, -Infinity]], [[5]], none],
    // What dimRoundingMode made of y.
    [
      ceil,
      [[1, 2, 3], [4, 5, 6], [7, 8, 9]],
      [[1, 2], [3, 4]],
      [[0, 0, 0], [0, 1, 2], [0, 3, 4]],
    ],
  ];
  for (const [pool, x, dy, dx] of known) {
    assert.deepEqual(gradOf(pool, x, dy), dx);
  }
}

function checkAvgPool() {
  const pool = (x: tf.Tensor4D) => tf.avgPool(x, 2, 2, 1);
  const y = tf.tidy(() => pool(tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1])));
  assert.deepEqual([...y.dataSync()], [1, 2, 3, 4]);
  assert.deepEqual(
    gradOf(pool, [[1, 2], [3, 4]], [[4, 8], [12, 16]]),
    [[1, 2], [3, 4]],
  );
}

Deno.test("the oracle of pooling has the gradients that differences have, avgPool's without padding", () => {
  const cases: Case[] = [
    {
      inputShape: [2, 5, 4, 2],
      filterSize: [3, 2],
      strides: [2, 1],
      pad: "same",
    },
    { inputShape: [1, 4, 5, 3], filterSize: [2, 2], strides: [2, 2], pad: 1 },
    {
      inputShape: [2, 5, 4, 2],
      filterSize: [3, 2],
      strides: [1, 2],
      pad: "valid",
    },
  ];
  for (const c of cases) {
    const g = geometry(c);
    // All different, by more than the step.
    const length = tf.util.sizeFromShape(c.inputShape);
    const x = Float64Array.from(
      { length },
      (_, i) => (i * 17 % 41) / 41 + i / 1e3,
    );
    const dy = seededNumbers(tf.util.sizeFromShape(g.outShape), 1);
    const step = { h: 1e-5, atol: 1e-8 };
    assertGradients(({ x }) => reference.maxPool(g, x), { x }, dy, {
      x: reference.maxPoolGrad(g, x, dy),
    }, step);
    if (c.pad !== "valid") continue;
    assertGradients(({ x }) => reference.avgPool(g, x), { x }, dy, {
      x: reference.avgPoolGrad(g, dy).values,
    }, step);
  }
});

function refusals(): Refusal[] {
  const c: Case = {
    inputShape: [1, 4, 4, 3],
    filterSize: [2, 2],
    strides: [2, 2],
    pad: "valid",
  };
  const x = tf.zeros(c.inputShape), integers = tf.zeros(c.inputShape, "int32");
  const y = tf.zeros([1, 2, 2, 3]), wrong = tf.zeros([1, 2, 2, 4]);
  return [
    [
      () => run("MaxPool", { x: integers }, c),
      "TypeError",
      "Cannot compute maxPool: x must be float32: got int32",
    ],
    [
      () => run("AvgPool", { x: tf.zeros([4, 4, 3]) }, c),
      "RangeError",
      /^Cannot compute avgPool: x must be/,
    ],
    [
      () => run("MaxPoolGrad", { dy: wrong, input: x, output: y }, c),
      "RangeError",
      "Cannot compute maxPool's gradient: dy must be [1,2,2,3]: got [1,2,2,4]",
    ],
    [
      () => run("MaxPoolGrad", { dy: y, input: x, output: wrong }, c),
      "RangeError",
      /^Cannot compute maxPool's gradient: output must be/,
    ],
    [
      () => run("AvgPoolGrad", { dy: tf.zeros([2, 2, 2, 3]), input: x }, c),
      "RangeError",
      /^Cannot compute avgPool's gradient: dy must be/,
    ],
  ];
}
