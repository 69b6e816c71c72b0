import assert from "node:assert/strict";
import fc from "fast-check";
import * as tf from "@tensorflow/tfjs";
import { createRandom } from "../../../lib/base/random.ts";
import { reluAlpha } from "../../../lib/ops/relu_alpha.ts";
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
import * as reference from "../../reference/relu_alpha.ts";

type Numbers = ArrayLike<number>;

/** One call: α has one number, or as many as x's last axis. */
interface Case {
  shape: number[];
  x: Float32Array;
  alpha: Float32Array;
  dy: Float32Array;
  /** Exact values, where they are known. */
  known?: { y: Numbers; dx: Numbers; dAlpha: Numbers };
}

/** As lib/ops/_run_slopes.ts cuts it. */
const CHUNK_SIZE = 32_768;

/** y, dx and dα of a case, on the backend that runs. */
function compute({ shape, x, alpha, dy }: Case) {
  const inputs = [
    tf.tensor(x, shape),
    tf.tensor(alpha, alpha.length === 1 ? [] : [alpha.length]),
  ];
  const f = (x: tf.Tensor, alpha: tf.Tensor) =>
    reluAlpha(x, alpha as tf.Scalar);
  const [dx, dAlpha] = tf.grads(f)(inputs, tf.tensor(dy, shape));
  return { y: f(inputs[0]!, inputs[1]!), dx: dx!, dAlpha: dAlpha! };
}

/**
 * y and dx are a subtraction and a product, so two roundings. Of dα, a term is
 * one product; the most additions that a term goes through in float32 are those
 * of its lane (16 of them side by side, or one per channel), of the lanes among
 * each other and of the tail.
 */
function expect(c: Case): Record<string, Expectation> {
  const { shape, x, alpha, dy, known } = c;
  const channels = alpha.length;
  const alphaShape = channels === 1 ? [] : [channels];
  if (known) {
    return {
      y: { shape, values: known.y, signedZeros: true },
      dx: { shape, values: known.dx, signedZeros: true },
      // A sum has no sign of its own when it is 0.
      dAlpha: { shape: alphaShape, values: known.dAlpha },
    };
  }
  const { dx, dAlpha, magnitudes } = reference.reluAlphaGrad(x, alpha, dy);
  const twice = { rtol: 2.001 * UNIT, atol: 2 ** -149 };
  const chunk = Math.min(x.length, CHUNK_SIZE);
  const additions = channels === 1
    ? chunk / 16 + 4 + 15
    : Math.ceil(chunk / channels);
  return {
    y: { shape, values: reference.reluAlpha(x, alpha), ...twice },
    dx: { shape, values: dx, ...twice },
    dAlpha: {
      shape: alphaShape,
      values: dAlpha,
      rtol: UNIT,
      atol: magnitudes.map((sum) => 1.01 * (additions + 2) * UNIT * sum),
    },
  };
}

/** The α of the reports, and some. */
const ALPHAS = [0, 0.5, 1, 2, -0.3];

/** A case with numbers that depend on the seed alone; a few are the kink. */
function randomCase(shape: number[], channels: number, seed: number): Case {
  const random = createRandom(seed);
  const size = tf.util.sizeFromShape(shape);
  const draw = (count: number) =>
    Float32Array.from({ length: count }, () => random.normal());
  const x = draw(size).map((v, i) => i % 11 === 7 ? 0 : i % 13 === 5 ? -0 : v);
  const alpha = draw(channels).map((v, i) => ALPHAS[(seed + i) % 6] ?? v);
  return { shape, x, dy: draw(size), alpha };
}

/**
 * x, α, dy → y, dx, and the term of dα, worked out by hand from
 * ReLU_α(x) = ReLU(x) − (1 − α) ReLU(−x). α of −0.3 is taken as float32 has it.
 */
const BELOW = Math.fround(-0.3), SLOPE = Math.fround(1 - BELOW);
const KNOWN: [number, number, number, number, number, number][] = [
  // identity
  [-2, 0, 3, -2, 3, 6],
  [2, 0, 3, 2, 3, 0],
  [0, 0, 3, 0, 3, 0],
  [-0, 0, 3, -0, 3, 0],
  // halfway
  [-2, 0.5, 3, -1, 1.5, 6],
  [2, 0.5, 3, 2, 3, 0],
  [0, 0.5, 3, 0, 1.5, 0],
  [-0, 0.5, 3, -0, 1.5, 0],
  // ReLU
  [-2, 1, 3, -0, 0, 6],
  [2, 1, 3, 2, 3, 0],
  [0, 1, 3, 0, 0, 0],
  // the absolute value
  [-2, 2, 3, 2, -3, 6],
  [2, 2, 3, 2, 3, 0],
  [0, 2, 3, -0, -3, 0],
  [-0, 2, 3, 0, -3, 0],
  // steeper below zero than above
  [-2, BELOW, 1, -2 * SLOPE, SLOPE, 2],
  [2, BELOW, 1, 2, 1, 0],
  // the smallest numbers on either side of the kink
  [2 ** -149, 0.5, 3, 2 ** -149, 3, 0],
  [-(2 ** -149), 0, 1, -(2 ** -149), 1, 2 ** -149],
  // no finite numbers
  [NaN, 0.5, 3, NaN, 1.5, NaN],
  [Infinity, 0.5, 3, Infinity, 3, 0],
  [-Infinity, 0.5, 3, -Infinity, 1.5, Infinity],
  [-Infinity, 1, 3, NaN, 0, Infinity],
  [-Infinity, 2, 3, Infinity, -3, Infinity],
  [2, 0.5, Infinity, 2, Infinity, 0],
  [2, 0.5, NaN, 2, NaN, 0],
  [-2, 0.5, -Infinity, -1, -Infinity, -Infinity],
  [-2, 0.5, NaN, -1, NaN, NaN],
  [-2, NaN, 3, NaN, NaN, 6],
  [2, NaN, 3, 2, 3, 0],
  [2, Infinity, 3, 2, 3, 0],
];

/** All of KNOWN with one α, in a vector of `size`, one α for all or each. */
function knownCases(size: number, each: boolean): Case[] {
  const perChannel = each && size > 1;
  return KNOWN.flatMap(([x, alpha, dy, y, dx, term]) =>
    Array.from({ length: size }, (_, at): Case => {
      const fill = (value: number, others = 1) =>
        new Float32Array(size).fill(others).with(at, value);
      return {
        shape: [size],
        x: fill(x),
        alpha: perChannel ? fill(alpha) : Float32Array.of(alpha),
        dy: fill(dy),
        known: {
          y: fill(y),
          dx: fill(dx),
          dAlpha: perChannel ? fill(term, 0) : [term],
        },
      };
    })
  );
}

Deno.test("the oracle of ReLU_α has the known values", () => {
  for (const c of [...knownCases(5, false), ...knownCases(5, true)]) {
    const { known, x, alpha, dy } = c;
    const { dx, dAlpha } = reference.reluAlphaGrad(x, alpha, dy);
    const y = Float32Array.from(reference.reluAlpha(x, alpha));
    assertSameValues(y, known!.y, "y");
    assertSameValues(Float32Array.from(dx), known!.dx, "dx");
    assertSameValues(dAlpha.map((v) => v + 0), known!.dAlpha, "dα");
  }
});

Deno.test("the oracle of ReLU_α has the gradient that differences have", () => {
  const h = 1e-4;
  for (const channels of [1, 5]) {
    const { x, alpha, dy } = randomCase([12, 5], channels, 3);
    const away = x.map((v) => Math.abs(v) < 2 * h ? 1 : v);
    const { dx, dAlpha } = reference.reluAlphaGrad(away, alpha, dy);
    assertGradients(
      ({ x, alpha }) => reference.reluAlpha(x, alpha),
      { x: away, alpha },
      dy,
      { x: dx, alpha: dAlpha },
      { h, rtol: 1e-9, atol: 1e-9 },
    );
  }
});

function chunkCases(): Case[] {
  const sizes = [1, 2, 5].flatMap((chunks) =>
    [-1, 0, 1, 21].map((extra) => chunks * CHUNK_SIZE + extra)
  );
  return sizes.map((size, seed) => randomCase([size], 1, seed));
}

function channelCases(): Case[] {
  const cases = [randomCase([3, 0], 0, 0)];
  for (let channels = 1; channels <= 21; channels++) {
    const whole = Math.floor(CHUNK_SIZE / channels);
    for (const rows of [0, 1, 2, 9, 2 * whole + 1]) {
      cases.push(randomCase([rows, channels], channels, channels));
    }
  }
  for (const channels of [CHUNK_SIZE - 1, CHUNK_SIZE, CHUNK_SIZE + 1]) {
    for (const rows of [1, 3]) {
      cases.push(randomCase([rows, channels], channels, channels));
    }
  }
  return cases;
}

/** Several chunks or a few numbers. */
const anyCase = fc.record({
  rows: fc.oneof(fc.nat(40), fc.integer({ min: 4_000, max: 9_000 })),
  channels: fc.integer({ min: 1, max: 9 }),
  shared: fc.boolean(),
  seed: fc.nat(1_000),
}).map(({ rows, channels, shared, seed }) =>
  randomCase([rows, channels], shared ? 1 : channels, seed)
);

testOp<Case>({
  name: "reluAlpha() and its gradients",
  tolerance: "y and dx to 2 roundings, dα to those of its sum",
  cases: {
    "known values, in a vector's lanes and in its tail": [
      ...knownCases(1, false),
      ...knownCases(7, false),
      ...knownCases(7, true),
      ...knownCases(19, false),
    ],
    "one α, every tail": [
      ...Array(36).keys(),
      63,
      64,
      65,
      ...Array.from({ length: 17 }, (_, tail) => 160 + tail),
    ].map((size, seed) => randomCase([size], 1, seed)),
    "one α, around the chunk": chunkCases(),
    "one α per channel, every tail, around the chunk": channelCases(),
    "ranks 0 to 4": [
      randomCase([], 1, 1),
      ...[[6], [5, 6], [4, 5, 6], [3, 4, 5, 6]].flatMap((shape) => [
        randomCase(shape, 1, 1),
        randomCase(shape, 6, 2),
      ]),
    ],
    "more chunks than threads": [
      randomCase([9 * CHUNK_SIZE + 3], 1, 1),
      randomCase([9_001, 10], 10, 2),
      randomCase([5, CHUNK_SIZE + 7], CHUNK_SIZE + 7, 3),
      // more than the heap has at the start
      randomCase([110_000, 10], 10, 1),
    ],
    "random shapes": drawCases(anyCase, 20),
  },
  compute,
  expect,
  refusals() {
    const x = tf.zeros([2, 3]), alpha = tf.scalar(0.5), gone = tf.ones([1]);
    const clone = gone.clone(); // the values are there, and gone is gone
    gone.dispose();
    const call = (x: tf.Tensor, alpha: tf.Tensor) => () =>
      reluAlpha(x, alpha as tf.Scalar);
    const prefix = "Cannot compute reluAlpha: ";
    const integers = tf.zeros([2], "int32");
    return [
      [
        call(integers, alpha),
        "TypeError",
        `${prefix}x must be float32: got int32`,
      ],
      [
        call(x, tf.scalar(true)),
        "TypeError",
        `${prefix}alpha must be float32: got bool`,
      ],
      ...[[2], [1], [2, 3], [1, 1]].map((shape): Refusal => [
        call(x, tf.zeros(shape)),
        "RangeError",
        `${prefix}alpha must be a scalar or [3]: got [${shape}]`,
      ]),
      [call(tf.scalar(1), tf.zeros([1])), "RangeError", /alpha must be/],
      [call(gone, alpha), "Error", /disposed/],
      [call(x, gone), "Error", /disposed/],
      [call(clone, tf.zeros([2])), "RangeError", /alpha must be/],
    ];
  },
  stopped: {
    action: "compute reluAlpha",
    call: (x) => reluAlpha(x, x as tf.Scalar),
  },
  also: {
    "gradients are linear in dy: a power of two changes no rounding"() {
      fc.assert(
        fc.property(anyCase, (c) => {
          const one = compute(c);
          const two = compute({ ...c, dy: c.dy.map((v) => 2 * v) });
          for (const name of ["dx", "dAlpha"] as const) {
            const twice = one[name].dataSync().map((v) => 2 * v);
            assertSameValues(two[name].dataSync(), twice, name);
          }
        }),
        { numRuns: 20 },
      );
    },
    "tf.grad, tf.grads and tf.variableGrads": checkGradients,
    "training α with tf.train.sgd": trainAlpha,
    "a clone outlives its tensor"() {
      const x = tf.tensor1d([1, 2]), alpha = tf.scalar(0.5);
      const clone = x.clone(), reshaped = x.reshape([2, 1]);
      x.dispose();
      for (const alive of [clone, reshaped]) {
        assert.deepEqual([...reluAlpha(alive, alpha).dataSync()], [1, 2]);
      }
    },
  },
});

function checkGradients() {
  const x = tf.tensor1d([-2, 0, 3]), alpha = tf.scalar(0.25);
  const values = (t: tf.Tensor) => Array.from(t.dataSync());
  const ofX = (x: tf.Tensor) => reluAlpha(x, alpha);
  assert.deepEqual(values(tf.grad(ofX)(x)), [0.75, 0.75, 1]);
  const ofAlpha = (alpha: tf.Tensor) => reluAlpha(x, alpha as tf.Scalar);
  assert.deepEqual(values(tf.grad(ofAlpha)(alpha)), [2]);
  const both = (x: tf.Tensor, alpha: tf.Tensor) =>
    tf.sum(tf.square(reluAlpha(x, alpha as tf.Scalar)));
  // y = [−1.5, 0, 3]; 2 y · dy/dx and Σ 2 y · dy/dα
  const [dx, dAlpha] = tf.grads(both)([x, alpha]);
  assert.deepEqual(values(dx!), [-2.25, 0, 6]);
  assert.deepEqual(values(dAlpha!), [-6]);
  const variable = tf.variable(alpha, true, "alpha");
  const { value, grads } = tf.variableGrads(() =>
    tf.sum(reluAlpha(x, variable as tf.Tensor as tf.Scalar)) as tf.Scalar
  );
  assert.deepEqual(values(value), [1.5]);
  assert.deepEqual(values(grads.alpha!), [2]);
  // One tensor as both operands: y = (1 − a) a, dy/da = 1 − 2a for a < 0.
  const twice = (a: tf.Tensor) => reluAlpha(a, a as tf.Scalar);
  assert.deepEqual(values(tf.grad(twice)(tf.scalar(-2))), [5]);
  variable.dispose();
}

function trainAlpha() {
  const x = tf.tensor1d([-1, -2, 4]), target = tf.tensor1d([-0.25, -0.5, 4]);
  const alpha = tf.variable(tf.scalar(0), true, "alpha");
  const loss = () =>
    tf.losses.meanSquaredError(
      target,
      reluAlpha(x, alpha as tf.Tensor as tf.Scalar),
    ) as tf.Scalar;
  const optimizer = tf.train.sgd(0.2);
  // The loss is 5/3 (α − 3/4)²: each step leaves 1/3 of the distance.
  for (let step = 0; step < 30; step++) optimizer.minimize(loss);
  assertValuesClose(alpha.dataSync(), [0.75], { rtol: 0, atol: 1e-6 });
  alpha.dispose();
}
