import assert from "node:assert/strict";
import fc from "fast-check";
import * as tf from "@tensorflow/tfjs";
import { createRandom } from "../../../lib/base/random.ts";
import { kernelContext } from "../../../lib/wasm/kernel_context.ts";
import { softmaxCrossEntropy } from "../../../lib/losses/softmax_cross_entropy.ts";
import { assertValuesClose } from "../../assert_all_close.ts";
import { assertGradients } from "../../assert_gradients.ts";
import { assertSameValues } from "../../assert_same_values.ts";
import { type Expectation, type Refusal, testOp } from "../../ops_suite.ts";
import * as reference from "../../reference/softmax_cross_entropy.ts";

interface Case {
  numClasses: number;
  logits: Float32Array;
  labels: Int32Array;
  /** Of the losses; all 1 by default. */
  dy?: Float32Array;
  /** Loss and gradient, where they are known. */
  known?: { loss: number[]; dLogits: number[] };
}

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
function compute(c: Case) {
  const { logits, labels } = tensors(c);
  const f = (logits: tf.Tensor) =>
    softmaxCrossEntropy(logits as tf.Tensor2D, labels);
  const dLoss = c.dy ? tf.tensor1d(c.dy) : tf.ones([labels.size]);
  return { loss: f(logits), dLogits: tf.grad(f)(logits, dLoss) };
}

function run(c: Case) {
  const { loss, dLogits } = tf.tidy(() => compute(c));
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

function expect(c: Case): Record<string, Expectation> {
  const { logits, labels, numClasses, dy, known } = c;
  const { loss, dLogits } = known ??
    reference.softmaxCrossEntropy(logits, labels, numClasses);
  const rows = labels.length;
  // An example's gradient is rounded before it is scaled with dy.
  const scaled = dy
    ? Float32Array.from(dLogits).map((v, i) =>
      v * dy[Math.floor(i / numClasses)]!
    )
    : dLogits;
  return {
    loss: { shape: [rows], values: loss, ...ROUNDED },
    dLogits: { shape: [rows, numClasses], values: scaled, ...ROUNDED },
  };
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
  const of = (logits: ArrayLike<number>) =>
    reference.softmaxCrossEntropy(logits, labels, numClasses);
  assertGradients(
    ({ logits }) => of(logits).loss,
    { logits },
    Array(6).fill(1),
    { logits: of(logits).dLogits },
    { h: 1e-4, atol: 1e-8 },
  );
});

const goldenCases = GOLDEN.map(([z, label, loss, dLogits]): Case => ({
  numClasses: z.length,
  logits: Float32Array.from(z),
  labels: Int32Array.of(label),
  known: { loss: [loss], dLogits },
}));

function chunkCases(): Case[] {
  const cases = [4_095, 4_096, 4_097, 9_000].map((numClasses) =>
    randomCase(3, numClasses, numClasses)
  );
  for (const numClasses of [1, 2, 3, 4, 5, 10, 17, 100]) {
    const rows = Math.floor(4_096 / numClasses);
    for (const batchSize of [0, 1, 2, 7, rows, rows + 1, 2 * rows + 1]) {
      cases.push(randomCase(batchSize, numClasses, batchSize));
    }
  }
  return cases;
}

/** Rows with a number that is none, of which −∞ leaves a loss. */
function specialCase(): Case {
  const odd = [NaN, Infinity, -Infinity];
  const p = 1 / (1 + Math.E);
  return {
    numClasses: 3,
    logits: Float32Array.from(odd.flatMap((v) => [0, v, 1])),
    labels: Int32Array.of(0, 2, 0),
    known: {
      loss: [NaN, NaN, -Math.log(p)],
      dLogits: [NaN, NaN, NaN, NaN, NaN, NaN, p - 1, 0, 1 - p],
    },
  };
}

testOp<Case>({
  name: "softmaxCrossEntropy() and its gradient",
  tolerance: "to the last rounding",
  cases: {
    "golden values": goldenCases,
    "batch sizes and classes, around the chunk": chunkCases(),
    "more chunks than threads": [randomCase(9_000, 10, 4)],
    "no finite numbers": [specialCase()],
    "another dy for each example": [
      { ...randomCase(3, 4, 2), dy: Float32Array.of(2, 0, -0.5) },
    ],
  },
  compute,
  expect,
  sameInBuilds: true,
  refusals,
  stopped: {
    action: "compute softmaxCrossEntropy",
    call: (x) => softmaxCrossEntropy(x as tf.Tensor2D, x as tf.Tensor1D),
  },
  also: {
    "the float64 value's nearest float32": checkNearest,
    "probabilities down to 0": checkRare,
    "shifts, permutations and sums": checkProperties,
    "the kernel takes more chunks than the pool takes at once": checkRounds,
  },
});

function checkNearest() {
  // Were the work before the last rounding off by 1e-11 of its value, one
  // rounding in 6,000 would go the other way.
  const rows = 30_000;
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
}

function checkRare() {
  const gaps = [80, 87, 88, 95, 103, 104, 110, 700, 708, 709, 745, 1e4, 1e38];
  const logits = Float32Array.from(gaps.flatMap((gap) => [-gap, 0]));
  const labels = new Int32Array(gaps.length).fill(1);
  const { loss, dLogits } = run({ numClasses: 2, logits, labels });
  assertValuesClose(loss, gaps.map(() => 0), { rtol: 0, atol: 0 });
  const subnormal = { rtol: 2 ** -24, atol: 2 ** -149 };
  const rare = dLogits.filter((_, i) => i % 2 === 0);
  assertValuesClose(rare, gaps.map((gap) => Math.exp(-gap)), subnormal);
}

function checkProperties() {
  const anyCase = fc.record({
    rows: fc.integer({ min: 1, max: 900 }),
    numClasses: fc.integer({ min: 1, max: 12 }),
    seed: fc.nat(1_000),
  });
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
}

function checkRounds() {
  // As 70,000 rows of 2,049 logits are cut, of which 1 GiB would have to be.
  const [rows, numClasses, chunkRows] = [70_000, 3, 1];
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
}

function refusals(): Refusal[] {
  const logits = tf.zeros([2, 3]), labels = tf.zeros([2], "int32");
  const gone = tf.zeros([2], "int32");
  gone.dispose();
  const refused = (
    logits: tf.Tensor,
    labels: tf.Tensor,
    name: string,
    what: string,
  ): Refusal => [
    () => softmaxCrossEntropy(logits as tf.Tensor2D, labels as tf.Tensor1D),
    name,
    `Cannot compute softmaxCrossEntropy: ${what}`,
  ];
  const dtypes = "logits must be float32 and labels int32: got";
  const shapes: [number[], number[]][] = [
    [[2, 3], [3]],
    [[2, 3], [2, 1]],
    [[6], [2]],
    [[2, 3, 1], [2]],
    [[2, 3], []],
  ];
  return [
    refused(
      logits,
      tf.zeros([2]),
      "TypeError",
      `${dtypes} float32 and float32`,
    ),
    refused(
      tf.zeros([2, 3], "int32"),
      labels,
      "TypeError",
      `${dtypes} int32 and int32`,
    ),
    ...shapes.map(([a, b]) =>
      refused(
        tf.zeros(a),
        tf.zeros(b, "int32"),
        "RangeError",
        `logits must be [batchSize, numClasses] and labels [batchSize]: got [${a}] and [${b}]`,
      )
    ),
    ...[-1, 3, 2 ** 31 - 1, -(2 ** 31)].map((label) =>
      refused(
        logits,
        tf.tensor1d([0, label], "int32"),
        "RangeError",
        `labels must be from 0 to 2: got ${label}`,
      )
    ),
    [
      () => softmaxCrossEntropy(logits as tf.Tensor2D, gone as tf.Tensor1D),
      "Error",
      /disposed/,
    ],
  ];
}
