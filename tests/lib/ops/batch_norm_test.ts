import assert from "node:assert/strict";
import fc from "fast-check";
import * as tf from "@tensorflow/tfjs";
import { fusedBatchNorm } from "../../../lib/ops/batch_norm.ts";
import { drawCases } from "../../draw_cases.ts";
import { assertValuesClose } from "../../assert_all_close.ts";
import { assertGradients } from "../../assert_gradients.ts";
import { assertSameValues } from "../../assert_same_values.ts";
import {
  type Expectation,
  type Refusal,
  testOp,
  UNIT,
} from "../../ops_suite.ts";
import golden from "../../golden/batch_norm.json" with { type: "json" };
import * as reference from "../../reference/batch_norm.ts";
import { seededNumbers } from "./fixtures/seeded_tensor.ts";

type Numbers = ArrayLike<number>;

/** One call, forward and backward. */
interface Case {
  shape: number[];
  x: Numbers;
  scale: Numbers;
  offset: Numbers;
  epsilon: number;
  dy: Numbers;
  /** Whether the case is made of `BY_HAND`. */
  byHand?: boolean;
}

/** As lib/ops/_batch_norm_passes.ts cuts it. */
const CHUNK_SIZE = 16_384;

/** Most values that one place in a period adds up in float32. */
const MOST_ADDED = 256;

const NAMES = ["y", "mean", "variance", "dx", "dScale", "dOffset"] as const;

type Result = Record<typeof NAMES[number], tf.Tensor>;

/** All outputs and gradients of a case, on the backend that runs. */
function compute(c: Case): Result {
  const vector = (values: Numbers) => tf.tensor1d(Float32Array.from(values));
  const tensor = (values: Numbers) =>
    tf.tensor(Float32Array.from(values), c.shape);
  const inputs = [tensor(c.x), vector(c.scale), vector(c.offset)];
  const { epsilon } = c;
  const f = (x: tf.Tensor, scale: tf.Tensor, offset: tf.Tensor) =>
    fusedBatchNorm(x, scale as tf.Tensor1D, offset as tf.Tensor1D, { epsilon });
  const [dx, dScale, dOffset] = tf.grads((x, scale, offset) =>
    f(x!, scale!, offset!).y
  )(inputs, tensor(c.dy));
  return {
    ...f(inputs[0]!, inputs[1]!, inputs[2]!),
    dx: dx!,
    dScale: dScale!,
    dOffset: dOffset!,
  };
}

/** The values of a case, which leaves no tensor. */
function run(c: Case): Record<typeof NAMES[number], Float32Array> {
  return tf.tidy(() => {
    const result = compute(c);
    const of = (name: typeof NAMES[number]) =>
      result[name].dataSync<"float32">();
    return {
      y: of("y"),
      mean: of("mean"),
      variance: of("variance"),
      dx: of("dx"),
      dScale: of("dScale"),
      dOffset: of("dOffset"),
    };
  });
}

/** A case whose numbers depend on the seed alone. */
function seededCase(
  shape: number[],
  seed: number,
  change: (value: number, index: number) => number = (value) => value,
): Case {
  const channels = shape.at(-1)!;
  const size = tf.util.sizeFromShape(shape);
  return {
    shape,
    x: seededNumbers(size, seed).map(change),
    scale: seededNumbers(channels, seed + 1).map((value) => 2 * value),
    offset: seededNumbers(channels, seed + 2),
    epsilon: seed % 2 ? 1e-5 : 1e-2,
    dy: seededNumbers(size, seed + 3),
  };
}

/**
 * A place adds up at most `rows` values in
 * float32, so its mean m is off by that many roundings of the largest |x|, and
 * its sums of x − m and (x − m)² are off by as many of Σ |x − m| and
 * Σ (x − m)² and some more for the terms; all else is float64. `spread` is a
 * bound of √(Σ (x − m)² / n), and the root of a variance is half as far off, in
 * relation, as the variance. Three times that covers y and dx, products of two
 * such numbers with some roundings of their own.
 */
function expect(c: Case): Record<string, Expectation> {
  const forward = reference.batchNorm(c);
  const backward = reference.batchNormGrad(c, c.dy);
  const channels = c.scale.length, n = c.x.length / channels;
  const rows = Math.min(n, MOST_ADDED);
  const relative = (3 * rows + 24) * UNIT;
  const at = Array.from({ length: channels }, (_, channel) => {
    const of = (values: Numbers) =>
      Array.from({ length: n }, (_, row) => values[row * channels + channel]!)
        .map(Math.abs);
    const mean = (values: number[]) => values.reduce((s, v) => s + v, 0) / n;
    const largest = of(c.x).reduce((a, b) => Math.max(a, b));
    const variance = forward.variance[channel]!;
    const spread = Math.sqrt(variance + (rows * UNIT * largest) ** 2);
    const factor = 1 / Math.sqrt(variance + c.epsilon);
    const xHats = of(forward.xHat), dys = of(c.dy);
    return {
      spread,
      factor,
      mean: Math.abs(forward.mean[channel]!),
      scale: Math.abs(c.scale[channel]!),
      offset: Math.abs(c.offset[channel]!),
      dy: mean(dys),
      product: mean(
        dys.map((dy, i) => dy * (xHats[i]! + spread * factor)),
      ),
    };
  });
  const channelOf = (i: number) => at[i % channels]!;
  /** |x̂| and how far it may be off, both as parts of `relative`. */
  const xHatOf = (i: number) =>
    Math.abs(forward.xHat[i]!) + channelOf(i).spread * channelOf(i).factor;
  const channelwise = (values: Float64Array, bound: (i: number) => number) =>
    near([channels], values, bound);
  const near = (
    shape: number[],
    values: Float64Array,
    bound: (i: number) => number,
  ): Expectation => ({
    shape,
    values,
    rtol: UNIT,
    atol: values.map((_, i) => relative * bound(i) + 2 ** -149),
  });
  const { y, mean, variance } = forward;
  const { dx, dScale, dOffset } = backward;
  return {
    y: near(c.shape, y, (i) => {
      const { scale, offset } = channelOf(i);
      return scale * xHatOf(i) + UNIT * offset;
    }),
    mean: channelwise(mean, (i) => at[i]!.spread),
    variance: channelwise(variance, (i) => at[i]!.spread ** 2),
    dx: near(c.shape, dx, (i) => {
      const { scale, factor, dy, product } = channelOf(i);
      return scale * factor *
        (Math.abs(c.dy[i]!) + dy + xHatOf(i) * product);
    }),
    dScale: channelwise(dScale, (i) => n * at[i]!.product),
    dOffset: channelwise(dOffset, (i) => n * at[i]!.dy),
  };
}

/**
 * Two channels by hand. The first: mean 1, variance 1, √(1 + ε) = 2, so x̂ is
 * ∓1/2, dScale = Σ dy x̂ = 1, dOffset = Σ dy = 4 and
 * dx = 4/2 · ([1, 3] − 4/2 − [−1/2, 1/2] · 1/2). The second: mean 5, variance
 * 9, a scale of 0, and a dy that is orthogonal to x̂.
 */
const BY_HAND: Case = {
  shape: [2, 2],
  x: [0, 2, 2, 8],
  scale: [4, 0],
  offset: [10, 7],
  epsilon: 3,
  dy: [1, 2, 3, 2],
};
const KNOWN = {
  y: [8, 7, 12, 7],
  mean: [1, 5],
  variance: [1, 9],
  dx: [-1.5, 0, 1.5, 0],
  dScale: [1, 0],
  dOffset: [4, 4],
};

Deno.test("the oracle of batch normalization has the known values", () => {
  const { y, mean, variance } = reference.batchNorm(BY_HAND);
  const gradients = reference.batchNormGrad(BY_HAND, BY_HAND.dy);
  const known: Record<string, Float64Array> = {
    y,
    mean,
    variance,
    ...gradients,
  };
  for (const name of NAMES) {
    assertValuesClose(known[name]!, KNOWN[name], { rtol: 0, atol: 1e-15 });
  }
});

Deno.test("the oracle of batch normalization has the gradients that differences have", () => {
  for (const shape of [[7, 3], [2, 3, 2, 2]]) {
    const c = seededCase(shape, 4), { x, scale, offset, epsilon, dy } = c;
    const { dx, dScale, dOffset } = reference.batchNormGrad(c, dy);
    assertGradients(
      (inputs) => reference.batchNorm({ ...inputs, epsilon }).y,
      { x, scale, offset },
      dy,
      { x: dx, scale: dScale, offset: dOffset },
      { h: 1e-5, atol: 1e-7 },
    );
  }
});

const twice = (values: Numbers, channels: number) =>
  Array.from({ length: channels }, (_, i) => values[i % 2]!);

/** Two rows of these channels, from the two of two channels. */
const rows = (values: Numbers, channels: number) => [
  ...twice(values, channels),
  ...twice(Array.from(values).slice(2), channels),
];

/** `BY_HAND` with its two channels in turn. */
function handCase(channels: number): Case {
  return {
    shape: [2, channels],
    epsilon: BY_HAND.epsilon,
    x: rows(BY_HAND.x, channels),
    dy: rows(BY_HAND.dy, channels),
    scale: twice(BY_HAND.scale, channels),
    offset: twice(BY_HAND.offset, channels),
    byHand: true,
  };
}

function expectByHand({ shape }: Case): Record<string, Expectation> {
  const channels = shape[1]!;
  return Object.fromEntries(
    NAMES.map((name) => [
      name,
      KNOWN[name].length === 2
        ? { shape: [channels], values: twice(KNOWN[name], channels) }
        : { shape, values: rows(KNOWN[name], channels) },
    ]),
  );
}

const counts = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);

const anyCase = fc.record({
  rows: fc.oneof(
    fc.integer({ min: 1, max: 40 }),
    fc.integer({ min: 3_000, max: 6_000 }),
  ),
  channels: fc.integer({ min: 1, max: 9 }),
  seed: fc.nat(1_000),
  shift: fc.constantFrom(0, 1, -100),
}).map(({ rows, channels, seed, shift }) =>
  seededCase([rows, channels], seed, (v) => v + shift)
);

testOp<Case>({
  name: "fusedBatchNorm() and its gradients",
  tolerance: "to the roundings of 256 additions",
  cases: {
    "known values, in a vector's lanes and in its tail": counts(2, 19)
      .map(handCase),
    "every tail of channels and rows": counts(1, 21).flatMap((channels) =>
      [1, 2, 9, 70].map((rows) => seededCase([rows, channels], channels + rows))
    ),
    "around the chunk, and several of them": [
      ...[1, 3, 8, 10, 16, 32].flatMap((channels) => {
        const rows = Math.floor(CHUNK_SIZE / channels);
        return [rows - 1, rows, rows + 1, 3 * rows + 7].map((count) =>
          seededCase([count, channels], channels + count)
        );
      }),
      ...[1_025, 2_046].map((channels) =>
        seededCase([130, channels], channels)
      ),
    ],
    "ranks 2 to 5": [[6, 5], [4, 6, 5], [3, 4, 6, 5], [2, 3, 4, 6, 5]]
      .map((shape) => seededCase(shape, 3)),
    "more chunks than threads": [
      [9, 28, 28, 8],
      [9_001, 10],
      [40, 3, 3, 513],
    ].map((shape, seed) => seededCase(shape, seed)),
    "random shapes": drawCases(anyCase, 20),
  },
  compute,
  expect: (c) => c.byHand ? expectByHand(c) : expect(c),
  refusals,
  stopped: {
    action: "compute fusedBatchNorm",
    call: (x) => fusedBatchNorm(x, x as tf.Tensor1D, x as tf.Tensor1D),
  },
  also: {
    "PyTorch's values and gradients": compareWithPytorch,
    "ε is 1e-5 by default": checkEpsilon,
    "it keeps its digits where the mean is a million deviations": checkFarMeans,
    "one value per channel gives the offset, and dx 0": checkSingles,
    "equal values give the offset, but for rounding": checkEqualValues,
    "a NaN stays in its channel": checkNan,
    "gradients are linear in dy, and dx is as no shift and no scaling of x":
      checkProperties,
    "tf.variableGrads(), and no gradient through mean and variance":
      checkVariableGrads,
    "three tensors are made outside of a tidy": () => {
      const x = tf.ones([4, 2]), vector = tf.ones<tf.Rank.R1>([2]);
      const before = tf.memory().numTensors;
      fusedBatchNorm(x, vector, vector);
      assert.equal(tf.memory().numTensors, before + 3);
    },
  },
});

function compareWithPytorch() {
  const { shape, scale, offset } = golden;
  for (const { x, dy, y, dx, dScale, dOffset } of golden.steps) {
    const result = run({ shape, x, scale, offset, epsilon: 1e-5, dy });
    // The largest of them are about 8; channel 1 is 150 deviations off 0.
    const near = { rtol: 0, atol: 4e-6 };
    assertValuesClose(result.y, y, near);
    assertValuesClose(result.dx, dx, near);
    assertValuesClose(result.dScale, dScale, near);
    assertValuesClose(result.dOffset, dOffset, near);
  }
}

function checkEpsilon() {
  // Variance 1e-6, so that ε is most of it: x̂ = ∓1e-3 / √1.1e-5.
  const x = tf.tensor2d([[-1e-3], [1e-3]]);
  const y = fusedBatchNorm(x, tf.ones([1]), tf.zeros([1])).y.dataSync();
  const expected = 1e-3 / Math.sqrt(1.1e-5);
  assertValuesClose(y, [-expected, expected], { rtol: 1e-6, atol: 0 });
}

function checkFarMeans() {
  const means = [-65_536, 4_096, 0, 3e7, 10_000];
  const channels = means.length;
  // On a grid of the largest one's float32, so that x is exact.
  const c = seededCase(
    [2_603, channels], // ends in a tail of 3
    1,
    (value, i) =>
      means[i % channels]! +
      (i % channels === 3 ? 2 : 2 ** -6) * Math.round(4 * value),
  );
  // Neither Σ dy nor Σ dy x̂ is about 0.
  c.dy = seededNumbers(c.x.length, 2).map((value, i) =>
    value + 1 + Math.sign(c.x[i]! - means[i % channels]!)
  );
  const { mean, variance, y, dx, dScale } = run(c);
  const expected = reference.batchNorm(c);
  const gradients = reference.batchNormGrad(c, c.dy);
  assertValuesClose(mean, expected.mean, { rtol: UNIT, atol: 1e-7 });
  assertValuesClose(variance, expected.variance, { rtol: 1e-5, atol: 0 });
  assertValuesClose(y, expected.y, { rtol: 0, atol: 2e-5 });
  const largest = gradients.dx.reduce((a, b) => Math.max(a, Math.abs(b)));
  assertValuesClose(dx, gradients.dx, { rtol: 0, atol: 2e-5 * largest });
  assertValuesClose(dScale, gradients.dScale, { rtol: 1e-5, atol: 0 });
}

function checkSingles() {
  for (const channels of [1, 3, 8]) {
    const c = seededCase([1, 1, 1, channels], 5);
    const result = run(c);
    assertSameValues(result.y, c.offset, "y");
    assertSameValues(result.mean, c.x, "mean");
    assertSameValues(result.dOffset, c.dy, "dOffset");
    for (const name of ["variance", "dx", "dScale"] as const) {
      for (const value of Array.from(result[name])) assert.equal(value, 0);
    }
  }
}

function checkEqualValues() {
  const c = seededCase([5_000, 6], 2, (_, i) => [0, 0.1, -7.3][i % 3]!);
  const { y, variance } = run({ ...c, epsilon: 1e-5 });
  assertValuesClose(variance, Array(6).fill(0), { rtol: 0, atol: 1e-12 });
  for (let i = 0; i < 6; i++) assert.ok(variance[i]! >= 0);
  const offsets = Float64Array.from(y, (_, i) => c.offset[i % 6]!);
  // x̂ is what float64 cannot see of x − mean, below 1e-6 / √ε.
  assertValuesClose(y, offsets, { rtol: 0, atol: 1e-4 });
}

function checkNan() {
  const c = seededCase([100, 5], 1, (v, i) => i === 203 ? NaN : v);
  const result = run(c);
  for (const name of NAMES) {
    Array.from(result[name]).forEach((value, i) => {
      const isNaN = i % 5 === 3 && name !== "dOffset";
      assert.equal(Number.isNaN(value), isNaN, `${name}[${i}]`);
    });
  }
}

function checkProperties() {
  const property = fc.property(
    fc.integer({ min: 2, max: 3_000 }),
    fc.integer({ min: 1, max: 9 }),
    fc.nat(1_000),
    (rows, channels, seed) => {
      const c = seededCase([rows, channels], seed);
      const double = (values: Numbers) =>
        Float32Array.from(values, (value) => 2 * value);
      const one = run(c), two = run({ ...c, dy: double(c.dy) });
      // A power of two changes no rounding.
      for (const name of ["dx", "dScale", "dOffset"] as const) {
        assertSameValues(two[name], double(one[name]), `${name} of 2 dy`);
      }
      // y of x and of c · x + d are the same, but for ε, so Σ dx is 0.
      for (let channel = 0; channel < channels; channel++) {
        let sum = 0, magnitude = 0;
        for (let i = channel; i < one.dx.length; i += channels) {
          sum += one.dx[i]!;
          magnitude += Math.abs(one.dx[i]!);
        }
        const root = Math.sqrt(one.variance[channel]! + c.epsilon);
        const scale = Math.abs(c.scale[channel]!);
        const bound = 1e-5 * (magnitude + rows * scale / root);
        assert.ok(Math.abs(sum) <= bound, `Σ dx is ${sum}, not ${bound}`);
      }
    },
  );
  fc.assert(property, { numRuns: 30 });
}

function checkVariableGrads() {
  const x = tf.tensor2d([[0], [2]]);
  const scale = tf.variable(tf.tensor1d([4])) as tf.Variable<tf.Rank.R1>;
  const offset = tf.variable(tf.tensor1d([10])) as tf.Variable<tf.Rank.R1>;
  const { grads } = tf.variableGrads(() => {
    const { y } = fusedBatchNorm(x, scale, offset, { epsilon: 3 });
    return tf.sum(tf.mul(y, tf.tensor2d([[1], [3]]))) as tf.Scalar;
  }, [scale, offset]);
  assert.deepEqual([...grads[scale.name]!.dataSync()], [1]);
  assert.deepEqual([...grads[offset.name]!.dataSync()], [4]);
  const ofStatistics = tf.grad((x) => {
    const { mean, variance } = fusedBatchNorm(x, scale, offset);
    return tf.add(mean, variance);
  })(x);
  assert.deepEqual([...ofStatistics.dataSync()], [0, 0]);
  tf.dispose([scale, offset]);
}

function refusals(): Refusal[] {
  const x = tf.zeros([2, 3]), fitting = tf.ones([3]);
  const integers = tf.zeros([3], "int32");
  const gone = tf.zeros([2, 3]);
  gone.dispose();
  const refused = (
    name: string,
    what: string,
    {
      x: ofX = x,
      scale = fitting,
      offset = fitting,
      epsilon,
    }: Partial<Record<"x" | "scale" | "offset", tf.Tensor>> & {
      epsilon?: number;
    },
  ): Refusal => [
    () =>
      fusedBatchNorm(ofX, scale as tf.Tensor1D, offset as tf.Tensor1D, {
        epsilon,
      }),
    name,
    `Cannot compute fusedBatchNorm: ${what}`,
  ];
  const type = (name: "x" | "scale" | "offset", x: tf.Tensor) =>
    refused("TypeError", `${name} must be float32: got int32`, { [name]: x });
  return [
    type("x", tf.zeros([2, 3], "int32")),
    type("scale", integers),
    type("offset", integers),
    refused("RangeError", "scale must be [3]: got [2]", {
      scale: tf.ones([2]),
    }),
    refused("RangeError", "offset must be [3]: got [1,3]", {
      offset: tf.ones([1, 3]),
    }),
    ...[[3], [], [0, 3], [2, 0, 3]].map((shape) =>
      refused(
        "RangeError",
        `x must be [batch, …, channels], not empty: got [${shape}]`,
        { x: tf.zeros(shape) },
      )
    ),
    ...[0, -1, NaN, Infinity].map((epsilon) =>
      refused(
        "RangeError",
        `epsilon must be above 0 and finite: got ${epsilon}`,
        { epsilon },
      )
    ),
    [
      () => fusedBatchNorm(gone, integers as never, integers as never),
      "Error",
      /disposed/,
    ],
  ];
}
