import assert from "node:assert/strict";
import fc from "fast-check";
import * as tf from "@tensorflow/tfjs";
import {
  multiclassHinge,
  type MulticlassHingeOptions,
} from "../../../lib/losses/multiclass_hinge.ts";
import { assertAllClose, assertValuesClose } from "../../assert_all_close.ts";
import { centralDifferences } from "../../reference/central_differences.ts";
import * as reference from "../../reference/multiclass_hinge.ts";
import { withBackend } from "../../with_backend.ts";
import { assertInBounds } from "../ops/fixtures/assert_in_bounds.ts";
import { assertSameAtThreads } from "../ops/fixtures/assert_same_at_threads.ts";
import { seededNumbers, seededTensor } from "../ops/fixtures/seeded_tensor.ts";

const REDUCTIONS = ["sum", "max"] as const;

/** The losses and dLogits for a dy. */
function compute(
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

function checkCase(
  batchSize: number,
  numClasses: number,
  options: Required<MulticlassHingeOptions>,
  seed: number,
  coarse: boolean,
) {
  tf.tidy(() => {
    // Quarters: kinks and ties are frequent, and every sum is exact.
    const change = (v: number) => coarse ? Math.round(v * 8) / 4 : v * 3;
    const logits = seededTensor([batchSize, numClasses], seed, change);
    const labels = labelsOf(batchSize, numClasses, seed + 1);
    const dLoss = seededTensor([batchSize], seed + 2);
    const [loss, dLogits] = compute(
      logits as tf.Tensor2D,
      labels,
      options,
      dLoss,
    );
    const [scores, ids, scales] = [
      logits.dataSync(),
      labels.dataSync(),
      dLoss.dataSync(),
    ];
    const rows = Array.from(ids!, (label, row) =>
      reference.multiclassHinge(
        scores!.subarray(row * numClasses, (row + 1) * numClasses),
        label,
        Math.fround(options.margin),
        options.reduction,
      ));
    // float64 inside, one rounding to float32 at the end.
    assertAllClose(loss, {
      dtype: "float32",
      shape: [batchSize],
      values: rows.map((row) => row.loss),
    }, { rtol: 2 ** -23, atol: 0 });
    assertAllClose(dLogits, {
      dtype: "float32",
      shape: [batchSize, numClasses],
      values: rows.flatMap(({ gradient }, row) =>
        Array.from(gradient, (g) => g * scales![row]!)
      ),
    }, { rtol: 2 ** -23, atol: 0 });
  });
}

for (const simd of ["relaxed", "simd128"] as const) {
  Deno.test(`multiclassHinge() and its gradient are the oracle's (${simd})`, async () => {
    await withBackend({ threads: 2, simd }, () => {
      const size = (min: number, max: number) => fc.integer({ min, max });
      fc.assert(
        fc.property(
          size(0, 40),
          size(1, 23),
          size(0, 1_000),
          fc.record({
            margin: fc.constantFrom(0, 0.1, 0.25, 1, 2),
            reduction: fc.constantFrom(...REDUCTIONS),
          }),
          fc.boolean(),
          (batchSize, numClasses, seed, options, coarse) =>
            checkCase(batchSize, numClasses, options, seed, coarse),
        ),
        { numRuns: 300 },
      );
      for (const reduction of REDUCTIONS) {
        checkCase(4_000, 10, { margin: 1, reduction }, 1, false);
      }
    });
  });
}

Deno.test("multiclassHinge() gives the losses of Weston and Watkins and of Crammer and Singer", async () => {
  await withBackend({ threads: 1 }, () => {
    const logits = tf.tensor2d([[2, 1.5, 3, 0]]);
    const labels = tf.tensor1d([0], "int32");
    const losses = (options: MulticlassHingeOptions) =>
      compute(logits, labels, options, tf.tensor1d([1]))
        .map((tensor) => Array.from(tensor.dataSync(), (v) => v + 0));
    assert.deepEqual(losses({}), [[2.5], [-2, 1, 1, 0]]);
    assert.deepEqual(losses({ reduction: "max" }), [[2], [-1, 0, 1, 0]]);
    assert.deepEqual(losses({ margin: 0 }), [[1], [-1, 0, 1, 0]]);
  });
});

Deno.test("multiclassHinge() has no gradient at the kink, and one of equal violations has it", async () => {
  await withBackend({ threads: 1 }, () => {
    const gradient = (scores: number[], reduction: "sum" | "max") =>
      Array.from(
        compute(
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
  });
});

Deno.test("multiclassHinge() keeps NaN and infinities in its loss", async () => {
  await withBackend({ threads: 1 }, () => {
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
  });
});

Deno.test("the oracle's gradient of the hinge is a central difference away from kinks and ties", () => {
  for (const reduction of REDUCTIONS) {
    for (let seed = 0; seed < 20; seed++) {
      const scores = Float64Array.from(seededNumbers(6, seed), (v) => v * 2);
      const { gradient } = reference.multiclassHinge(scores, 2, 1, reduction);
      const loss = (scores: Float64Array) =>
        reference.multiclassHinge(scores, 2, 1, reduction).loss;
      const differences = centralDifferences(loss, scores, 1e-7);
      assertValuesClose(gradient, differences, { rtol: 0, atol: 1e-6 });
    }
  }
});

Deno.test("multiclassHinge() is the same bits at 1, 2, 3 and 8 threads", async () => {
  await assertSameAtThreads(() =>
    REDUCTIONS.flatMap((reduction) => {
      const logits = seededTensor([9_000, 10], 1, (v) => 3 * v) as tf.Tensor2D;
      const labels = labelsOf(9_000, 10, 2);
      return compute(logits, labels, { reduction }, tf.ones([9_000]));
    })
  );
});

Deno.test("multiclassHinge() writes nothing outside of its output and leaves no tensor", async () => {
  await withBackend({ threads: 2 }, () => {
    const logits = seededTensor([130, 7], 1) as tf.Tensor2D;
    const labels = labelsOf(130, 7, 2);
    const before = tf.memory().numTensors;
    assertInBounds([130], () => multiclassHinge(logits, labels));
    assertInBounds([130, 7], () => multiclassHinge(logits, labels));
    assert.equal(tf.memory().numTensors, before);
    tf.dispose([logits, labels]);
  });
});

Deno.test("multiclassHinge() rejects what it cannot compute", async () => {
  await withBackend({ threads: 1 }, () => {
    const logits = tf.zeros([2, 3]) as tf.Tensor2D;
    const labels = tf.tensor1d([0, 1], "int32");
    const call = (options: MulticlassHingeOptions) => () =>
      multiclassHinge(logits, labels, options);
    assert.throws(
      () => multiclassHinge(logits, labels.cast("float32")),
      /^TypeError: Cannot compute multiclassHinge: logits must be float32 and labels int32: got float32 and float32$/,
    );
    assert.throws(
      () => multiclassHinge(logits, tf.tensor1d([0], "int32")),
      /^RangeError: Cannot compute multiclassHinge: logits must be \[batchSize, numClasses\]/,
    );
    assert.throws(
      () => multiclassHinge(logits, tf.tensor1d([0, 3], "int32")),
      /^RangeError: Cannot compute multiclassHinge: labels must be from 0 to 2: got 3$/,
    );
    assert.throws(
      call({ margin: NaN }),
      /^RangeError: Cannot compute multiclassHinge: margin must be at least 0 and finite: got NaN$/,
    );
    assert.throws(
      call({ reduction: "mean" as "sum" }),
      /^RangeError: Cannot compute multiclassHinge: reduction must be sum or max: got mean$/,
    );
  });
});
