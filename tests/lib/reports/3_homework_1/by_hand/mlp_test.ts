import assert from "node:assert/strict";
import {
  createMlp,
  mlpGradient,
  type MlpParameters,
  mlpScores,
  mlpStep,
} from "../../../../../lib/reports/3_homework_1/by_hand/mlp.ts";
import { mean, standardDeviation } from "../../../../../lib/base/statistics.ts";
import { createRandom } from "../../../../../lib/base/random.ts";
import { assertValuesClose } from "../../../../assert_all_close.ts";
import golden from "../../../../golden/by_hand.json" with { type: "json" };
import { centralDifferences } from "../../../../reference/central_differences.ts";
import { goldenExamples as split, inputsOf } from "./synthetic_examples.ts";

const NAMES = ["weights1", "biases1", "weights2", "biases2"] as const;

const initial = () =>
  Object.fromEntries(
    NAMES.map((name) => [name, Float64Array.from(golden.mlp.initial[name])]),
  ) as unknown as MlpParameters;

Deno.test("mlpStep() has numpy's losses and parameters after 12 steps", () => {
  const parameters = initial();
  const actual = golden.order.map((i) =>
    mlpStep(
      parameters,
      inputsOf(split, i, 1 / 255),
      split.labels[i]!,
      golden.mlp.learningRate,
    )
  );
  const rounded = { rtol: 0, atol: 1e-14 }; // of numbers near 1, 12 times
  assertValuesClose(actual, golden.mlp.losses, rounded);
  for (const name of NAMES) {
    assertValuesClose(parameters[name], golden.mlp[name], rounded);
  }
});

Deno.test("mlpGradient() is what differences have, away from the kinks", () => {
  const parameters = initial();
  for (const i of [0, 1, 4]) {
    const x = inputsOf(split, i, 1 / 255), label = split.labels[i]!;
    const { h } = mlpScores(parameters, x);
    assert.ok(h.some((value) => value === 0), "a unit that is off");
    assert.ok(h.every((value) => value === 0 || value > 1e-2));
    const { gradient } = mlpGradient(parameters, x, label);
    for (const name of NAMES) {
      const differences = centralDifferences(
        (value) => mlpGradient({ ...parameters, [name]: value }, x, label).loss,
        parameters[name],
        1e-4,
      );
      assertValuesClose(differences, gradient[name], { rtol: 0, atol: 1e-8 });
    }
  }
});

Deno.test("mlpGradient() takes ReLU's slope at 0 for 0", () => {
  const { gradient } = mlpGradient(
    {
      weights1: Float64Array.from([1, 1]),
      biases1: Float64Array.from([-3, -2.5]), // sums 0 and 0.5
      weights2: Float64Array.from([1, 1, -1, -1]),
      biases2: new Float64Array(2),
    },
    [3],
    0,
  );
  assert.equal(gradient.biases1[0], 0);
  assert.notEqual(gradient.biases1[1], 0);
});

Deno.test("createMlp() draws weights from N(0.1, 0.1²) and no biases", () => {
  const sizes = { inputs: 784, hidden: 200, classes: 4 };
  const { weights1, biases1, weights2, biases2 } = createMlp(
    sizes,
    createRandom(3),
  );
  assert.equal(weights1.length, 156_800);
  assert.equal(weights2.length, 800);
  for (const weights of [weights1, weights2]) {
    const standardErrors = 4 * 0.1 / Math.sqrt(weights.length);
    assert.ok(Math.abs(mean([...weights]) - 0.1) < standardErrors);
    assert.ok(
      Math.abs(standardDeviation([...weights]) - 0.1) < standardErrors,
    );
  }
  assert.deepEqual(biases1, new Float64Array(200));
  assert.deepEqual(biases2, new Float64Array(4));
});
