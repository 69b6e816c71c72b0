import {
  logisticGradient,
  logisticStep,
} from "../../../../../lib/reports/3_homework_1/by_hand/logistic_regression.ts";
import { createRandom } from "../../../../../lib/base/random.ts";
import { assertValuesClose } from "../../../../assert_all_close.ts";
import golden from "../../../../golden/by_hand.json" with { type: "json" };
import { centralDifferences } from "../../../../reference/central_differences.ts";
import { goldenExamples as split, inputsOf } from "./synthetic_examples.ts";

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
