import assert from "node:assert/strict";
import {
  linearScores,
  predictedClass,
} from "../../../../../lib/matrices/linear_scores.ts";
import {
  logisticGradient,
  logisticStep,
  softmaxLoss,
} from "../../../../../lib/reports/3_homework_1/by_hand/logistic_regression.ts";
import { createHeapExamples } from "../../../../../lib/reports/3_homework_1/by_hand/example_model.ts";
import { createLogisticRegressionModel } from "../../../../../lib/reports/3_homework_1/by_hand/logistic_regression_epoch.ts";
import { assertValuesClose } from "../../../../assert_all_close.ts";

import golden from "../../../../golden/by_hand.json" with { type: "json" };
import {
  goldenExamples,
  inputsOf,
  randomOrder,
  syntheticExamples,
} from "./synthetic_examples.ts";
import { withBackend } from "../../../../with_backend.ts";

const BUILDS = ["relaxed", "simd128"] as const;

/** Half the distance of float32 numbers near 1. */
const ROUNDING = 2 ** -24;

/**
 * How far a step of the kernel may be from one in float64 that starts from the
 * same weights, for each weight: z is a sum of as many rounded products as
 * there are inputs, each rounded twice without a fused multiply-add; a
 * probability moves by at most half of what z does; and the step and the weight
 * are rounded.
 */
function stepBounds(
  weights: Float64Array,
  x: Float64Array,
  label: number,
  learningRate: number,
): Float64Array {
  const sizes = linearScores(weights.map(Math.abs), x);
  const zError = 2 * (x.length + 2) * ROUNDING * Math.max(...sizes);
  const { dz } = softmaxLoss(linearScores(weights, x), label);
  return weights.map((weight, i) => {
    const slope = Math.abs(dz[Math.floor(i / x.length)]!);
    const input = x[i % x.length]!;
    const step = learningRate * input;
    return step * (zError / 2 + 4 * ROUNDING * slope) +
      ROUNDING * (Math.abs(weight) + step * slope);
  });
}

for (const simd of BUILDS) {
  Deno.test(`createLogisticRegressionModel() takes logisticStep()'s steps but for float32's rounding, ${simd}`, async () => {
    await withBackend({ threads: 1, simd }, () => {
      for (const pixels of [1, 6, 7, 8, 35, 200]) {
        for (const numClasses of [1, 2, 3, 4, 10]) {
          const c = { pixels, numClasses, count: 25, seed: pixels };
          const split = syntheticExamples(c);
          const learningRate = 0.25;
          using examples = createHeapExamples(split);
          using model = createLogisticRegressionModel({ ...c, learningRate });
          let weights = new Float64Array(numClasses * (pixels + 1));
          for (let i = 0; i < c.count; i++) {
            const x = inputsOf(split, i, 1 / 255, 1), label = split.labels[i]!;
            const bounds = stepBounds(weights, x, label, learningRate);
            const expectedLoss = logisticStep(weights, x, label, learningRate);
            const { loss } = model.train(examples, i, 1);
            const { data } = model.parameters().weights!;
            assert.ok(Math.max(...bounds) < 1e-3, `${Math.max(...bounds)}`);
            assertValuesClose(data, weights, { rtol: 0, atol: bounds });
            const near = { rtol: 1e-4, atol: 1e-6 };
            assertValuesClose([loss], [expectedLoss], near);
            weights = Float64Array.from(data); // where the kernel is
          }
        }
      }
    });
  });
}

const LONG = { pixels: 35, numClasses: 5, count: 600, seed: 9 };

/** The kernel's weights after an epoch in calls of `slice`. */
function trainKernel(learningRate: number, slice: number) {
  using examples = createHeapExamples(syntheticExamples(LONG));
  examples.setOrder(randomOrder(LONG.count, 1));
  using model = createLogisticRegressionModel({ ...LONG, learningRate });
  let loss = 0;
  for (let first = 0; first < LONG.count; first += slice) {
    const size = Math.min(slice, LONG.count - first);
    loss += model.train(examples, first, size).loss;
  }
  return { loss, weights: model.parameters().weights!.data };
}

Deno.test("createLogisticRegressionModel() is within 3e-6 of logisticStep()'s weights after 600 steps", async () => {
  // A step rounds by up to 6e-8, up or down; the loss being convex, the next
  // ones do not make more of it.
  await withBackend({ threads: 1 }, () => {
    const learningRate = Math.fround(0.05);
    const split = syntheticExamples(LONG);
    const expected = new Float64Array(LONG.numClasses * (LONG.pixels + 1));
    let expectedLoss = 0;
    for (const i of randomOrder(LONG.count, 1)) {
      const x = inputsOf(split, i, 1 / 255, 1);
      expectedLoss += logisticStep(expected, x, split.labels[i]!, learningRate);
    }
    const { loss, weights } = trainKernel(learningRate, LONG.count);
    assertValuesClose(weights, expected, { rtol: 0, atol: 3e-6 });
    assertValuesClose([loss], [expectedLoss], { rtol: 1e-6, atol: 0 });
    assert.ok(Math.max(...expected) > 0.2);
  });
});

Deno.test("createLogisticRegressionModel() gives the same bits in any slices", async () => {
  for (const simd of BUILDS) {
    await withBackend({ threads: 1, simd }, () => {
      const { weights } = trainKernel(0.1, LONG.count);
      for (const slice of [1, 7, 599]) {
        assert.deepEqual(trainKernel(0.1, slice).weights, weights);
      }
    });
  }
});

Deno.test("createLogisticRegressionModel() has numpy's weights and losses after 12 steps", async () => {
  await withBackend({ threads: 1 }, () => {
    const { pixels, numClasses, order, logistic } = golden;
    using examples = createHeapExamples(goldenExamples);
    using model = createLogisticRegressionModel({
      pixels,
      numClasses,
      learningRate: logistic.learningRate,
    });
    const losses = [order.slice(0, 6), order.slice(6)].flatMap((half) => {
      examples.setOrder(Uint32Array.from(half));
      return half.map((_, i) => model.train(examples, i, 1).loss);
    });
    const rounded = { rtol: 0, atol: 12 * 8 * ROUNDING };
    assertValuesClose(losses, logistic.losses, rounded);
    const { data } = model.parameters().weights!;
    assertValuesClose(data, logistic.weights, rounded);
  });
});

Deno.test("createLogisticRegressionModel() counts as the TypeScript does on 1, 2 and 4 threads, and learns nothing by it", async () => {
  const c = { pixels: 35, numClasses: 4, count: 1_777, seed: 3 };
  const split = syntheticExamples(c);
  for (const threads of [1, 2, 4]) {
    await withBackend({ threads }, () => {
      using examples = createHeapExamples(split);
      using model = createLogisticRegressionModel({ ...c, learningRate: 0.1 });
      model.train(examples, 0, 900);
      const { data } = model.parameters().weights!;
      const weights = Float64Array.from(data);
      let expected = 0;
      for (let i = 700; i < c.count; i++) {
        const z = linearScores(weights, inputsOf(split, i, 1 / 255, 1));
        if (predictedClass(z) === split.labels[i]) expected++;
      }
      assert.equal(model.countCorrect(examples, 700, c.count - 700), expected);
      assert.deepEqual(model.parameters().weights!.data, data);
    });
  }
});

Deno.test("createLogisticRegressionModel() takes the first of equal logits", async () => {
  const split = syntheticExamples({
    pixels: 5,
    numClasses: 3,
    count: 90,
    seed: 1,
  });
  await withBackend({ threads: 1 }, () => {
    using examples = createHeapExamples(split);
    using model = createLogisticRegressionModel({
      pixels: 5,
      numClasses: 3,
      learningRate: 0.1,
    });
    // Before the first step all weights are 0.
    const first = split.labels.filter((label) => label === 0).length;
    assert.notEqual(first, split.labels.filter((label) => label === 2).length);
    assert.equal(model.countCorrect(examples, 0, 90), first);
  });
});

Deno.test("createLogisticRegressionModel() goes on from what restore() is given", async () => {
  await withBackend({ threads: 1 }, () => {
    const c = { pixels: 11, numClasses: 3, count: 40, seed: 4 };
    using examples = createHeapExamples(syntheticExamples(c));
    using whole = createLogisticRegressionModel({ ...c, learningRate: 0.1 });
    whole.train(examples, 0, 40);
    using first = createLogisticRegressionModel({ ...c, learningRate: 0.1 });
    first.train(examples, 0, 15);
    using second = createLogisticRegressionModel({ ...c, learningRate: 0.1 });
    second.restore(first.parameters());
    second.train(examples, 15, 25);
    assert.deepEqual(second.parameters(), whole.parameters());
  });
});

Deno.test("logisticGradient()'s loss is the kernel's, also where exponentials would overflow", async () => {
  await withBackend({ threads: 1 }, () => {
    const split = {
      images: Uint8Array.of(255),
      labels: Int32Array.of(0),
      count: 1,
    };
    using examples = createHeapExamples(split);
    using model = createLogisticRegressionModel({
      pixels: 1,
      numClasses: 2,
      learningRate: 0.5,
    });
    const data = Float32Array.of(-1000, 0, 1000, 0);
    const weights = { dtype: "float32" as const, shape: [2, 2], data };
    model.restore({ weights });
    const { loss } = logisticGradient(Float64Array.from(data), [1, 1], 0);
    assert.equal(loss, 2000);
    assert.equal(model.train(examples, 0, 1).loss, loss);
    assert.deepEqual(
      [...model.parameters().weights!.data],
      [-999.5, 0.5, 999.5, -0.5],
    );
  });
});
