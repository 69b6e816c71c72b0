import assert from "node:assert/strict";
import fc from "fast-check";
import * as tf from "@tensorflow/tfjs";
import {
  multiclassHinge,
  type MulticlassHingeOptions,
} from "../../../lib/losses/multiclass_hinge.ts";
import { drawCases } from "../../draw_cases.ts";
import { assertGradients } from "../../assert_gradients.ts";
import { type Expectation, type Refusal, testOp } from "../../ops_suite.ts";
import * as reference from "../../reference/multiclass_hinge.ts";
import { seededNumbers, seededTensor } from "../ops/fixtures/seeded_tensor.ts";

const REDUCTIONS = ["sum", "max"] as const;

interface Case extends Required<MulticlassHingeOptions> {
  batchSize: number;
  numClasses: number;
  seed: number;
  /** Whether kinks and ties are frequent, and every sum is exact. */
  coarse: boolean;
}

/** The losses and dLogits for a dy. */
function lossAndGradient(
  logits: tf.Tensor2D,
  labels: tf.Tensor1D,
  options: MulticlassHingeOptions,
  dLoss: tf.Tensor,
): [tf.Tensor, tf.Tensor] {
  const f = (logits: tf.Tensor) =>
    multiclassHinge(logits as tf.Tensor2D, labels, options);
  return [f(logits), tf.grad(f)(logits, dLoss)];
}

function labelsOf(batchSize: number, numClasses: number, seed: number) {
  const ids = seededNumbers(batchSize, seed).map((value) =>
    Math.floor((value + 1) / 2.001 * numClasses)
  );
  return tf.tensor1d(Int32Array.from(ids), "int32");
}

function inputsOf({ batchSize, numClasses, seed, coarse }: Case) {
  const change = (v: number) => coarse ? Math.round(v * 8) / 4 : v * 3;
  return {
    logits: seededTensor([batchSize, numClasses], seed, change) as tf.Tensor2D,
    labels: labelsOf(batchSize, numClasses, seed + 1),
    dLoss: seededTensor([batchSize], seed + 2),
  };
}

function compute(c: Case) {
  const { logits, labels, dLoss } = inputsOf(c);
  const [loss, dLogits] = lossAndGradient(logits, labels, c, dLoss);
  return { loss, dLogits };
}

function expect(c: Case): Record<string, Expectation> {
  const { batchSize, numClasses } = c;
  const { logits, labels, dLoss } = inputsOf(c);
  const [scores, scales] = [logits.dataSync(), dLoss.dataSync()];
  const rows = Array.from(
    labels.dataSync(),
    (label, row) =>
      reference.multiclassHinge(
        scores.subarray(row * numClasses, (row + 1) * numClasses),
        label,
        Math.fround(c.margin),
        c.reduction,
      ),
  );
  // float64 inside, one rounding to float32 at the end.
  return {
    loss: {
      shape: [batchSize],
      values: rows.map((row) => row.loss),
      rtol: 2 ** -23,
    },
    dLogits: {
      shape: [batchSize, numClasses],
      values: rows.flatMap(({ gradient }, row) =>
        Array.from(gradient, (g) => g * scales[row]!)
      ),
      rtol: 2 ** -23,
    },
  };
}

const size = (min: number, max: number) => fc.integer({ min, max });

const anyCase = fc.record({
  batchSize: size(0, 40),
  numClasses: size(1, 23),
  seed: size(0, 1_000),
  margin: fc.constantFrom(0, 0.1, 0.25, 1, 2),
  reduction: fc.constantFrom(...REDUCTIONS),
  coarse: fc.boolean(),
});

const counts = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);

const casesOf = (batchSize: number, numClasses: number) =>
  REDUCTIONS.map((reduction): Case => ({
    batchSize,
    numClasses,
    reduction,
    margin: 1,
    seed: 1,
    coarse: false,
  }));

testOp<Case>({
  name: "multiclassHinge() and its gradient",
  tolerance: "to the last bit",
  cases: {
    "every tail of rows and classes": counts(0, 9).flatMap((rows) =>
      counts(1, 9).flatMap((numClasses) => casesOf(rows, numClasses))
    ),
    "several chunks": [...casesOf(130, 7), ...casesOf(9_000, 10)],
    "random shapes": drawCases(anyCase, 300),
  },
  compute,
  expect,
  refusals,
  also: {
    "the losses of Weston and Watkins and of Crammer and Singer": checkLosses,
    "no gradient at the kink, and one of equal violations has it": checkKinks,
    "NaN and infinities stay in the loss": checkInfinities,
  },
});

function checkLosses() {
  const logits = tf.tensor2d([[2, 1.5, 3, 0]]);
  const labels = tf.tensor1d([0], "int32");
  const losses = (options: MulticlassHingeOptions) =>
    lossAndGradient(logits, labels, options, tf.tensor1d([1]))
      .map((tensor) => Array.from(tensor.dataSync(), (v) => v + 0));
  assert.deepEqual(losses({}), [[2.5], [-2, 1, 1, 0]]);
  assert.deepEqual(losses({ reduction: "max" }), [[2], [-1, 0, 1, 0]]);
  assert.deepEqual(losses({ margin: 0 }), [[1], [-1, 0, 1, 0]]);
}

function checkKinks() {
  const gradient = (scores: number[], reduction: "sum" | "max") =>
    Array.from(
      lossAndGradient(
        tf.tensor2d([scores]),
        tf.tensor1d([1], "int32"),
        { reduction },
        tf.tensor1d([1]),
      )[1].dataSync(),
      (v) => v + 0,
    );
  for (const reduction of REDUCTIONS) {
    assert.deepEqual(gradient([1, 2, 1], reduction), [0, 0, 0]);
  }
  assert.deepEqual(gradient([3, 2, 3, 3], "sum"), [1, -3, 1, 1]);
  assert.deepEqual(gradient([1, 2, 3, 3], "max"), [0, -1, 1, 0]);
}

function checkInfinities() {
  const logits = tf.tensor2d([
    [NaN, 0, 0],
    [0, NaN, 5],
    [0, Infinity, 0],
    [0, -Infinity, -1],
  ]);
  const labels = tf.tensor1d([0, 0, 0, 0], "int32");
  for (const reduction of REDUCTIONS) {
    const loss = multiclassHinge(logits, labels, { reduction });
    assert.deepEqual(
      Array.from(loss.dataSync()),
      [NaN, NaN, Infinity, 0],
      reduction,
    );
  }
}

Deno.test("the oracle of the hinge has the gradient that differences have, away from kinks and ties", () => {
  for (const reduction of REDUCTIONS) {
    for (let seed = 0; seed < 20; seed++) {
      const scores = Float64Array.from(seededNumbers(6, seed), (v) => v * 2);
      const of = (scores: ArrayLike<number>) =>
        reference.multiclassHinge(scores, 2, 1, reduction);
      assertGradients(
        ({ scores }) => [of(scores).loss],
        { scores },
        [1],
        { scores: of(scores).gradient },
        { h: 1e-7, atol: 1e-6 },
      );
    }
  }
});

function refusals(): Refusal[] {
  const logits = tf.zeros([2, 3]) as tf.Tensor2D;
  const labels = tf.tensor1d([0, 1], "int32");
  const refused = (
    name: string,
    message: string | RegExp,
    wrong = labels,
    options: MulticlassHingeOptions = {},
  ): Refusal => [
    () => multiclassHinge(logits, wrong, options),
    name,
    typeof message === "string"
      ? `Cannot compute multiclassHinge: ${message}`
      : message,
  ];
  return [
    refused(
      "TypeError",
      "logits must be float32 and labels int32: got float32 and float32",
      labels.cast("float32"),
    ),
    refused(
      "RangeError",
      /^Cannot compute multiclassHinge: logits must be \[batchSize, numClasses\]/,
      tf.tensor1d([0], "int32"),
    ),
    refused(
      "RangeError",
      "labels must be from 0 to 2: got 3",
      tf.tensor1d([0, 3], "int32"),
    ),
    refused(
      "RangeError",
      "margin must be at least 0 and finite: got NaN",
      labels,
      { margin: NaN },
    ),
    refused(
      "RangeError",
      "reduction must be sum or max: got mean",
      labels,
      { reduction: "mean" as "sum" },
    ),
  ];
}
