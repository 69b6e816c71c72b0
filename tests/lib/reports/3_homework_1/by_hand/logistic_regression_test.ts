import assert from "node:assert/strict";
import {
  logisticGradient,
  logisticStep,
  softmaxLoss,
} from "../../../../../lib/reports/3_homework_1/by_hand/logistic_regression.ts";
import { createRandom } from "../../../../../lib/base/random.ts";
import { assertValuesClose } from "../../../../assert_all_close.ts";
import { centralDifferences } from "../../../../reference/central_differences.ts";
import golden from "../../../../golden/by_hand.json" with { type: "json" };
import { goldenExamples as split, inputsOf } from "./synthetic_examples.ts";

/**
 * By mpmath 1.3.0 with 60 digits, as in
 * tests/lib/losses/softmax_cross_entropy_test.ts.
 */
// deno-fmt-ignore -- a line a row
const GOLDEN: [number[], number, number, number[]][] = [
  [[1, 2, 3], 1, 1.4076059644443803,
    [0.090030573170380458, -0.75527152894520235, 0.66524095577482189]],
  [[-1000, -1001, -1002], 1, 1.4076059644443803,
    [0.66524095577482189, -0.75527152894520235, 0.090030573170380458]],
  [[0, -100], 1, 100, [1, -1]],
  [[7], 0, 0, [0]],
];

Deno.test("softmaxLoss() has the golden values, without overflow", () => {
  for (const [z, label, loss, gradient] of GOLDEN) {
    const result = softmaxLoss(Float64Array.from(z), label);
    const last = { rtol: 1e-15, atol: 3e-16 };
    assertValuesClose([result.loss], [loss], last);
    assertValuesClose(result.dz, gradient, last);
  }
});

Deno.test("softmaxLoss() has the gradient that differences have", () => {
  const z = Float64Array.from([0.3, -1.2, 2.5, 0]);
  for (const label of [0, 2]) {
    const { dz } = softmaxLoss(z, label);
    const differences = centralDifferences(
      (z) => softmaxLoss(z, label).loss,
      z,
      1e-4,
    );
    assertValuesClose(differences, dz, { rtol: 0, atol: 1e-8 });
    assert.ok(Math.abs(dz.reduce((sum, value) => sum + value)) < 1e-15);
  }
});

Deno.test("softmaxLoss() takes a million classes", () => {
  const { loss, dz } = softmaxLoss(new Float64Array(1_000_000), 7);
  assertValuesClose([loss], [Math.log(1e6)], { rtol: 1e-15, atol: 0 });
  assertValuesClose([dz[6]!, dz[7]!], [1e-6, 1e-6 - 1], {
    rtol: 1e-15,
    atol: 0,
  });
});

Deno.test("logisticStep() has numpy's losses and weights after 12 steps", () => {
  const { learningRate, weights: expected, losses } = golden.logistic;
  const weights = new Float64Array(expected.length);
  const actual = golden.order.map((i) =>
    logisticStep(
      weights,
      inputsOf(split, i, 1 / 255, 1),
      split.labels[i]!,
      learningRate,
    )
  );
  const rounded = { rtol: 0, atol: 1e-14 }; // of numbers near 1, 12 times
  assertValuesClose(actual, losses, rounded);
  assertValuesClose(weights, expected, rounded);
});

Deno.test("logisticGradient() is what differences have", () => {
  const random = createRandom(1);
  const weights = new Float64Array(3 * 7).map(() => random.normal());
  for (const i of [0, 1, 4]) {
    const x = inputsOf(split, i, 1 / 255, 1), label = split.labels[i]!;
    const { dWeights } = logisticGradient(weights, x, label);
    const differences = centralDifferences(
      (weights) => logisticGradient(weights, x, label).loss,
      weights,
      1e-4,
    );
    assertValuesClose(differences, dWeights, { rtol: 0, atol: 1e-8 });
  }
});
