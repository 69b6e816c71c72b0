import assert from "node:assert/strict";
import {
  type Hinge,
  hingeLoss,
  type LabeledInput,
  type LinearSvm,
  type Regularization,
  svmGradient,
  svmStep,
} from "../../../../lib/reports/5_cs_587/linear_svm.ts";
import { createRandom } from "../../../../lib/base/random.ts";
import golden from "../../../golden/linear_svm.json" with { type: "json" };
import { assertValuesClose } from "../../../assert_all_close.ts";
import { centralDifferences } from "../../../reference/central_differences.ts";

/** By hand with the formulas of §1.2 and §2.1; 1 + s_j − s_y in comments. */
const CASES: [string, number[], number, Hinge, number, number[]][] = [
  // [·, 2, 1.5]
  ["the worst class", [0, 1, 0.5], 0, "max", 2, [-1, 1, 0]],
  ["all classes", [0, 1, 0.5], 0, "sum", 3.5, [-2, 1, 1]],
  // [0.5, 3, ·, 3]: equal ones
  ["the first of equal ones", [0, 2.5, 0.5, 2.5], 2, "max", 3, [0, 1, -1, 0]],
  ["each of equal ones", [0, 2.5, 0.5, 2.5], 2, "sum", 6.5, [1, 1, -3, 1]],
  // [·, 0, −1]
  ["the margin's edge", [1, 0, -1], 0, "max", 0, [0, 0, 0]],
  ["the margin's edge", [1, 0, -1], 0, "sum", 0, [0, 0, 0]],
  // [·, 2^-52, 0]: a rounding beyond the edge
  ["just inside", [1, 2 ** -52, 0], 0, "max", 2 ** -52, [-1, 1, 0]],
  ["just inside", [1, 2 ** -52, 0], 0, "sum", 2 ** -52, [-1, 1, 0]],
  // all 1: the start, with W = 0
  ["equal scores", [0, 0, 0], 1, "max", 1, [1, -1, 0]],
  ["equal scores", [0, 0, 0], 1, "sum", 2, [1, -2, 1]],
  ["one class", [7], 0, "max", 0, [0]],
];

for (const [what, scores, label, hinge, loss, gradient] of CASES) {
  Deno.test(`hingeLoss() counts ${what} (${hinge}, ${scores})`, () => {
    const result = hingeLoss(scores, label, hinge);
    assert.equal(result.loss, loss);
    assert.deepEqual([...result.ds], gradient);
  });
}

Deno.test("hingeLoss() has the gradient that differences have, away from ties and edges", () => {
  const random = createRandom(3);
  for (const hinge of ["max", "sum"] as const) {
    let tried = 0;
    while (tried < 20) {
      const scores = new Float64Array(6).map(() => random.normal());
      const label = random.uniformInt(6);
      const violations = [...scores].filter((_, j) => j !== label)
        .map((score) => 1 + score - scores[label]!).toSorted((a, b) => b - a);
      const kinks = [violations[0]! - violations[1]!, ...violations];
      if (kinks.some((distance) => Math.abs(distance) < 0.01)) continue;
      tried++;
      assertValuesClose(
        centralDifferences(
          (s) => hingeLoss(s, label, hinge).loss,
          scores,
          1e-4,
        ),
        hingeLoss(scores, label, hinge).ds,
        { rtol: 0, atol: 1e-10 }, // the loss is linear between its kinks
      );
    }
  }
});

Deno.test("hingeLoss() takes a million classes", () => {
  const s = Float64Array.from({ length: 1_000_000 }, (_, j) => j);
  assert.equal(hingeLoss(s, 0, "max").loss, 1_000_000);
});

const HINGES: Hinge[] = ["max", "sum"];
const NORMS: Regularization[] = ["l1", "l2"];

/** Normal weights and examples of 5 inputs and 4 classes. */
function example(count: number, seed: number) {
  const random = createRandom(seed);
  const normals = (length: number) =>
    new Float64Array(length).map(() => random.normal());
  const svm: LinearSvm = { weights: normals(20), bias: normals(4) };
  const examples: LabeledInput[] = Array.from({ length: count }, () => ({
    x: normals(5),
    label: random.uniformInt(4),
  }));
  return { svm, examples };
}

for (const hinge of HINGES) {
  for (const regularization of NORMS) {
    const name = `${hinge} ${regularization}`;
    Deno.test(`svmStep() has numpy's losses and parameters after 3 steps (${name})`, () => {
      const { lambda, learningRate, batch, labels } = golden;
      const svm = {
        weights: Float64Array.from(golden.weights),
        bias: Float64Array.from(golden.bias),
      };
      const examples = golden.x.map((x, i) => ({ x, label: labels[i]! }));
      const losses = [0, batch, 0].map((first) =>
        svmStep(
          svm,
          examples.slice(first, first + batch),
          { hinge, lambda, regularization },
          learningRate,
        )
      );
      const expected = golden.runs[name as keyof typeof golden.runs];
      const rounded = { rtol: 0, atol: 1e-14 }; // of numbers up to 10, 3 times
      assertValuesClose(losses, expected.losses, rounded);
      assertValuesClose(svm.weights, expected.weights, rounded);
      assertValuesClose(svm.bias, expected.bias, rounded);
    });

    Deno.test(`svmGradient() is what differences have (${name})`, () => {
      const { svm, examples } = example(7, 5);
      const options = { hinge, regularization, lambda: 0.3 };
      const { dWeights, dBias } = svmGradient(svm, examples, options);
      const lossAt = (part: "weights" | "bias") => (values: Float64Array) =>
        svmGradient({ ...svm, [part]: values }, examples, options).loss;
      const close = { rtol: 0, atol: 1e-8 };
      assertValuesClose(
        centralDifferences(lossAt("weights"), svm.weights, 1e-6),
        dWeights,
        close,
      );
      assertValuesClose(
        centralDifferences(lossAt("bias"), svm.bias, 1e-6),
        dBias,
        close,
      );
    });
  }
}

Deno.test("svmGradient() is the mean over the mini-batch, 1/M, and with 1/N a share of it", () => {
  const [batchSize, count, lambda] = [3, 12, 0.3];
  const { svm, examples } = example(count, 6);
  const gradient = (part: LabeledInput[], lambda: number, divisor?: number) => {
    const options = { hinge: "sum", regularization: "l2" } as const;
    return svmGradient(svm, part, { ...options, lambda, divisor }).dWeights;
  };
  const batches = Array.from(
    { length: count / batchSize },
    (_, i) => examples.slice(i * batchSize, (i + 1) * batchSize),
  );
  const rounded = { rtol: 1e-13, atol: 1e-13 };
  const [first] = batches;
  const alone = gradient(first!, 0);
  // M/N of the hinge's gradient; all of the penalty's.
  assertValuesClose(
    gradient(first!, 0, count),
    alone.map((d) => d * batchSize / count),
    rounded,
  );
  assertValuesClose(
    gradient(first!, lambda, count),
    alone.map((d, i) => d * batchSize / count + 2 * lambda * svm.weights[i]!),
    rounded,
  );
  // 1/N adds up to the gradient of all images; 1/M is it on average.
  const total = (parts: Float64Array[]) =>
    parts.reduce((sum, part) => sum.map((value, i) => value + part[i]!));
  const all = gradient(examples, 0);
  assertValuesClose(
    total(batches.map((batch) => gradient(batch, 0, count))),
    all,
    rounded,
  );
  assertValuesClose(
    total(batches.map((batch) => gradient(batch, 0)))
      .map((sum) => sum / batches.length),
    all,
    rounded,
  );
});

Deno.test("svmGradient() has no L1 gradient at a weight of 0, and no penalty on the bias", () => {
  const svm = {
    weights: new Float64Array([0, -2, 0.5, 0]),
    bias: new Float64Array([9, 0]),
  };
  const examples = [{ x: [0, 0], label: 0 }]; // 9 above class 1: no hinge
  const options = { hinge: "max", regularization: "l1", lambda: 4 } as const;
  const { loss, dWeights, dBias } = svmGradient(svm, examples, options);
  assert.equal(loss, 10);
  assert.deepEqual([...dWeights], [0, -4, 4, 0]);
  assert.deepEqual([...dBias], [0, 0]);
});
