import assert from "node:assert/strict";
import { intervalFunction } from "../../../../../lib/reports/3_homework_1/boolean/interval_function.ts";
import { trainPerceptron } from "../../../../../lib/reports/3_homework_1/boolean/perceptron.ts";
import { createRandom } from "../../../../../lib/base/random.ts";
import {
  allInputs,
  allIntervals,
  value,
} from "../../../../reference/boolean_interval.ts";

const train = (D: number, A: number, B: number, examples = 1e6) =>
  trainPerceptron(intervalFunction(D, A, B), {
    random: createRandom(3),
    examples,
  });

const dot = (w: readonly number[], x: readonly number[]) =>
  x.reduce((sum, xi, i) => sum + w[i]! * xi, w[x.length]!);

/**
 * Weights, the bias last, before the first epoch and after each, one example at
 * a time.
 */
function reference(D: number, A: number, B: number, epochs: number) {
  const order = Uint32Array.from({ length: 2 ** D }, (_, i) => i);
  createRandom(3).shuffle(order);
  const inputs = allInputs(D);
  const w = new Array<number>(D + 1).fill(0);
  const states = [[...w]];
  for (let epoch = 0; epoch < epochs; epoch++) {
    for (const index of order) {
      const x = inputs[index]!;
      const y = value(x, A, B);
      if ((dot(w, x) >= 0 ? 1 : -1) === y) continue;
      [...x, 1].forEach((xi, i) => w[i]! += y * xi);
    }
    states.push([...w]);
  }
  return states;
}

const errors = (w: readonly number[], A: number, B: number) =>
  allInputs(w.length - 1).filter((x) =>
    (dot(w, x) >= 0 ? 1 : -1) !== value(x, A, B)
  ).length;

Deno.test("trainPerceptron() converges where a hyperplane separates, and cycles elsewhere", () => {
  for (const [D, A, B] of allIntervals(6)) {
    const classes = Array.from({ length: D + 1 }, (_, ones) => {
      const sum = 2 * ones - D;
      return A <= sum && sum <= B;
    });
    // along the sums: the class changes at most once
    const turns = classes.filter((c, i) => i > 0 && c !== classes[i - 1]);
    const { end, wrong } = train(D, A, B);
    const label = `D ${D}, [${A}, ${B}]`;
    assert.equal(end, turns.length <= 1 ? "converged" : "cycles", label);
    assert.equal(wrong === 0, turns.length <= 1, label);
  }
});

Deno.test("trainPerceptron() takes the steps of the rule, keeps the best epoch and sees the cycle", () => {
  for (const [D, A, B] of allIntervals(5)) {
    const { end, epochs, period, best, wrong } = train(D, A, B);
    const states = reference(D, A, B, epochs);
    const counts = states.slice(1).map((w) => errors(w, A, B));
    const label = `D ${D}, [${A}, ${B}]`;
    assert.equal(wrong, Math.min(...counts), label);
    assert.deepEqual(
      [...best.weights, best.bias],
      states[1 + counts.indexOf(wrong)],
      label,
    );
    const texts = states.map(String);
    if (end === "cycles") {
      assert.equal(texts.indexOf(texts[epochs]!), epochs - period, label);
      assert.equal(new Set(texts).size, epochs, "the first return");
    } else {
      assert.equal(texts[epochs], texts[epochs - 1], label);
      assert.equal(period, 0);
    }
  }
});

Deno.test("trainPerceptron() stops after the allowed examples", () => {
  const whole = train(6, -4, 0);
  assert.ok(whole.epochs > 4);
  const { end, epochs } = train(6, -4, 0, 4 * 2 ** 6 + 63);
  assert.deepEqual({ end, epochs }, { end: "stopped", epochs: 4 });
});
