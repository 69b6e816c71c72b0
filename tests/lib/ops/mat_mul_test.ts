import assert from "node:assert/strict";
import fc from "fast-check";
import * as tf from "@tensorflow/tfjs";
import { planMatMul } from "../../../lib/ops/_mat_mul_plan.ts";
import { drawCases } from "../../draw_cases.ts";
import { assertGradients } from "../../assert_gradients.ts";
import { type Expectation, type Refusal, testOp } from "../../ops_suite.ts";
import * as reference from "../../reference/mat_mul.ts";
import { closeSums, type Sums } from "./fixtures/close_sums.ts";
import {
  seededNumbers,
  seededTensor,
  specialNumber,
} from "./fixtures/seeded_tensor.ts";

/** A product, with all that a fused one has, and its gradients where asked. */
interface Case {
  rows: number;
  columns: number;
  depth: number;
  transposeA: boolean;
  transposeB: boolean;
  seed?: number;
  change?: (value: number) => number;
  gradients?: boolean;
  /** Of the fused product; PReLU's slopes have the bias's shape. */
  activation?: string;
  biasShape?: number[];
  /** Batch dimensions of a and b, and what both broadcast to. */
  batchShapes?: [number[], number[], number[]];
}

const TRANSPOSES = [false, true].flatMap((transposeA) =>
  [false, true].map((transposeB) => ({ transposeA, transposeB }))
);

function operands(c: Case) {
  const { rows, columns, depth, seed = 1, change } = c;
  const [batchA, batchB] = c.batchShapes ?? [[], []];
  const a = c.transposeA ? [depth, rows] : [rows, depth];
  const b = c.transposeB ? [columns, depth] : [depth, columns];
  return {
    a: seededTensor([...batchA, ...a], seed, change),
    b: seededTensor([...batchB, ...b], seed + 1),
  };
}

/** The inputs of a fused product beside its operands. */
function fusedInputs({ activation, biasShape, columns }: Case) {
  return {
    bias: biasShape && seededTensor(biasShape, 4, (v) => 4 * v),
    slopes: activation === "prelu"
      ? seededTensor(biasShape ?? [columns], 5)
      : undefined,
  };
}

function compute(c: Case): Record<string, tf.Tensor> {
  const { transposeA, transposeB, activation } = c;
  const { a, b } = operands(c);
  if (activation) {
    const { bias, slopes } = fusedInputs(c);
    // The kernel itself: tf.fused lets fewer biases through.
    const y = tf.engine().runKernel("_FusedMatMul", {
      a: a.expandDims(0),
      b: b.expandDims(0),
      ...(bias && { bias }),
      ...(slopes && { preluActivationWeights: slopes }),
    }, {
      transposeA,
      transposeB,
      activation,
      leakyreluAlpha: 0.25,
    }) as tf.Tensor;
    return { y };
  }
  const multiply = (a: tf.Tensor, b: tf.Tensor) =>
    tf.matMul(a, b, transposeA, transposeB);
  const y = multiply(a, b);
  if (!c.gradients) return { y };
  const dy = seededTensor(y.shape, 8);
  const [da, db] = tf.grads(multiply as never)([a, b], dy);
  return { y, da: da!, db: db! };
}

/** The sums of fused products, which all activations of a shape share. */
const fusedSums = new Map<string, Sums>();

function expect(c: Case): Record<string, Expectation> {
  const { a, b } = operands(c);
  const [as, bs] = [a.dataSync(), b.dataSync()];
  if (c.batchShapes) return { y: expectBatches(c, as, bs) };
  if (c.activation) {
    const shape = `${[c.rows, c.columns, c.depth, c.transposeA]}`;
    const sums = fusedSums.get(shape) ?? reference.matMul(as, bs, c);
    fusedSums.set(shape, sums);
    return { y: expectFused(c, sums) };
  }
  const sums = reference.matMul(as, bs, c);
  const y = closeSums([c.rows, c.columns], sums, c.depth);
  return c.gradients ? { y, ...expectGradients(c, a, b) } : { y };
}

function expectGradients(c: Case, a: tf.Tensor, b: tf.Tensor) {
  const dy = seededNumbers(c.rows * c.columns, 8);
  const { da, db } = gradients(c, a.dataSync(), b.dataSync(), dy);
  return {
    da: closeSums(a.shape, da, c.columns),
    db: closeSums(b.shape, db, c.rows),
  };
}

/** dA = dy · Bᵀ and dB = Aᵀ · dy, or their transposes. */
function gradients(
  { rows, columns, depth, transposeA, transposeB }: Case,
  as: ArrayLike<number>,
  bs: ArrayLike<number>,
  dy: ArrayLike<number>,
) {
  const da = transposeA
    ? reference.matMul(bs, dy, {
      rows: depth,
      columns: rows,
      depth: columns,
      transposeA: transposeB,
      transposeB: true,
    })
    : reference.matMul(dy, bs, {
      rows,
      columns: depth,
      depth: columns,
      transposeA: false,
      transposeB: !transposeB,
    });
  const db = transposeB
    ? reference.matMul(dy, as, {
      rows: columns,
      columns: depth,
      depth: rows,
      transposeA: true,
      transposeB: transposeA,
    })
    : reference.matMul(as, dy, {
      rows: depth,
      columns,
      depth: rows,
      transposeA: !transposeA,
      transposeB: false,
    });
  return { da, db };
}

Deno.test("the oracle of matMul has the gradients that differences have", () => {
  for (const t of TRANSPOSES) {
    const c: Case = { rows: 3, columns: 4, depth: 5, ...t };
    const [a, b, dy] = [15, 20, 12].map((size) =>
      seededNumbers(size, size)
    ) as [
      Float32Array,
      Float32Array,
      Float32Array,
    ];
    const { da, db } = gradients(c, a, b, dy);
    assertGradients(
      ({ a, b }) => reference.matMul(a, b, c).values,
      { a, b },
      dy,
      { a: da.values, b: db.values },
      { h: 1e-3, atol: 1e-9 },
    );
  }
});

/** Shapes that reach every path of the plan, small enough for the oracle. */
const LARGE: Case[] = [
  [40, 10, 3400],
  [1300, 10, 100],
  [100, 1300, 10],
  [128, 300, 260],
  [150, 140, 1100],
  [130, 70, 2100],
  [16, 200, 700],
  [700, 200, 16],
  [10, 70, 3400],
  [97, 203, 33],
  [26, 530, 530],
].flatMap(([rows, columns, depth]) =>
  TRANSPOSES.map((t) => ({
    rows: rows!,
    columns: columns!,
    depth: depth!,
    ...t,
  }))
);

Deno.test("the large shapes reach every path of planMatMul()", () => {
  const plans = LARGE.map((c) => planMatMul({ batches: 1, ...c }));
  const kinds = new Set(plans.flatMap((plan) => [
    `${plan.kernel}${plan.swapped ? " swapped" : ""}`,
    `${plan.kernel} pieces ${plan.pieces > 1}`,
    `${plan.kernel} blocks ${plan.depthBlock < plan.pieceDepth}`,
    ...(plan.kernel === "matMulTilesF32"
      ? [`a ${plan.aSource}`, `b ${plan.bSource}`]
      : []),
  ]));
  for (
    const kind of [
      "matMulTilesF32",
      "matMulTilesF32 swapped",
      "matMulDotsF32",
      "matMulDotsF32 swapped",
      "matMulTilesF32 pieces true",
      "matMulTilesF32 blocks true",
      "matMulDotsF32 pieces true",
      "matMulDotsF32 blocks true",
      "a 0",
      "a 1",
      "a 2",
      "b 0",
      "b 1",
      "b 2",
    ]
  ) assert.ok(kinds.has(kind), `${kind} is not among ${[...kinds]}`);
});

/** Every tail of tiles and dot products. */
const TAILS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 25, 26].flatMap(
  (rows) =>
    [1, 3, 4, 7, 8, 9, 12, 13, 16, 25].flatMap((columns) =>
      [1, 2, 3, 4, 5, 32, 35].flatMap((depth) =>
        TRANSPOSES.map((t): Case => ({
          rows,
          columns,
          depth,
          seed: rows + depth,
          ...t,
        }))
      )
    ),
);

const size = fc.integer({ min: 0, max: 70 });

const anyCase: fc.Arbitrary<Case> = fc.record({
  rows: size,
  columns: size,
  depth: size,
  transposeA: fc.boolean(),
  transposeB: fc.boolean(),
  seed: fc.nat(1_000),
});

const BATCHES: NonNullable<Case["batchShapes"]>[] = [
  [[3], [3], [3]],
  [[3], [1], [3]],
  [[1], [3], [3]],
  [[3], [], [3]],
  [[], [2, 3], [2, 3]],
  [[2, 1], [1, 3], [2, 3]],
  [[2, 3], [3], [2, 3]],
  [[2, 1, 2], [3, 1], [2, 3, 2]],
  [[0], [1], [0]],
];

/** Index in a stack of shape `source` for `index` in the broadcast shape. */
function broadcastIndex(index: number[], source: number[]): number {
  return source.reduce((flat, size, i) => {
    const at = index[index.length - source.length + i]!;
    return flat * size + (size === 1 ? 0 : at);
  }, 0);
}

function expectBatches(
  c: Case,
  as: ArrayLike<number>,
  bs: ArrayLike<number>,
): Expectation {
  const [batchA, batchB, batch] = c.batchShapes!;
  const [aSize, bSize] = [c.rows * c.depth, c.depth * c.columns];
  const matrix = (values: ArrayLike<number>, at: number, size: number) =>
    Array.from(values).slice(at * size, (at + 1) * size);
  const products = Array.from(
    { length: tf.util.sizeFromShape(batch) },
    (_, i) => {
      const index = batch.map((size, axis) =>
        Math.floor(i / tf.util.sizeFromShape(batch.slice(axis + 1))) % size
      );
      return reference.matMul(
        matrix(as, broadcastIndex(index, batchA), aSize),
        matrix(bs, broadcastIndex(index, batchB), bSize),
        c,
      );
    },
  );
  const all = (name: keyof Sums) =>
    Float64Array.from(products.flatMap((sums) => Array.from(sums[name])));
  const sums = { values: all("values"), magnitudes: all("magnitudes") };
  return closeSums([...batch, c.rows, c.columns], sums, c.depth);
}

const ACTIVATIONS: Record<string, (v: number, slope: number) => number> = {
  linear: (v) => v,
  relu: (v) => Math.max(v, 0),
  relu6: (v) => Math.min(Math.max(v, 0), 6),
  prelu: (v, slope) => v < 0 ? slope * v : v,
  leakyrelu: (v, slope) => v < 0 ? slope * v : v,
  sigmoid: (v) => 1 / (1 + Math.exp(-v)),
  elu: (v) => v < 0 ? Math.expm1(v) : v,
};

/** Biases and slopes of each shape that broadcasts, with each activation. */
const FUSED = [
  [5, 13, 9],
  [20, 8, 33],
  [7, 1, 4],
  [40, 10, 64], // swapped: dot products
  [12, 10, 5],
  [60, 10, 3_400], // pieces of the depth
  [31, 150, 40],
].flatMap((shape) => {
  const [rows, columns, depth] = shape as [number, number, number];
  return [false, true].flatMap((transposeA) =>
    Object.keys(ACTIVATIONS).flatMap((activation) =>
      [undefined, [columns], [1], [rows, columns]].map((biasShape): Case => ({
        rows,
        columns,
        depth,
        transposeA,
        transposeB: false,
        seed: 3,
        activation,
        biasShape,
      }))
    )
  );
});

function expectFused(c: Case, sums: Sums): Expectation {
  const { bias, slopes } = fusedInputs(c);
  const biases = bias?.dataSync();
  const biasAt = (i: number) => biases ? biases[i % biases.length]! : 0;
  const slopeValues = slopes?.dataSync() ?? [0.25];
  const apply = ACTIVATIONS[c.activation!]!;
  // Sigmoid and elu are float32 functions of their own: 4 units more.
  const own = c.activation! in { sigmoid: 0, elu: 0 } ? 1 : 0;
  return closeSums([1, c.rows, c.columns], {
    values: sums.values.map((value, i) =>
      apply(value + biasAt(i), slopeValues[i % slopeValues.length]!)
    ),
    magnitudes: sums.magnitudes.map((value, i) =>
      value + Math.abs(biasAt(i)) + own
    ),
  }, c.depth);
}

testOp<Case>({
  name: "tf.matMul() and its gradients",
  tolerance: "to the roundings of its sums",
  cases: {
    "every tail": TAILS,
    "large shapes": LARGE.map((c, seed) => ({ ...c, seed })),
    "random shapes": drawCases(anyCase, 400),
    "gradients": [[9, 20, 13], [100, 10, 300], [16, 40, 200]].flatMap(
      ([rows, columns, depth]) =>
        TRANSPOSES.map((t): Case => ({
          rows: rows!,
          columns: columns!,
          depth: depth!,
          seed: 6,
          gradients: true,
          ...t,
        })),
    ),
    "NaN, ±∞, −0 and denormals": [[3, 4, 5], [13, 23, 40]].flatMap(
      ([rows, columns, depth]) =>
        TRANSPOSES.map((t): Case => ({
          rows: rows!,
          columns: columns!,
          depth: depth!,
          change: specialNumber,
          ...t,
        })),
    ),
    "batch dimensions that broadcast": BATCHES.flatMap((batchShapes) =>
      TRANSPOSES.flatMap((t) => [
        { rows: 5, columns: 9, depth: 7, batchShapes, ...t },
        { rows: 30, columns: 20, depth: 40, batchShapes, ...t },
      ])
    ),
    "fused, each activation": FUSED,
  },
  compute,
  expect,
  refusals,
  also: {
    "more matrices than a task has chunks"() {
      const a = seededTensor([70_001, 2, 1], 1);
      const b = seededTensor([70_001, 1, 2], 2);
      const difference = tf.matMul(a, b).sub(a.mul(b)).abs().max();
      assert.equal(difference.dataSync()[0], 0);
    },
    "a depth of 0 gives 0": checkNoDepth,
    "fused activations pass NaN on": checkNan,
    "integers are exact, batched and transposed too": compareIntegers,
    "a fused product leaves no tensor behind": checkTensors,
  },
});

function checkNoDepth() {
  const y = tf.matMul(tf.zeros([3, 0]), tf.zeros([0, 5]));
  assert.deepEqual([...y.dataSync()], Array(15).fill(0));
  const biased = tf.fused.matMul({
    a: tf.zeros([2, 0]),
    b: tf.zeros([0, 3]),
    bias: tf.tensor1d([-1, 0, 1]),
    activation: "relu",
  });
  assert.deepEqual([...biased.dataSync()], [0, 0, 1, 0, 0, 1]);
}

function checkNan() {
  for (const activation of ["relu", "relu6", "leakyrelu"] as const) {
    const a = tf.tensor2d([NaN, -1, 1], [3, 1]);
    const b = tf.ones<tf.Rank.R2>([1, 5]);
    const y = tf.fused.matMul({ a, b, activation }).dataSync();
    assert.ok(y.subarray(0, 5).every(Number.isNaN), activation);
    assert.ok(y.subarray(5).every(Number.isFinite), activation);
  }
}

async function compareIntegers() {
  const whole = (shape: number[], seed: number, dtype: "int32" | "bool") => {
    const values = seededNumbers(tf.util.sizeFromShape(shape), seed)
      .map((v) => dtype === "bool" ? Number(v > 0) : Math.round(v * 60_000));
    return tf.tensor(values, shape, dtype);
  };
  const products = () =>
    tf.tidy(() =>
      ([
        [[5, 7], [7, 3], false, false, "int32"],
        [[7, 5], [3, 7], true, true, "int32"],
        [[2, 5, 7], [7, 3], false, false, "int32"],
        [[1, 7, 5], [4, 7, 3], true, false, "int32"],
        [[4, 0], [0, 3], false, false, "int32"],
        [[5, 7], [7, 3], false, false, "bool"],
      ] as const).map(([a, b, transposeA, transposeB, dtype]) => {
        const y = tf.matMul(
          whole([...a], 1, "int32"),
          whole([...b], 2, dtype),
          transposeA,
          transposeB,
        );
        return { shape: y.shape, dtype: y.dtype, values: [...y.dataSync()] };
      })
    );
  const ours = products();
  const bits = (x: number) => Math.abs(x) > 2 ** 24;
  assert.ok(ours.some(({ values }) => values.some(bits)));
  await tf.setBackend("cpu");
  const theirs = products();
  await tf.setBackend("wasm");
  assert.deepEqual(ours, theirs);
  tf.tidy(() => { // both stacks broadcast, which the cpu backend gets wrong
    const a = whole([2, 1, 5, 7], 1, "bool"), b = whole([3, 7, 4], 2, "bool");
    assert.deepEqual(
      [...tf.matMul(a.toInt(), b.toInt()).dataSync()],
      [...tf.matMul(a.toFloat(), b.toFloat()).dataSync()],
    );
  });
}

function checkTensors() {
  const { a, b } = operands(LARGE[0]!);
  const before = tf.memory();
  for (const activation of ["relu", "sigmoid"] as const) {
    tf.fused.matMul({ a: a as tf.Tensor2D, b: b as tf.Tensor2D, activation })
      .dispose();
  }
  assert.deepEqual(tf.memory(), before);
}

function refusals(): Refusal[] {
  const of = (...shape: number[]) => tf.zeros(shape);
  const square = of(2, 2), bias = of(3, 2, 2);
  const integers = tf.zeros([2, 2], "int32");
  const multiply = (kernel: string, inputs: Record<string, tf.Tensor>) =>
    tf.engine().runKernel(kernel, inputs, { activation: "linear" });
  return [
    [
      () => tf.matMul(of(2, 3), of(2, 3)),
      "RangeError",
      "Cannot compute matMul: inner dimensions of [2,3] and [2,3] must be equal: got 3 and 2",
    ],
    [
      () => tf.matMul(of(3), of(3, 2)),
      "RangeError",
      "Cannot compute matMul: a must have rank 2 or more: got [3]",
    ],
    [
      () => tf.matMul(of(2, 1, 1), of(3, 1, 1)),
      "RangeError",
      "Cannot compute matMul: batch dimensions must broadcast: got [2] and [3]",
    ],
    [
      () => multiply("BatchMatMul", { a: integers, b: square }),
      "TypeError",
      "Cannot compute matMul: a must be float32: got int32",
    ],
    [
      () => multiply("_FusedMatMul", { a: square, b: square, bias }),
      "RangeError",
      "Cannot compute matMul: bias must broadcast to [2,2]: got [3,2,2]",
    ],
  ];
}
