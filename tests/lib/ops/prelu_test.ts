import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import { getGradient } from "@tensorflow/tfjs-core";
import { assertAllClose } from "../../assert_all_close.ts";
import { assertGradients } from "../../assert_gradients.ts";
import { assertSameValues } from "../../assert_same_values.ts";
import * as reference from "../../reference/prelu.ts";
import {
  type Expectation,
  type Refusal,
  testOp,
  UNIT,
} from "../../ops_suite.ts";
import { withBackend } from "../../with_backend.ts";
import { seededNumbers } from "./fixtures/seeded_tensor.ts";

/** As lib/ops/_run_slopes.ts cuts it. */
const CHUNK_SIZE = 32_768;

interface Case {
  x: reference.Shaped & { values: Float32Array };
  slopes: reference.Shaped & { values: Float32Array };
  dy: Float32Array;
}

/** Numbers that depend on the seed alone; some x are the kink. */
function seededCase(
  shape: readonly number[],
  slopeShape: readonly number[],
  seed: number,
): Case {
  const size = tf.util.sizeFromShape([...shape]);
  const values = seededNumbers(size, seed)
    .map((v, i) => i % 11 === 7 ? 0 : i % 13 === 5 ? -0 : v);
  return {
    x: { shape, values },
    slopes: {
      shape: slopeShape,
      values: seededNumbers(
        tf.util.sizeFromShape([...slopeShape]),
        seed + 1,
      ),
    },
    dy: seededNumbers(size, seed + 2),
  };
}

/** y, dx and dSlopes on the backend that runs. */
function compute({ x, slopes, dy }: Case) {
  const inputs = [x, slopes].map(({ values, shape }) =>
    tf.tensor(values, [...shape])
  ) as [tf.Tensor, tf.Tensor];
  const gradients = tf.grads((x, slopes) => tf.prelu(x!, slopes!));
  const [dx, dSlopes] = gradients(inputs, tf.tensor(dy, [...x.shape]));
  return { y: tf.prelu(...inputs), dx: dx!, dSlopes: dSlopes! };
}

/**
 * y and dx are one product each. A term of dSlopes is one product; the most
 * additions in float32 that a term goes through are those of a chunk, 16 side
 * by side or one per column, and few others.
 */
function expect({ x, slopes, dy }: Case): Record<string, Expectation> {
  const { dx, dSlopes, magnitudes } = reference.preluGrad(x, slopes, dy);
  const once = { rtol: UNIT, atol: 2 ** -149 };
  const additions = Math.min(dy.length, CHUNK_SIZE) + 2;
  return {
    y: { shape: x.shape, values: reference.prelu(x, slopes), ...once },
    dx: { shape: x.shape, values: dx, ...once },
    dSlopes: {
      shape: slopes.shape,
      values: dSlopes,
      rtol: UNIT,
      atol: magnitudes.map((sum) =>
        additions * (1.01 * UNIT * sum + 2 ** -149)
      ),
    },
  };
}

/** All shapes that broadcast to `shape`, without the leading ones too. */
function slopeShapes(shape: readonly number[]): number[][] {
  const whole = shape.reduce<number[][]>(
    (shapes, size) => shapes.flatMap((rest) => [[...rest, 1], [...rest, size]]),
    [[]],
  );
  return [
    ...whole,
    ...whole.filter(([first]) => first === 1).map(([, ...rest]) => rest),
  ];
}

const HAND = [
  // x, slopes, y
  [[[-1, -1], [-1, -1]], [[1], [2]], [[-1, -1], [-2, -2]]],
  [[[-1, -1], [-1, -1]], [1, 2], [[-1, -2], [-1, -2]]],
  [[[-1, 4], [-2, -3]], 3, [[-3, 4], [-6, -9]]],
  [[[-1, 4], [-2, -3]], [[3]], [[-3, 4], [-6, -9]]],
  [[[[-1, -1], [-1, -1]]], [[[1], [2]]], [[[-1, -1], [-2, -2]]]],
  [[[-1, -2], [-3, 4]], [[1, 2], [3, 4]], [[-1, -4], [-9, 4]]],
  [[[[-1], [-2]], [[-3], [-4]]], [[[2]], [[5]]], [
    [[-2], [-4]],
    [[-15], [-20]],
  ]],
  [-2, 3, -6],
] as const;

Deno.test("the oracle of PReLU has the gradient that differences have", () => {
  for (const shape of slopeShapes([2, 3, 4])) {
    const { x, slopes, dy } = seededCase([2, 3, 4], shape, 3);
    const away = { ...x, values: x.values.map((v) => v || 1) };
    const { dx, dSlopes } = reference.preluGrad(away, slopes, dy);
    assertGradients(
      ({ x, slopes }) =>
        reference.prelu({ ...away, values: x }, { shape, values: slopes }),
      { x: away.values, slopes: slopes.values },
      dy,
      { x: dx, slopes: dSlopes },
      { h: 1e-4, rtol: 1e-9, atol: 1e-9 },
    );
  }
});

/** Beyond one chunk, in every way that a dimension can be cut. */
const LARGE: [number[], number[]][] = [
  [[100_003], []],
  [[100_003], [100_003]],
  [[1_001, 33], [33]],
  [[33, 1_001], [33, 1]],
  [[2, 40_000], [2, 1]],
  [[2, 2, 40_000], [2, 1]],
  [[3, 40_001], [40_001]],
  [[3, 33_000, 2], [3, 1, 2]],
  [[3, 33_000, 2], [33_000, 1]],
  [[2, 3, 12_001, 2], [3, 1, 2]],
  [[2, 3, 12_001, 2], [2, 1, 12_001, 1]],
  [[20_000, 2, 3, 2], [2, 1, 2]],
  [[2, 20_000, 3], [2, 1, 3]],
  [[64, 5, 5, 24], [24]],
];

// deno-fmt-ignore -- a list of shapes
const SHAPES = [
  [], [1], [7], [2, 3], [3, 2, 4], [2, 3, 5, 4], [2, 1, 3, 2, 3],
  [1, 4, 1, 19], [2, 3, 2, 2, 3, 2], [0, 3], [3, 0],
  ...Array.from({ length: 20 }, (_, i) => [3, 16 + i]),
];

// deno-fmt-ignore -- a list of numbers
const SPECIAL = [
  0, -0, 1, -1, 2 ** -149, -(2 ** -149), NaN, Infinity, -Infinity,
];

/** x, slope and dy of all special numbers with each other. */
function specialCase(): Case {
  const triples = SPECIAL.flatMap((x) =>
    SPECIAL.flatMap((slope) => SPECIAL.map((dy) => [x, slope, dy]))
  );
  const column = (i: number) =>
    Float32Array.from(triples, (triple) => triple[i]!);
  const shape = [triples.length];
  return {
    x: { shape, values: column(0) },
    slopes: { shape, values: column(1) },
    dy: column(2),
  };
}

testOp<Case>({
  name: "tf.prelu() and its gradients",
  tolerance: "y and dx to 1 rounding, dSlopes to those of its sum",
  cases: {
    "every way to broadcast, every tail": SHAPES.flatMap((shape, seed) =>
      slopeShapes(shape).map((slopes) => seededCase(shape, slopes, seed))
    ),
    "several chunks": LARGE.map(([shape, slopes], seed) =>
      seededCase(shape, slopes, seed)
    ),
    "±0, NaN, ±∞ and denormals": [specialCase()],
  },
  compute,
  expect,
  refusals: () => {
    const refused: [number[], number[]][] = [
      [[2], [2, 2]],
      [[2, 3], [2]],
      [[2, 3], [3, 1]],
      [[1], [2]],
      [[], [2]],
      [[2, 3], [1, 2, 3]],
      [[2, 3], [0]],
    ];
    return refused.flatMap(([shape, slopes]) =>
      (["float32", "int32"] as const).map((dtype): Refusal => [
        () => tf.prelu(tf.zeros(shape, dtype), tf.zeros(slopes)),
        "RangeError",
        `Cannot compute prelu: alpha must broadcast to x, [${shape}]: got [${slopes}]`,
      ])
    );
  },
  also: {
    "the values worked out by hand, slopes of any shape"() {
      for (const [x, slopes, y] of HAND) {
        const tensor = (values: unknown) => tf.tensor(values as number[]);
        const got = tf.prelu(tensor(x), tensor(slopes));
        assert.deepEqual(got.arraySync(), y);
      }
    },
    "±0, NaN and ±∞ as the cpu backend has them, in fused forms too":
      compareSpecial,
    "tf.layers.prelu() trains slopes that it shares over any axes": trainLayers,
    "int32 and bool as numbers, as the cpu backend": compareIntegers,
  },
});

async function compareSpecial() {
  const special = specialCase();
  const run = () => [
    ...Object.values(compute(special)).map((tensor) => tensor.dataSync()),
    ...SPECIAL.flatMap((slope) => fusedForms(special.x.values, slope)),
  ];
  const ours = run();
  await tf.setBackend("cpu");
  const theirs = run();
  await tf.setBackend("wasm");
  ours.forEach((values, i) => {
    // Where nothing is added to a slope's gradient, 0 may have either sign.
    const plain = (values: ArrayLike<number>) =>
      i === 2 ? Float32Array.from(values, (v) => v + 0) : values;
    assertSameValues(plain(values), plain(theirs[i]!), `result ${i}`);
  });
}

/** x by a matrix and by a filter that are the number 1, then PReLU. */
function fusedForms(x: Float32Array, slope: number) {
  return tf.tidy(() => {
    const preluActivationWeights = tf.tensor1d([slope]);
    const activation = "prelu" as const;
    return [
      tf.fused.matMul({
        a: tf.tensor2d(x, [x.length, 1]),
        b: tf.ones([1, 1]),
        activation,
        preluActivationWeights,
      }),
      tf.fused.conv2d({
        x: tf.tensor4d(x, [1, x.length, 1, 1]),
        filter: tf.ones([1, 1, 1, 1]),
        strides: 1,
        pad: "valid",
        activation,
        preluActivationWeights,
      }),
    ].map((y) => y.dataSync());
  });
}

function trainLayers() {
  const shape = [4, 3, 5, 2];
  const ways = [[], [1], [2], [3], [1, 2], [1, 3], [2, 3], [1, 2, 3]];
  ways.forEach((sharedAxes, seed) => {
    const layer = tf.layers.prelu(
      (sharedAxes.length > 0 ? { sharedAxes } : {}) as never,
    );
    layer.build(shape);
    const slopeShape = [3, 5, 2].map((size, i) =>
      sharedAxes.includes(i + 1) ? 1 : size
    );
    const c = seededCase(shape, slopeShape, seed);
    layer.setWeights([tf.tensor(c.slopes.values, slopeShape)]);
    const x = tf.tensor(c.x.values, shape);
    const { grads } = tf.variableGrads(() =>
      tf.sum(
        tf.mul(layer.apply(x) as tf.Tensor, tf.tensor(c.dy, shape)),
      ) as tf.Scalar
    );
    const { dSlopes } = reference.preluGrad(c.x, c.slopes, c.dy);
    const [gradient] = Object.values(grads);
    assertAllClose(
      gradient!,
      { dtype: "float32", shape: slopeShape, values: dSlopes },
      { rtol: 1e-6, atol: 1e-6 },
    );
  });
}

async function compareIntegers() {
  const run = () =>
    tf.tidy(() => {
      const x = tf.tensor1d([-3, 0, 5], "int32");
      const slope = tf.tensor1d([2], "int32");
      const y = tf.prelu(x, tf.tensor1d([0.5]));
      const z = tf.prelu(tf.tensor1d([-1.5, 2]), slope);
      const [dx, dSlope] = tf.grads((x, slope) => tf.prelu(x!, slope!))([
        x,
        slope,
      ]);
      const flags = tf.prelu(tf.tensor1d([true, false], "bool"), slope);
      return [y, z, dx!, dSlope!, flags].map((t) => [
        t.dtype,
        Array.from(t.dataSync()),
      ]);
    });
  const before = tf.backend().numDataIds();
  const ours = run();
  assert.deepEqual(ours.slice(0, 2), [
    ["float32", [-1.5, 0, 5]],
    ["float32", [-3, 2]],
  ]);
  assert.equal(tf.backend().numDataIds(), before);
  await tf.setBackend("cpu");
  assert.deepEqual(ours, run());
  await tf.setBackend("wasm");
}

Deno.test("stop() puts TF.js's gradient of Prelu back", async () => {
  const before = getGradient("Prelu");
  await withBackend({ threads: 1 }, () => {
    assert.notEqual(getGradient("Prelu"), before);
  });
  assert.equal(getGradient("Prelu"), before);
});
