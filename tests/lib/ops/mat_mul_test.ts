import assert from "node:assert/strict";
import fc from "fast-check";
import * as tf from "@tensorflow/tfjs";
import type { TensorInfo } from "@tensorflow/tfjs-core";
import * as reference from "../../reference/mat_mul.ts";
import { planMatMul } from "../../../lib/ops/_mat_mul_plan.ts";
import { runMatMul } from "../../../lib/ops/mat_mul.ts";
import { kernelContext } from "../../../lib/wasm/kernel_context.ts";
import { withBackend } from "../../with_backend.ts";

interface Case {
  rows: number;
  columns: number;
  depth: number;
  transposeA: boolean;
  transposeB: boolean;
}

const BUILDS = ["relaxed", "simd128"] as const;

const TRANSPOSES = [false, true].flatMap((transposeA) =>
  [false, true].map((transposeB) => ({ transposeA, transposeB }))
);

/** Numbers in −1 … 1 that depend on the seed and their place alone. */
function numbers(size: number, seed: number): Float32Array {
  return Float32Array.from({ length: size }, (_, i) => {
    let bits = Math.imul(i + 1, 0x9e3779b1) ^ Math.imul(seed + 1, 0x85ebca6b);
    bits = Math.imul(bits ^ bits >>> 15, 0x2c1b3c6d);
    bits = Math.imul(bits ^ bits >>> 12, 0x297a2d39);
    return ((bits ^ bits >>> 15) | 0) / 2 ** 31;
  });
}

function tensor(shape: readonly number[], seed: number): tf.Tensor {
  return tf.tensor(numbers(tf.util.sizeFromShape([...shape]), seed), [
    ...shape,
  ]);
}

function operands(
  c: Case,
  seed: number,
  batchA = [] as number[],
  batchB = batchA,
) {
  const { rows, columns, depth } = c;
  return {
    a: tensor(
      [...batchA, ...(c.transposeA ? [depth, rows] : [rows, depth])],
      seed,
    ),
    b: tensor(
      [...batchB, ...(c.transposeB ? [columns, depth] : [depth, columns])],
      seed + 1,
    ),
  };
}

/**
 * A float32 sum of n products, in any order, fused or not, is off by at most
 * (n + 2) · 2⁻²⁴ · Σ |term| to first order (Higham 2002, section 3.1); a bias
 * and an activation are two more operations.
 */
function assertSums(
  actual: ArrayLike<number>,
  expected: reference.Sums,
  depth: number,
  what: string,
) {
  assert.equal(actual.length, expected.values.length, what);
  const relative = (depth + 4) * 2 ** -24;
  for (let i = 0; i < actual.length; i++) {
    const error = Math.abs(actual[i]! - expected.values[i]!);
    const bound = relative * expected.magnitudes[i]!;
    if (!(error <= bound)) {
      assert.fail(
        `${what}[${i}]: ${actual[i]} must be ${
          expected.values[i]
        } to ${bound}: off by ${error}`,
      );
    }
  }
}

function checkCase(c: Case, seed = 1) {
  tf.tidy(() => {
    const { a, b } = operands(c, seed);
    const y = tf.matMul(a, b, c.transposeA, c.transposeB);
    assert.equal(y.dtype, "float32");
    assert.deepEqual(y.shape, [c.rows, c.columns]);
    const sums = reference.matMul(a.dataSync(), b.dataSync(), c);
    assertSums(y.dataSync(), sums, c.depth, JSON.stringify(c));
  });
}

/** Scratch that holds NaN, so that nothing unwritten can pass for a result. */
function poisonScratch(bytes: number) {
  const context = kernelContext("test");
  const pointer = context.scratch(bytes);
  new Float32Array(context.memory.buffer, pointer, bytes / 4).fill(NaN);
}

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

for (const simd of BUILDS) {
  Deno.test(`tf.matMul() is the oracle's on random shapes (${simd})`, () =>
    withBackend({ threads: 2, simd }, () => {
      const size = fc.integer({ min: 0, max: 70 });
      fc.assert(
        fc.property(
          fc.record({
            rows: size,
            columns: size,
            depth: size,
            transposeA: fc.boolean(),
            transposeB: fc.boolean(),
          }),
          fc.nat(1_000),
          checkCase,
        ),
        { numRuns: 400 },
      );
    }));

  Deno.test(`tf.matMul() is the oracle's around every tail (${simd})`, () =>
    withBackend({ threads: 1, simd }, () => {
      poisonScratch(1 << 20);
      for (const rows of [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 25, 26]) {
        for (const columns of [1, 3, 4, 7, 8, 9, 12, 13, 16, 25]) {
          for (const depth of [1, 2, 3, 4, 5, 32, 35]) {
            for (const t of TRANSPOSES) {
              checkCase({ rows, columns, depth, ...t }, rows + depth);
            }
          }
        }
      }
    }));

  Deno.test(`tf.matMul() is the oracle's on large shapes (${simd})`, () =>
    withBackend({ threads: 2, simd }, () => {
      poisonScratch(1 << 25);
      LARGE.forEach(checkCase);
    }));
}

Deno.test("tf.matMul() is the same bits at 1, 2, 3 and 8 threads", async () => {
  const builds = [["relaxed", [1, 2, 3, 8]], ["simd128", [1, 2]]] as const;
  for (const [simd, threadCounts] of builds) {
    const bits: Uint8Array[][] = [];
    for (const threads of threadCounts) {
      await withBackend({ threads, simd }, () => {
        bits.push(LARGE.map((c, seed) =>
          tf.tidy(() => {
            const { a, b } = operands(c, seed);
            const y = tf.matMul(a, b, c.transposeA, c.transposeB);
            return new Uint8Array(y.dataSync().slice().buffer);
          })
        ));
      });
    }
    const [one, ...others] = bits;
    for (const many of others) {
      one!.forEach((bytes, i) => {
        const first = bytes.findIndex((byte, at) => byte !== many[i]![at]);
        assert.equal(first, -1, JSON.stringify(LARGE[i]));
      });
    }
  }
});

/** Index in a stack of shape `source` for `index` in the broadcast shape. */
function broadcastIndex(index: number[], source: number[]): number {
  return source.reduce((flat, size, i) => {
    const at = index[index.length - source.length + i]!;
    return flat * size + (size === 1 ? 0 : at);
  }, 0);
}

Deno.test("tf.matMul() broadcasts the batch dimensions", () =>
  withBackend({ threads: 2 }, () => {
    const batches: [number[], number[], number[]][] = [
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
    for (const [batchA, batchB, batch] of batches) {
      for (const t of TRANSPOSES) {
        for (const [rows, columns, depth] of [[5, 9, 7], [30, 20, 40]]) {
          const c = { rows: rows!, columns: columns!, depth: depth!, ...t };
          tf.tidy(() => {
            const { a, b } = operands(c, 1, batchA, batchB);
            const y = tf.matMul(a, b, c.transposeA, c.transposeB);
            assert.deepEqual(y.shape, [...batch, c.rows, c.columns]);
            const [as, bs, ys] = [a.dataSync(), b.dataSync(), y.dataSync()];
            const [aSize, bSize] = [c.rows * c.depth, c.depth * c.columns];
            for (let i = 0; i < ys.length / (c.rows * c.columns); i++) {
              const index = batch.map((size, axis) =>
                Math.floor(
                  i / batch.slice(axis + 1).reduce((x, y) => x * y, 1),
                ) % size
              );
              const atA = broadcastIndex(index, batchA) * aSize;
              const atB = broadcastIndex(index, batchB) * bSize;
              const from = i * c.rows * c.columns;
              assertSums(
                ys.subarray(from, from + c.rows * c.columns),
                reference.matMul(
                  as.subarray(atA, atA + aSize),
                  bs.subarray(atB, atB + bSize),
                  c,
                ),
                c.depth,
                JSON.stringify({ batchA, batchB, i, ...c }),
              );
            }
          });
        }
      }
    }
  }));

Deno.test("tf.matMul() takes more matrices than a task has chunks", () =>
  withBackend({ threads: 2 }, () => {
    tf.tidy(() => {
      const a = tensor([70_001, 2, 1], 1);
      const b = tensor([70_001, 1, 2], 2);
      const difference = tf.matMul(a, b).sub(a.mul(b)).abs().max();
      assert.equal(difference.dataSync()[0], 0);
    });
  }));

Deno.test("tf.matMul() of a depth of 0 is 0", () =>
  withBackend({ threads: 2 }, () => {
    const y = tf.matMul(tf.zeros([3, 0]), tf.zeros([0, 5]));
    assert.deepEqual([...y.dataSync()], Array(15).fill(0));
    const biased = tf.fused.matMul({
      a: tf.zeros([2, 0]),
      b: tf.zeros([0, 3]),
      bias: tf.tensor1d([-1, 0, 1]),
      activation: "relu",
    });
    assert.deepEqual([...biased.dataSync()], [0, 0, 1, 0, 0, 1]);
  }));

const ACTIVATIONS: Record<string, (v: number, slope: number) => number> = {
  linear: (v) => v,
  relu: (v) => Math.max(v, 0),
  relu6: (v) => Math.min(Math.max(v, 0), 6),
  prelu: (v, slope) => v < 0 ? slope * v : v,
  leakyrelu: (v, slope) => v < 0 ? slope * v : v,
  sigmoid: (v) => 1 / (1 + Math.exp(-v)),
  elu: (v) => v < 0 ? Math.expm1(v) : v,
};

/** All shapes with which a bias or PReLU's slopes broadcast. */
const ROW_SHAPES = (c: Case) => [[c.columns], [1], [c.rows, c.columns]];

const FUSED: Case[] = [
  [5, 13, 9],
  [20, 8, 33],
  [7, 1, 4],
  [40, 10, 64], // swapped: dot products
  [12, 10, 5],
  [60, 10, 3_400], // pieces of the depth
  [31, 150, 40],
].flatMap(([rows, columns, depth]) => [
  ...[false, true].map((transposeA) => ({
    rows: rows!,
    columns: columns!,
    depth: depth!,
    transposeA,
    transposeB: false,
  })),
]);

for (const simd of BUILDS) {
  Deno.test(`tf.fused.matMul() adds the bias and applies every activation (${simd})`, () =>
    withBackend({ threads: 2, simd }, () => {
      for (const c of FUSED) {
        const { a, b } = operands(c, 3);
        const sums = reference.matMul(a.dataSync(), b.dataSync(), c);
        for (const activation of Object.keys(ACTIVATIONS)) {
          for (const shape of [undefined, ...ROW_SHAPES(c)]) {
            checkFused(c, a, b, sums, activation, shape);
          }
        }
        tf.dispose([a, b]);
      }
    }));
}

function checkFused(
  c: Case,
  a: tf.Tensor,
  b: tf.Tensor,
  sums: reference.Sums,
  activation: string,
  shape?: number[],
) {
  tf.tidy(() => {
    const at = (i: number) => {
      const count = shape!.reduce((x, y) => x * y, 1);
      return i % count;
    };
    const bias = shape && tensor(shape, 4).mul(4);
    const slopes = activation === "prelu"
      ? tensor(shape ?? [c.columns], 5)
      : undefined;
    // The kernel itself: tf.fused lets fewer biases through.
    const y = tf.engine().runKernel("_FusedMatMul", {
      a: a.expandDims(0),
      b: b.expandDims(0),
      ...(bias && { bias }),
      ...(slopes && { preluActivationWeights: slopes }),
    }, {
      transposeA: c.transposeA,
      transposeB: c.transposeB,
      activation,
      leakyreluAlpha: 0.25,
    }) as tf.Tensor;
    assert.deepEqual(y.shape, [1, c.rows, c.columns]);
    const biases = bias?.dataSync();
    const slope = (i: number) =>
      activation === "leakyrelu"
        ? 0.25
        : slopes
        ? slopes.dataSync()[i % slopes.size]!
        : 0;
    const expected = {
      values: sums.values.map((value, i) =>
        ACTIVATIONS[activation]!(value + (biases?.[at(i)] ?? 0), slope(i))
      ),
      // Sigmoid and elu are float32 functions of their own: 4 units more.
      magnitudes: sums.magnitudes.map((value, i) =>
        value + Math.abs(biases?.[at(i)] ?? 0) +
        (activation in { sigmoid: 0, elu: 0 } ? 1 : 0)
      ),
    };
    const what = JSON.stringify({ ...c, activation, shape });
    assertSums(y.dataSync(), expected, c.depth, what);
  });
}

Deno.test("tf.fused.matMul() passes NaN through its activations", () =>
  withBackend({ threads: 1 }, () => {
    for (const activation of ["relu", "relu6", "leakyrelu"] as const) {
      const a = tf.tensor2d([NaN, -1, 1], [3, 1]);
      const b = tf.ones<tf.Rank.R2>([1, 5]);
      const y = tf.fused.matMul({ a, b, activation }).dataSync();
      assert.ok(y.subarray(0, 5).every(Number.isNaN), activation);
      assert.ok(y.subarray(5).every(Number.isFinite), activation);
    }
  }));

Deno.test("matMul kernels write nothing outside of their output", () =>
  withBackend({ threads: 2 }, () => {
    const small = TRANSPOSES.flatMap((t) =>
      [[7, 9, 5], [1, 1, 1], [11, 3, 33], [13, 23, 40]].map((
        [rows, columns, depth],
      ) => ({ rows: rows!, columns: columns!, depth: depth!, ...t }))
    );
    for (const c of [...LARGE, ...small]) {
      tf.tidy(() => {
        const { a, b } = operands(c, 1);
        const context = kernelContext("test");
        tf.matMul(a, b, c.transposeA, c.transposeB); // grows the scratch
        const size = c.rows * c.columns;
        const heap = () =>
          new Float32Array(
            context.memory.buffer,
            context.pointer(guarded),
            size + 64,
          );
        const guarded = context.output([size + 64]) as TensorInfo & tf.Tensor;
        heap().fill(NaN);
        runInto(context.pointer(guarded) + 4 * 32, a, b, c);
        const values = heap();
        assert.ok(values.subarray(0, 32).every(Number.isNaN), "before");
        assert.ok(values.subarray(-32).every(Number.isNaN), "after");
        assertSums(
          values.subarray(32, -32),
          reference.matMul(a.dataSync(), b.dataSync(), c),
          c.depth,
          JSON.stringify(c),
        );
        context.dispose(guarded);
      });
    }
  }));

function runInto(out: number, a: tf.Tensor, b: tf.Tensor, c: Case) {
  const context = kernelContext("test");
  runMatMul(context, { batches: 1, ...c }, {
    a: context.pointer(a),
    b: context.pointer(b),
    out,
  });
}

Deno.test("tf.grads() of tf.matMul() are the oracle's", () =>
  withBackend({ threads: 2 }, () => {
    for (const shape of [[9, 20, 13], [100, 10, 300], [16, 40, 200]]) {
      const [rows, columns, depth] = shape as [number, number, number];
      for (const t of TRANSPOSES) {
        const c = { rows, columns, depth, ...t };
        tf.tidy(() => {
          const { a, b } = operands(c, 6);
          const dy = tensor([rows, columns], 8);
          const [da, db] = tf.grads((a: tf.Tensor, b: tf.Tensor) =>
            tf.matMul(a, b, c.transposeA, c.transposeB)
          )([a, b], dy);
          assert.deepEqual([da!.shape, db!.shape], [a.shape, b.shape]);
          // dA = dy · Bᵀ and dB = Aᵀ · dy, or their transposes.
          const [as, bs, dys] = [a.dataSync(), b.dataSync(), dy.dataSync()];
          const daSums = c.transposeA
            ? reference.matMul(bs, dys, {
              rows: depth,
              columns: rows,
              depth: columns,
              transposeA: c.transposeB,
              transposeB: true,
            })
            : reference.matMul(dys, bs, {
              rows,
              columns: depth,
              depth: columns,
              transposeA: false,
              transposeB: !c.transposeB,
            });
          assertSums(
            da!.dataSync(),
            daSums,
            columns,
            `dA ${JSON.stringify(c)}`,
          );
          const dbSums = c.transposeB
            ? reference.matMul(dys, as, {
              rows: columns,
              columns: depth,
              depth: rows,
              transposeA: true,
              transposeB: c.transposeA,
            })
            : reference.matMul(as, dys, {
              rows: depth,
              columns,
              depth: rows,
              transposeA: !c.transposeA,
              transposeB: false,
            });
          assertSums(db!.dataSync(), dbSums, rows, `dB ${JSON.stringify(c)}`);
        });
      }
    }
  }));

Deno.test("tf.matMul() rejects operands that do not fit", () =>
  withBackend({ threads: 1 }, () => {
    const f32 = (...shape: number[]) => tf.zeros(shape);
    const reject = (a: tf.Tensor, b: tf.Tensor, error: object) =>
      assert.throws(() => tf.matMul(a, b), error);
    reject(f32(2, 3), f32(2, 3), {
      name: "RangeError",
      message:
        "Cannot compute matMul: inner dimensions of [2,3] and [2,3] must be equal: got 3 and 2",
    });
    reject(f32(3), f32(3, 2), {
      name: "RangeError",
      message: "Cannot compute matMul: a must have rank 2 or more: got [3]",
    });
    reject(f32(2, 1, 1), f32(3, 1, 1), {
      name: "RangeError",
      message:
        "Cannot compute matMul: batch dimensions must broadcast: got [2] and [3]",
    });
    const multiply = (kernel: string, a: tf.Tensor, b: tf.Tensor, rest = {}) =>
      tf.engine().runKernel(kernel, { a, b, ...rest }, {
        activation: "linear",
      });
    assert.throws(
      () => multiply("BatchMatMul", f32(2, 2).toInt(), f32(2, 2)),
      {
        name: "TypeError",
        message: "Cannot compute matMul: a must be float32: got int32",
      },
    );
    const tensors = tf.memory().numDataBuffers;
    const [a, b, bias] = [f32(2, 2), f32(2, 2), f32(3, 2, 2)];
    assert.throws(() => multiply("_FusedMatMul", a, b, { bias }), {
      name: "RangeError",
      message:
        "Cannot compute matMul: bias must broadcast to [2,2]: got [3,2,2]",
    });
    assert.equal(tf.memory().numDataBuffers, tensors + 3);
  }));

Deno.test("tf.matMul() of integers is exact, batched and transposed too", () =>
  withBackend({ threads: 2 }, async () => {
    const whole = (shape: number[], seed: number, dtype: "int32" | "bool") => {
      const values = numbers(tf.util.sizeFromShape(shape), seed)
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
  }));

Deno.test("tf.matMul() leaves no tensor behind", () =>
  withBackend({ threads: 2 }, () => {
    const { a, b } = operands(LARGE[0]!, 1);
    const before = tf.memory();
    for (const activation of ["relu", "sigmoid"] as const) {
      tf.fused.matMul({ a: a as tf.Tensor2D, b: b as tf.Tensor2D, activation })
        .dispose();
    }
    assert.deepEqual(tf.memory(), before);
  }));
