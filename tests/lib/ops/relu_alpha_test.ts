import assert from "node:assert/strict";
import fc from "fast-check";
import * as tf from "@tensorflow/tfjs";
import { createRandom } from "../../../lib/base/random.ts";
import { kernelContext } from "../../../lib/wasm/kernel_context.ts";
import { reluAlpha } from "../../../lib/ops/relu_alpha.ts";
import { assertAllClose, assertValuesClose } from "../../assert_all_close.ts";
import { assertSameValues } from "../../assert_same_values.ts";
import { centralDifferences } from "../../reference/central_differences.ts";
import * as reference from "../../reference/relu_alpha.ts";
import { withBackend } from "../../with_backend.ts";

type Numbers = ArrayLike<number>;

/** One call: α has one number, or as many as x's last axis. */
interface Case {
  shape: number[];
  x: Numbers;
  alpha: Numbers;
  dy: Numbers;
}

interface Result {
  y: Numbers;
  dx: Numbers;
  dAlpha: Numbers;
}

const BUILDS = ["relaxed", "simd128"] as const;
const BACKENDS = BUILDS.flatMap((simd) =>
  [1, 2, 4].map((threads) => ({ simd, threads }))
);

/** As lib/ops/_run_slopes.ts cuts it. */
const CHUNK_SIZE = 32_768;

/** Half the distance from 1 to the next float32. */
const UNIT = 2 ** -24;

const sizeOf = (shape: number[]) => shape.reduce((size, n) => size * n, 1);

/** y, dx and dα of a case, on the backend that runs. */
function compute({ shape, x, alpha, dy }: Case): tf.Tensor[] {
  const inputs = [
    tf.tensor(Float32Array.from(x), shape),
    tf.tensor(
      Float32Array.from(alpha),
      alpha.length === 1 ? [] : [alpha.length],
    ),
  ];
  const f = (x: tf.Tensor, alpha: tf.Tensor) =>
    reluAlpha(x, alpha as tf.Scalar);
  const gradients = tf.grads(f);
  return [
    f(inputs[0]!, inputs[1]!),
    ...gradients(inputs, tf.tensor(Float32Array.from(dy), shape)),
  ];
}

function run(c: Case): Result {
  const tensors = tf.tidy(() => compute(c));
  const [y, dx, dAlpha] = tensors.map((tensor) => tensor.dataSync());
  tf.dispose(tensors);
  return { y: y!, dx: dx!, dAlpha: dAlpha! };
}

/** The α of the reports, and some. */
const ALPHAS = [0, 0.5, 1, 2, -0.3];

/** A case with numbers that depend on the seed alone; a few are the kink. */
function randomCase(shape: number[], channels: number, seed: number): Case {
  const random = createRandom(seed);
  const size = sizeOf(shape);
  const draw = (count: number) =>
    Float32Array.from({ length: count }, () => random.normal());
  const x = draw(size).map((v, i) => i % 11 === 7 ? 0 : i % 13 === 5 ? -0 : v);
  const alpha = draw(channels).map((v, i) => ALPHAS[(seed + i) % 6] ?? v);
  return { shape, x, dy: draw(size), alpha };
}

/**
 * Checks one call against the oracle. y and dx are a subtraction and a product,
 * so two roundings. Of dα, a term is one product; the most additions that a
 * term goes through in float32 are those of its lane (16 of them side by side,
 * or one a channel), of the lanes among each other and of the tail.
 */
function check(c: Case) {
  tf.tidy(() => {
    const [y, dx, dAlpha] = compute(c);
    const expected = reference.reluAlphaGrad(c.x, c.alpha, c.dy);
    const dtype = "float32";
    const twice = { rtol: 2.001 * UNIT, atol: 2 ** -149 };
    const { shape } = c;
    const values = reference.reluAlpha(c.x, c.alpha);
    assertAllClose(y!, { dtype, shape, values }, twice);
    assertAllClose(dx!, { dtype, shape, values: expected.dx }, twice);
    const channels = c.alpha.length;
    const chunk = Math.min(sizeOf(shape), CHUNK_SIZE);
    const additions = channels === 1
      ? chunk / 16 + 4 + 15
      : Math.ceil(chunk / channels);
    assertAllClose(
      dAlpha!,
      {
        dtype,
        shape: channels === 1 ? [] : [channels],
        values: expected.dAlpha,
      },
      {
        rtol: UNIT,
        atol: expected.magnitudes.map((sum) =>
          1.01 * (additions + 2) * UNIT * sum
        ),
      },
    );
  });
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
function checkKnown(run: (c: Case) => Result, size: number, each: boolean) {
  for (const [x, alpha, dy, y, dx, term] of KNOWN) {
    for (let at = 0; at < size; at++) {
      const fill = (value: number) =>
        Float32Array.from({ length: size }, (_, i) => i === at ? value : 1);
      const result = run({
        shape: [size],
        x: fill(x),
        alpha: each && size > 1 ? fill(alpha) : [alpha],
        dy: fill(dy),
      });
      const what = `x ${x}, α ${alpha}, dy ${dy}, place ${at} of ${size}`;
      assertSameValues(result.y, fill(y), `y, ${what}`);
      assertSameValues(result.dx, fill(dx), `dx, ${what}`);
      const perChannel = each && size > 1;
      const dAlpha = perChannel ? Array(size).fill(0) : [0];
      dAlpha[perChannel ? at : 0] = term;
      // A sum has no sign of its own when it is 0.
      assertSameValues(Array.from(result.dAlpha, (v) => v + 0), dAlpha, what);
    }
  }
}

Deno.test("the oracle of ReLU_α has the known values", () => {
  const round = (values: Float64Array) => Float32Array.from(values);
  const oracle = ({ x, alpha, dy }: Case) => {
    const { dx, dAlpha } = reference.reluAlphaGrad(x, alpha, dy);
    return {
      y: round(reference.reluAlpha(x, alpha)),
      dx: round(dx),
      dAlpha: round(dAlpha),
    };
  };
  for (const each of [false, true]) checkKnown(oracle, 5, each);
});

Deno.test("the oracle of ReLU_α has the gradient that differences have", () => {
  const random = createRandom(3);
  const draw = (count: number) =>
    Float64Array.from({ length: count }, () => random.normal());
  const h = 1e-4;
  for (const channels of [1, 5]) {
    const x = draw(60).map((v) => Math.abs(v) < 2 * h ? 1 : v);
    const alpha = draw(channels), dy = draw(60);
    const weighted = (y: Float64Array) =>
      y.reduce((sum, value, i) => sum + value * dy[i]!, 0);
    const { dx, dAlpha } = reference.reluAlphaGrad(x, alpha, dy);
    const off = { rtol: 1e-9, atol: 1e-9 };
    const overX = (x: Numbers) => weighted(reference.reluAlpha(x, alpha));
    const overAlpha = (alpha: Numbers) =>
      weighted(reference.reluAlpha(x, alpha));
    assertValuesClose(centralDifferences(overX, x, h), dx, off);
    assertValuesClose(centralDifferences(overAlpha, alpha, h), dAlpha, off);
  }
});

for (const options of BACKENDS) {
  const { simd, threads } = options;
  Deno.test(`reluAlpha() and its gradients conform (${simd}, threads: ${threads})`, async (t) => {
    await withBackend(options, async () => {
      await t.step("known values, in a vector's lanes and in its tail", () => {
        for (const each of [false, true]) {
          checkKnown(run, 1, each);
          checkKnown(run, 7, each);
        }
        checkKnown(run, 19, false);
      });
      await t.step("one α: sizes 0, 1, every tail, around the chunk", () => {
        const sizes = [...Array(36).keys(), 63, 64, 65];
        for (let tail = 0; tail <= 16; tail++) sizes.push(160 + tail);
        for (const chunks of [1, 2, 5]) {
          for (const extra of [-1, 0, 1, 21]) {
            sizes.push(chunks * CHUNK_SIZE + extra);
          }
        }
        sizes.forEach((size, seed) => check(randomCase([size], 1, seed)));
      });
      await t.step("one α a channel: every tail, around the chunk", () => {
        for (let channels = 1; channels <= 21; channels++) {
          for (const rows of [0, 1, 2, 9]) {
            check(randomCase([rows, channels], channels, channels));
          }
          const rows = Math.floor(CHUNK_SIZE / channels);
          check(randomCase([2 * rows + 1, channels], channels, channels));
        }
        for (const channels of [CHUNK_SIZE - 1, CHUNK_SIZE, CHUNK_SIZE + 1]) {
          for (const rows of [1, 3]) {
            check(randomCase([rows, channels], channels, channels));
          }
        }
        check(randomCase([3, 0], 0, 0));
      });
      await t.step("ranks 0 to 4", () => {
        for (const shape of [[], [6], [5, 6], [4, 5, 6], [3, 4, 5, 6]]) {
          check(randomCase(shape, 1, 1));
          if (shape.length) check(randomCase(shape, 6, 2));
        }
      });
      await t.step("properties", checkProperties);
    });
  });
}

/** On vectors that are several chunks long or a few numbers. */
function checkProperties() {
  const anyCase = fc.record({
    rows: fc.oneof(fc.nat(40), fc.integer({ min: 4_000, max: 9_000 })),
    channels: fc.integer({ min: 1, max: 9 }),
    shared: fc.boolean(),
    seed: fc.nat(1_000),
  });
  fc.assert(
    fc.property(anyCase, ({ rows, channels, shared, seed }) => {
      const c = randomCase([rows, channels], shared ? 1 : channels, seed);
      check(c);
      // dy → dx, dα is linear; a power of two changes no rounding
      const doubled = { ...c, dy: Float32Array.from(c.dy, (v) => 2 * v) };
      const one = run(c), two = run(doubled);
      const times2 = (values: Numbers) =>
        Float32Array.from(values, (value) => 2 * value);
      assertSameValues(two.dx, times2(one.dx), "dx of 2 dy");
      assertSameValues(two.dAlpha, times2(one.dAlpha), "dα of 2 dy");
    }),
    { numRuns: 10 },
  );
}

Deno.test("reluAlpha() gives the same bits at 1, 2, 3 and 8 threads", async () => {
  const cases = [
    randomCase([9 * CHUNK_SIZE + 3], 1, 1),
    randomCase([9_001, 10], 10, 2),
    randomCase([5, CHUNK_SIZE + 7], CHUNK_SIZE + 7, 3),
  ];
  for (const simd of BUILDS) {
    const bits = (threads: number) =>
      withBackend({ threads, simd }, () => cases.map(run));
    const one = await bits(1);
    for (const threads of simd === "relaxed" ? [2, 8] : [4]) {
      for (const [i, result] of (await bits(threads)).entries()) {
        for (const key of ["y", "dx", "dAlpha"] as const) {
          const what = `${key} of case ${i}, ${simd}, ${threads} threads`;
          assertSameValues(result[key], one[i]![key], what);
        }
      }
    }
  }
});

Deno.test("reluAlpha() computes on a heap that has grown since the start", async () => {
  await withBackend({ threads: 4 }, ({ memory }) => {
    const before = memory.buffer.byteLength; // 16 MiB
    const shape = [110_000, 10];
    check(randomCase(shape, 10, 1));
    check(randomCase(shape, 1, 2));
    assert.ok(memory.buffer.byteLength > before);
  });
});

Deno.test("ReLU_α's kernels write nothing outside of their outputs, unaligned ones too", async () => {
  const GUARD = 64;
  for (const simd of BUILDS) {
    await withBackend({ threads: 2, simd }, ({ memory }) => {
      const { pool, pointer } = kernelContext("test");
      for (
        const [size, period] of [[1, 1], [7, 1], [35, 1], [35, 5], [200, 8]]
      ) {
        const chunkSize = 40; // a multiple of 1, 5 and 8
        const chunks = Math.ceil(size! / chunkSize);
        for (const shift of [0, 1, 2, 3]) {
          // x, alpha, dy, out, partials; each between guards
          const lengths = [size!, period!, size!, size!, chunks * period!];
          const spans = lengths.map((length) => GUARD + length + shift);
          const block = tf.fill([spans.reduce((a, b) => a + b) + GUARD], 7);
          const start = pointer(block);
          const values = new Float32Array(memory.buffer, start, block.size);
          let at = 0;
          const pointers = spans.map((span, i) => {
            at += span;
            values.fill(-0.5, at - lengths[i]!, at);
            return start + 4 * (at - lengths[i]!);
          });
          const row = period === 1 ? chunkSize : period!;
          const [x, slopes, dy, out, sums] = pointers as [
            number,
            number,
            number,
            number,
            number,
          ];
          const params = {
            x,
            slopes,
            dy,
            out,
            sums,
            size: size!,
            chunkSize,
            period: row,
            periodSlopes: period!,
            shared: 1,
            row,
            columns: period === 1 ? 0 : 1,
            rank: 0,
            sizes: [],
          };
          const outside = () => {
            const copy = values.slice();
            pointers.forEach((pointer, i) => {
              const first = (pointer - start) / 4;
              if (i >= 3) copy.fill(0, first, first + lengths[i]!);
            });
            return copy;
          };
          const before = outside();
          pool.run("reluAlphaForwardF32", chunks, {
            ...params,
            dy: 0,
            sums: 0,
          });
          const y = values.slice((out - start) / 4, (out - start) / 4 + size!);
          assert.ok(y.every((value) => value === -0.75));
          pool.run("reluAlphaBackwardF32", chunks, params);
          assertSameValues(outside(), before, `size ${size}, shift ${shift}`);
          block.dispose();
        }
      }
    });
  }
});

Deno.test("reluAlpha() has its gradients through tf.grad, tf.grads and tf.variableGrads", async () => {
  await withBackend({ threads: 2 }, () => {
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
  });
});

Deno.test("reluAlpha() trains α with tf.train.sgd", async () => {
  await withBackend({ threads: 2 }, () => {
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
  });
});

Deno.test("reluAlpha() refuses other dtypes and shapes", async () => {
  await withBackend({ threads: 1 }, () => {
    const x = tf.zeros([2, 3]), alpha = tf.scalar(0.5);
    const refuses = (x: tf.Tensor, alpha: tf.Tensor, error: object) =>
      assert.throws(() => reluAlpha(x, alpha as tf.Scalar), error);
    refuses(tf.zeros([2], "int32"), alpha, {
      name: "TypeError",
      message: "Cannot compute reluAlpha: x must be float32: got int32",
    });
    refuses(x, tf.scalar(true), {
      name: "TypeError",
      message: "Cannot compute reluAlpha: alpha must be float32: got bool",
    });
    const shapes: [number[], number[]][] = [
      [[2, 3], [2]],
      [[2, 3], [1]],
      [[2, 3], [2, 3]],
      [[2, 3], [1, 1]],
    ];
    for (const [of, shape] of shapes) {
      refuses(tf.zeros(of), tf.zeros(shape), {
        name: "RangeError",
        message:
          `Cannot compute reluAlpha: alpha must be a scalar or [3]: got [${shape}]`,
      });
    }
    refuses(tf.scalar(1), tf.zeros([1]), { name: "RangeError" });
  });
});

Deno.test("reluAlpha() refuses a disposed tensor, even if a clone is alive", async () => {
  await withBackend({ threads: 1 }, () => {
    const x = tf.tensor1d([1, 2]), alpha = tf.scalar(0.5);
    const clone = x.clone(), reshaped = x.reshape([2, 1]);
    x.dispose();
    assert.throws(() => reluAlpha(x, alpha), /disposed/);
    assert.throws(() =>
      reluAlpha(
        clone,
        tf.tidy(() => {
          const gone = tf.scalar(1);
          gone.dispose();
          return gone;
        }),
      ), /disposed/);
    for (const alive of [clone, reshaped]) {
      assert.deepEqual(Array.from(reluAlpha(alive, alpha).dataSync()), [1, 2]);
    }
  });
});

Deno.test("reluAlpha() needs a backend that runs", async () => {
  const error = {
    message: "Cannot compute reluAlpha: startBackend() must have been called",
  };
  let x!: tf.Tensor;
  await withBackend({ threads: 1 }, () => void (x = tf.scalar(1)));
  assert.throws(() => reluAlpha(x, x as tf.Scalar), error);
});

Deno.test("a thousand gradients of reluAlpha() leave no tensor and no heap behind", async () => {
  await withBackend({ threads: 2 }, ({ memory }) => {
    const x = tf.tensor2d(new Float32Array(60_000).fill(-1), [6_000, 10]);
    const alpha = tf.ones([10]);
    const loss = (x: tf.Tensor, alpha: tf.Tensor) =>
      tf.sum(reluAlpha(x, alpha as tf.Tensor1D));
    const step = () => tf.dispose(tf.grads(loss)([x, alpha]));
    for (let i = 0; i < 20; i++) step();
    const { numTensors, numDataBuffers } = tf.memory();
    const bytes = memory.buffer.byteLength;
    for (let i = 0; i < 1_000; i++) step();
    assert.equal(tf.memory().numTensors, numTensors);
    assert.equal(tf.memory().numDataBuffers, numDataBuffers);
    assert.equal(memory.buffer.byteLength, bytes);
  });
});
