import assert from "node:assert/strict";
import { perceptronStep } from "../../../../../lib/reports/3_homework_1/by_hand/perceptron.ts";
import golden from "../../../../golden/by_hand.json" with { type: "json" };
import {
  goldenExamples as split,
  inputsOf,
  syntheticExamples,
} from "./synthetic_examples.ts";

Deno.test("perceptronStep() has numpy's weights and predictions after 12 steps", () => {
  const weights = new Float64Array(golden.perceptron.weights.length);
  let correct = 0;
  for (const i of golden.order) {
    const x = inputsOf(split, i, 1, 255);
    const label = split.labels[i]!;
    if (perceptronStep(weights, x, label, 1) === label) correct++;
  }
  assert.deepEqual([...weights], golden.perceptron.weights);
  assert.equal(correct, golden.perceptron.correct);
});

Deno.test("perceptronStep() predicts the first of equal scores and moves two classes only", () => {
  const weights = Float64Array.from([0, 0, 3, -2, 3, -2, 3, -2]);
  assert.equal(perceptronStep(weights, [2, 1], 3, 0.5), 1);
  assert.deepEqual([...weights], [0, 0, 2, -2.5, 3, -2, 4, -1.5]);
  assert.equal(perceptronStep(weights, [2, 1], 3, 0.5), 3);
  assert.deepEqual([...weights], [0, 0, 2, -2.5, 3, -2, 4, -1.5]);
});

Deno.test("from weights of 0 neither the learning rate nor the inputs' scale changes a prediction", () => {
  const pixels = 35, numClasses = 4;
  const split = syntheticExamples({ count: 300, pixels, numClasses, seed: 1 });
  const train = (scale: number, learningRate: number) => {
    const weights = new Float64Array(numClasses * (pixels + 1));
    const predictions = Array.from(split.labels, (label, i) =>
      perceptronStep(
        weights,
        inputsOf(split, i, scale, 255 * scale),
        label,
        learningRate,
      ));
    return { weights, predictions };
  };
  const { weights, predictions } = train(1, 1);
  assert.ok(new Set(predictions).size === numClasses);
  // Powers of 2, so that nothing is rounded.
  const other = train(1 / 256, 8);
  assert.deepEqual(other.predictions, predictions);
  assert.deepEqual(other.weights, weights.map((w) => w * 8 / 256));
});
