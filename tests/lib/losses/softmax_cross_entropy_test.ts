import assert from "node:assert/strict";
import fc from "fast-check";
import * as tf from "@tensorflow/tfjs";
import { createRandom } from "../../../lib/base/random.ts";
import { kernelContext } from "../../../lib/wasm/kernel_context.ts";
import { softmaxCrossEntropy } from "../../../lib/losses/softmax_cross_entropy.ts";
import { assertAllClose, assertValuesClose } from "../../assert_all_close.ts";
import { assertSameValues } from "../../assert_same_values.ts";
import { centralDifferences } from "../../reference/central_differences.ts";
import * as reference from "../../reference/softmax_cross_entropy.ts";
import { withBackend } from "../../with_backend.ts";

interface Case {
  numClasses: number;
  logits: Float32Array;
  labels: Int32Array;
}

const BUILDS = ["relaxed", "simd128"] as const;
const BACKENDS = BUILDS.flatMap((simd) =>
  [1, 2, 4].map((threads) => ({ simd, threads }))
);

/**
 * The last bit of a float32 result of float64 work, which itself is off by a
 * few times 2⁻⁵³ of the numbers near 1 that it goes through.
 */
const ROUNDED = { rtol: 1.0001 * 2 ** -24, atol: 1e-15 };

function tensors({ numClasses, logits, labels }: Case) {
  return {
    logits: tf.tensor2d(logits, [labels.length, numClasses]),
    labels: tf.tensor1d(labels, "int32"),
  };
}

/** The losses, and the gradient of their sum weighted with dy. */
function compute(c: Case, dy?: Float32Array): [tf.Tensor, tf.Tensor] {
  const { logits, labels } = tensors(c);
  const f = (logits: tf.Tensor) =>
    softmaxCrossEntropy(logits as tf.Tensor2D, labels);
  const dLoss = dy ? tf.tensor1d(dy) : tf.ones([labels.size]);
  return [f(logits), tf.grad(f)(logits, dLoss)];
}

function run(c: Case) {
  const [loss, dLogits] = tf.tidy(() => compute(c));
  const values = {
    loss: loss.dataSync<"float32">(),
    dLogits: dLogits.dataSync<"float32">(),
  };
  tf.dispose([loss, dLogits]);
  return values;
}

function randomCase(rows: number, numClasses: number, seed: number): Case {
  const random = createRandom(seed);
  return {
    numClasses,
    logits: Float32Array.from(
      { length: rows * numClasses },
      () => 5 * random.normal(),
    ),
    labels: Int32Array.from(
      { length: rows },
      () => random.uniformInt(numClasses),
    ),
  };
}

function check(c: Case) {
  tf.tidy(() => {
    const [loss, dLogits] = compute(c);
    const expected = reference.softmaxCrossEntropy(
      c.logits,
      c.labels,
      c.numClasses,
    );
    const dtype = "float32", rows = c.labels.length;
    assertAllClose(
      loss,
      { dtype, shape: [rows], values: expected.loss },
      ROUNDED,
    );
    assertAllClose(
      dLogits,
      { dtype, shape: [rows, c.numClasses], values: expected.dLogits },
      ROUNDED,
    );
  });
}

/**
 * Logits, label, loss, gradient: by mpmath 1.3.0 with 60 digits,
 *   m = max(z); s = sum(exp(x - m) for x in z); loss = log(s) - (z[l] - m)
 *   gradient = [exp(x - m) / s - (k == l) for k, x in enumerate(z)]
 * for z rounded to float32.
 */
// deno-fmt-ignore -- one line per row
const GOLDEN: [number[], number, number, number[]][] = [
  [[1, 2, 3], 0, 2.4076059644443803,
    [-0.90996942682961954, 0.24472847105479765, 0.66524095577482189]],
  [[1, 2, 3], 1, 1.4076059644443803,
    [0.090030573170380458, -0.75527152894520235, 0.66524095577482189]],
  [[1, 2, 3], 2, 0.4076059644443803,
    [0.090030573170380458, 0.24472847105479765, -0.33475904422517811]],
  [[0.5, -0.25, 0.125, 4], 3, 0.063177553445741289,
    [0.028348602247988805, 0.013390931518908652, 0.019483690393752359,
      -0.061223224160649815]],
  [[-1000, -1001, -1002], 1, 1.4076059644443803,
    [0.66524095577482189, -0.75527152894520235, 0.090030573170380458]],
  [[0, 20], 1, 2.0611536203143807e-9,
    [2.0611536181902036e-9, -2.0611536181902036e-9]],
  [[88.75, 89.25], 0, 0.97407698418010668,
    [-0.62245933120185456, 0.62245933120185456]],
  [[0, -100], 1, 100, [1, -1]],
  [[1e30, -1e30, 0], 0, 0, [0, 0, 0]],
  [[-1e30, 1e30, 0], 0, 2.0000000300949324e+30, [-1, 1, 0]],
  [[7], 0, 0, [0]],
  [Array(10).fill(0), 9, 2.3025850929940457, [...Array(9).fill(0.1), -0.9]],
];

Deno.test("the oracle of softmax cross entropy has the golden values", () => {
  for (const [z, label, loss, gradient] of GOLDEN) {
    const logits = Float32Array.from(z);
    const c = reference.softmaxCrossEntropy(logits, [label], z.length);
    const last = { rtol: 1e-15, atol: 3e-16 };
    assertValuesClose(c.loss, [loss], last);
    assertValuesClose(c.dLogits, gradient, last);
  }
});

Deno.test("the oracle of softmax cross entropy has the gradient that differences have", () => {
  const { logits, labels, numClasses } = randomCase(6, 5, 1);
  const f = (logits: Float64Array) =>
    reference.softmaxCrossEntropy(logits, labels, numClasses).loss
      .reduce((sum, loss) => sum + loss);
  const { dLogits } = reference.softmaxCrossEntropy(logits, labels, numClasses);
  const differences = centralDifferences(f, logits, 1e-4);
  assertValuesClose(differences, dLogits, { rtol: 0, atol: 1e-8 });
});

for (const options of BACKENDS) {
  const { simd, threads } = options;
  Deno.test(`softmaxCrossEntropy() and its gradient conform (${simd}, threads: ${threads})`, async (t) => {
    await withBackend(options, async () => {
      await t.step("golden values", () => {
        for (const [z, label, loss, gradient] of GOLDEN) {
          const result = run({
            numClasses: z.length,
            logits: Float32Array.from(z),
            labels: Int32Array.of(label),
          });
          assertValuesClose(result.loss, [loss], ROUNDED);
          assertValuesClose(result.dLogits, gradient, ROUNDED);
        }
      });
      await t.step("batch sizes and classes, around the chunk", () => {
        for (const numClasses of [1, 2, 3, 4, 5, 10, 17, 100]) {
          const rows = Math.floor(4_096 / numClasses);
          for (const batchSize of [0, 1, 2, 7, rows, rows + 1, 2 * rows + 1]) {
            check(randomCase(batchSize, numClasses, batchSize));
          }
        }
        for (const numClasses of [4_095, 4_096, 4_097, 9_000]) {
          check(randomCase(3, numClasses, numClasses));
        }
      });
      await t.step("no finite numbers", () => {
        const odd = [NaN, Infinity, -Infinity];
        const logits = Float32Array.from(odd.flatMap((v) => [0, v, 1]));
        const result = run({
          numClasses: 3,
          logits,
          labels: Int32Array.of(0, 2, 0),
        });
        const p = 1 / (1 + Math.E);
        assertValuesClose(result.loss, [NaN, NaN, -Math.log(p)], ROUNDED);
        const nans = Array(6).fill(NaN);
        assertValuesClose(result.dLogits, [...nans, p - 1, 0, 1 - p], ROUNDED);
      });
    });
  });
}

Deno.test("softmaxCrossEntropy() is the float64 value's nearest float32", async () => {
  // Were the work before the last rounding off by 1e-11 of its value, one
  // rounding in 6,000 would go the other way.
  const rows = 30_000;
  await withBackend({ threads: 2 }, () => {
    const random = createRandom(5);
    const logits = Float32Array.from(
      { length: 2 * rows },
      (_, i) => i % 2 ? 0 : -60 * random.uniform(),
    );
    const compare = (label: number, values: "loss" | "dLogits") => {
      const labels = new Int32Array(rows).fill(label);
      const { [values]: actual } = run({ numClasses: 2, logits, labels });
      const { [values]: expected } = reference.softmaxCrossEntropy(
        logits,
        labels,
        2,
      );
      // of each row the first, which no cancellation has made less accurate
      const first = (_: number, i: number) => values === "loss" || i % 2 === 0;
      assertSameValues(
        actual.filter(first),
        Float32Array.from(expected.filter(first)),
        values,
      );
    };
    compare(0, "loss"); // gap + ln(1 + e^−gap)
    compare(1, "dLogits"); // e^−gap / (1 + e^−gap)
  });
});

Deno.test("softmaxCrossEntropy() takes probabilities down to 0", async () => {
  await withBackend({ threads: 1 }, () => {
    const gaps = [80, 87, 88, 95, 103, 104, 110, 700, 708, 709, 745, 1e4, 1e38];
    const logits = Float32Array.from(gaps.flatMap((gap) => [-gap, 0]));
    const labels = new Int32Array(gaps.length).fill(1);
    const { loss, dLogits } = run({ numClasses: 2, logits, labels });
    assertValuesClose(loss, gaps.map(() => 0), { rtol: 0, atol: 0 });
    const subnormal = { rtol: 2 ** -24, atol: 2 ** -149 };
    const rare = dLogits.filter((_, i) => i % 2 === 0);
    assertValuesClose(rare, gaps.map((gap) => Math.exp(-gap)), subnormal);
  });
});

Deno.test("softmaxCrossEntropy() has properties", async () => {
  const anyCase = fc.record({
    rows: fc.integer({ min: 1, max: 900 }),
    numClasses: fc.integer({ min: 1, max: 12 }),
    seed: fc.nat(1_000),
  });
  await withBackend({ threads: 2 }, () => {
    fc.assert(
      fc.property(
        anyCase,
        fc.integer({ min: -64, max: 64 }),
        ({ rows, numClasses, seed }, shift) => {
          const c = randomCase(rows, numClasses, seed);
          // multiples of 1/8 stay exact when they are shifted
          c.logits.forEach((z, i) => c.logits[i] = Math.round(8 * z) / 8);
          const { loss, dLogits } = run(c);
          const shifted = run({ ...c, logits: c.logits.map((z) => z + shift) });
          assertSameValues(shifted.loss, loss, "loss, shifted");
          assertSameValues(shifted.dLogits, dLogits, "gradient, shifted");
          // each example stands alone
          const reversed = run({
            numClasses,
            logits: c.logits.map((_, i) => {
              const row = rows - 1 - Math.floor(i / numClasses);
              return c.logits[row * numClasses + i % numClasses]!;
            }),
            labels: c.labels.toReversed(),
          });
          assertSameValues(reversed.loss, loss.toReversed(), "loss, permuted");
          for (let row = 0; row < rows; row++) {
            const start = row * numClasses;
            const sum = dLogits.subarray(start, start + numClasses)
              .reduce((sum, value) => sum + value, 0);
            assert.ok(Math.abs(sum) <= numClasses * 2 ** -24, `sum ${sum}`);
          }
        },
      ),
      { numRuns: 25 },
    );
  });
});

Deno.test("softmaxCrossEntropy() scales an example's gradient with its dy", async () => {
  await withBackend({ threads: 2 }, () => {
    const c = randomCase(3, 4, 2), dy = Float32Array.of(2, 0, -0.5);
    const [, one] = compute(c), [, scaled] = compute(c, dy);
    const values = one.dataSync().map((v, i) => v * dy[Math.floor(i / 4)]!);
    assertAllClose(
      scaled,
      { dtype: "float32", shape: [3, 4], values },
      { rtol: 0, atol: 0 },
    );
  });
});

Deno.test("softmaxCrossEntropy() gives the same bits with either build at 1, 2, 3 and 8 threads", async () => {
  const c = randomCase(3_000, 10, 4);
  const bits = (options: { threads: number; simd: "relaxed" | "simd128" }) =>
    withBackend(options, () => run(c));
  const one = await bits({ threads: 1, simd: "relaxed" });
  for (const simd of BUILDS) {
    for (const threads of simd === "relaxed" ? [2, 8] : [1, 4]) {
      const many = await bits({ threads, simd });
      assertSameValues(many.loss, one.loss, `loss, ${threads} threads`);
      assertSameValues(many.dLogits, one.dLogits, `dx, ${threads} threads`);
    }
  }
});

Deno.test("softmaxCrossEntropy() refuses other dtypes, shapes and labels", async () => {
  await withBackend({ threads: 1 }, () => {
    const logits = tf.zeros([2, 3]), labels = tf.zeros([2], "int32");
    const refuses = (logits: tf.Tensor, labels: tf.Tensor, error: object) =>
      assert.throws(
        () => softmaxCrossEntropy(logits as tf.Tensor2D, labels as tf.Tensor1D),
        error,
      );
    const dtypes =
      "Cannot compute softmaxCrossEntropy: logits must be float32 and labels int32: got ";
    refuses(logits, tf.zeros([2]), {
      name: "TypeError",
      message: `${dtypes}float32 and float32`,
    });
    refuses(tf.zeros([2, 3], "int32"), labels, {
      name: "TypeError",
      message: `${dtypes}int32 and int32`,
    });
    const shapes: [number[], number[]][] = [
      [[2, 3], [3]],
      [[2, 3], [2, 1]],
      [[6], [2]],
      [[2, 3, 1], [2]],
      [[2, 3], []],
    ];
    for (const [a, b] of shapes) {
      refuses(tf.zeros(a), tf.zeros(b, "int32"), {
        name: "RangeError",
        message:
          `Cannot compute softmaxCrossEntropy: logits must be [batchSize, numClasses] and labels [batchSize]: got [${a}] and [${b}]`,
      });
    }
    for (const label of [-1, 3, 2 ** 31 - 1, -(2 ** 31)]) {
      refuses(logits, tf.tensor1d([0, label], "int32"), {
        name: "RangeError",
        message:
          `Cannot compute softmaxCrossEntropy: labels must be from 0 to 2: got ${label}`,
      });
    }
    labels.dispose();
    refuses(logits, labels, { message: /disposed/ });
  });
});

Deno.test("softmaxCrossEntropy() needs a backend that runs", async () => {
  const [logits, labels] = await withBackend({ threads: 1 }, () => {
    return [tf.zeros([1, 2]), tf.zeros([1], "int32")] as const;
  });
  assert.throws(
    () => softmaxCrossEntropy(logits as tf.Tensor2D, labels as tf.Tensor1D),
    {
      message:
        "Cannot compute softmaxCrossEntropy: startBackend() must have been called",
    },
  );
});

Deno.test("softmaxCrossEntropy() leaves no tensor behind, with a gradient or without, nor when it fails", async () => {
  await withBackend({ threads: 2 }, () => {
    const { logits, labels } = tensors(randomCase(50, 10, 1));
    const wrong = tf.fill([50], 10, "int32") as tf.Tensor1D;
    const loss = (logits: tf.Tensor) =>
      tf.mean(softmaxCrossEntropy(logits as tf.Tensor2D, labels));
    const { numTensors } = tf.memory();
    const buffers = tf.backend().numDataIds();
    for (let i = 0; i < 100; i++) {
      softmaxCrossEntropy(logits, labels).dispose();
      tf.grad(loss)(logits).dispose();
      assert.throws(() => softmaxCrossEntropy(logits, wrong), RangeError);
    }
    assert.equal(tf.memory().numTensors, numTensors);
    assert.equal(tf.backend().numDataIds(), buffers);
  });
});

Deno.test("softmaxCrossEntropy's kernel takes more chunks than the pool takes at once", async () => {
  // As 70,000 rows of 2,049 logits are cut, of which 1 GiB would have to be.
  const [rows, numClasses, chunkRows] = [70_000, 3, 1];
  await withBackend({ threads: 2 }, () => {
    const { pool, pointer } = kernelContext("test");
    const { logits, labels } = tensors(randomCase(rows, numClasses, 3));
    const expected = tf.engine().runKernel("SoftmaxCrossEntropy", {
      logits,
      labels,
    }) as tf.Tensor[];
    const actual = [tf.fill([rows], 7), tf.fill([rows, numClasses], 7)];
    pool.run("softmaxCrossEntropyF32", rows, {
      logits: pointer(logits),
      labels: pointer(labels),
      loss: pointer(actual[0]!),
      dLogits: pointer(actual[1]!),
      rows,
      classes: numClasses,
      chunkRows,
    });
    actual.forEach((tensor, i) =>
      assertSameValues(
        tensor.dataSync(),
        expected[i]!.dataSync(),
        `output ${i}`,
      )
    );
  });
});
