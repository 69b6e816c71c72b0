import assert from "node:assert/strict";
import { predictedClass } from "../../../../../lib/matrices/linear_scores.ts";
import {
  createMlp,
  mlpGradient,
  type MlpParameters,
  mlpScores,
  mlpStep,
} from "../../../../../lib/reports/3_homework_1/by_hand/mlp.ts";
import { createRandom } from "../../../../../lib/base/random.ts";
import {
  createHeapExamples,
  type ExampleModel,
} from "../../../../../lib/reports/3_homework_1/by_hand/example_model.ts";
import { createMlpModel } from "../../../../../lib/reports/3_homework_1/by_hand/mlp_epoch.ts";
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
const NAMES = ["weights1", "biases1", "weights2", "biases2"] as const;

/** Half the distance of float32 numbers near 1. */
const ROUNDING = 2 ** -24;

/** Numbers that float32 has too, some weights negative: units that are off. */
function initialMlp(
  sizes: { inputs: number; hidden: number; classes: number },
  seed: number,
): MlpParameters {
  const random = createRandom(seed);
  const { weights1, biases1, weights2, biases2 } = createMlp(sizes, random);
  const draw = () => Math.fround(0.3 * random.normal());
  return {
    weights1: weights1.map(draw),
    biases1: biases1.map(draw),
    weights2: weights2.map(draw),
    biases2: biases2.map(draw),
  };
}

function copyOf(parameters: MlpParameters): MlpParameters {
  const { weights1, biases1, weights2, biases2 } = parameters;
  return {
    weights1: weights1.slice(),
    biases1: biases1.slice(),
    weights2: weights2.slice(),
    biases2: biases2.slice(),
  };
}

/** The kernel's parameters as the math has them. */
function parametersOf(model: ExampleModel): MlpParameters {
  const tensors = model.parameters();
  return Object.fromEntries(
    NAMES.map((name) => [name, Float64Array.from(tensors[name]!.data)]),
  ) as unknown as MlpParameters;
}

/**
 * How far a step of the kernel may be from one in float64 that starts from the
 * same parameters. Errors go the way the numbers go: a sum of n products is off
 * by what its terms are off and by 2 (n + 4) roundings of its terms' sizes
 * (each product is rounded twice without a fused multiply-add), a probability
 * by half of what z is, and each step and parameter is rounded.
 */
function stepBounds(
  parameters: MlpParameters,
  x: Float64Array,
  label: number,
  learningRate: number,
): Record<typeof NAMES[number], Float64Array> {
  const { weights2 } = parameters;
  const hidden = parameters.biases1.length, classes = parameters.biases2.length;
  const { h } = mlpScores(parameters, x);
  const { gradient } = mlpGradient(parameters, x, label);
  const sum = (count: number, term: (i: number) => number) => {
    let total = 0;
    for (let i = 0; i < count; i++) total += term(i);
    return total;
  };
  const sized = (n: number, size: number) => 2 * (n + 4) * ROUNDING * size;
  const aErrors = parameters.biases1.map((bias, j) =>
    sized(
      x.length + 1,
      Math.abs(bias) +
        sum(x.length, (i) =>
          Math.abs(parameters.weights1[j * x.length + i]! * x[i]!)),
    )
  );
  const zErrors = parameters.biases2.map((bias, k) => {
    const w = (j: number) => Math.abs(weights2[k * hidden + j]!);
    return sum(hidden, (j) => w(j) * aErrors[j]!) +
      sized(hidden + 1, Math.abs(bias) + sum(hidden, (j) => w(j) * h[j]!));
  });
  const dzError = Math.max(...zErrors) / 2 + 2 * ROUNDING;
  const dz = gradient.biases2;
  const daErrors = h.map((value, j) => {
    if (value === 0) return 0;
    const w = (k: number) => Math.abs(weights2[k * hidden + j]!);
    return sum(classes, (k) => w(k) * dzError) +
      sized(classes, sum(classes, (k) => w(k) * Math.abs(dz[k]!)));
  });
  /** Of a step −η · slope · input, and of the parameter. */
  const bound = (w: number, slope: number, slopeError: number, input: number) =>
    learningRate * input * (slopeError + 8 * ROUNDING * Math.abs(slope)) +
    ROUNDING * (Math.abs(w) + learningRate * Math.abs(slope) * input);
  return {
    weights1: parameters.weights1.map((w, at) => {
      const j = Math.floor(at / x.length);
      return bound(w, gradient.biases1[j]!, daErrors[j]!, x[at % x.length]!);
    }),
    biases1: parameters.biases1.map((b, j) =>
      bound(b, gradient.biases1[j]!, daErrors[j]!, 1)
    ),
    weights2: weights2.map((w, at) => {
      const j = at % hidden, slope = dz[Math.floor(at / hidden)]!;
      return bound(w, slope, dzError, h[j]!) +
        learningRate * aErrors[j]! * Math.abs(slope);
    }),
    biases2: parameters.biases2.map((b, k) => bound(b, dz[k]!, dzError, 1)),
  };
}

const SIZES = [
  { inputs: 1, hidden: 1, classes: 1 },
  { inputs: 35, hidden: 1, classes: 3 },
  { inputs: 7, hidden: 5, classes: 4 },
  { inputs: 8, hidden: 6, classes: 2 },
  { inputs: 35, hidden: 11, classes: 10 },
  { inputs: 40, hidden: 12, classes: 5 },
];

for (const simd of BUILDS) {
  Deno.test(`createMlpModel() takes mlpStep()'s steps but for float32's rounding, ${simd}`, async () => {
    await withBackend({ threads: 1, simd }, () => {
      for (const [seed, sizes] of SIZES.entries()) {
        const split = syntheticExamples({
          count: 80,
          seed,
          pixels: sizes.inputs,
          numClasses: sizes.classes,
        });
        const learningRate = 0.125;
        using examples = createHeapExamples(split);
        using model = createMlpModel(initialMlp(sizes, seed), learningRate);
        let parameters = initialMlp(sizes, seed);
        let off = 0;
        for (let i = 0; i < split.count; i++) {
          const x = inputsOf(split, i, 1 / 255), label = split.labels[i]!;
          const { h } = mlpScores(parameters, x);
          off += h.filter((value) => value === 0).length;
          const bounds = stepBounds(parameters, x, label, learningRate);
          const expectedLoss = mlpStep(parameters, x, label, learningRate);
          const { loss } = model.train(examples, i, 1);
          const actual = parametersOf(model);
          for (const name of NAMES) {
            assert.ok(Math.max(...bounds[name]) < 1e-4);
            assertValuesClose(actual[name], parameters[name], {
              rtol: 0,
              atol: bounds[name],
            });
          }
          assertValuesClose([loss], [expectedLoss], { rtol: 1e-5, atol: 1e-5 });
          parameters = actual; // the next step starts where the kernel is
        }
        if (sizes.hidden > 1) assert.ok(off > 20, "units that are off");
      }
    });
  });
}

Deno.test("createMlpModel() gives the same bits in any slices", async () => {
  const sizes = { inputs: 35, hidden: 11, classes: 5 };
  const count = 60;
  const split = syntheticExamples({
    pixels: 35,
    numClasses: 5,
    count,
    seed: 2,
  });
  for (const simd of BUILDS) {
    await withBackend({ threads: 1, simd }, () => {
      using examples = createHeapExamples(split);
      const train = (slice: number) => {
        using model = createMlpModel(initialMlp(sizes, 1), 0.2);
        for (let epoch = 0; epoch < 2; epoch++) {
          examples.setOrder(randomOrder(count, epoch));
          for (let first = 0; first < count; first += slice) {
            model.train(examples, first, Math.min(slice, count - first));
          }
        }
        return model.parameters();
      };
      const whole = train(count);
      for (const slice of [1, 7, 59]) assert.deepEqual(train(slice), whole);
    });
  }
});

Deno.test("createMlpModel() is within 3e-6 of mlpStep()'s parameters after 600 steps", async () => {
  // From the report's initial weights, where all units are on; by then they
  // have moved by 0.1 and more. A step rounds by up to 6e-8, up or down.
  const sizes = { inputs: 35, hidden: 20, classes: 4 };
  const count = 600;
  const split = syntheticExamples({
    pixels: 35,
    numClasses: 4,
    count,
    seed: 3,
  });
  await withBackend({ threads: 1 }, () => {
    const initial = createMlp(sizes, createRandom(3));
    for (const name of NAMES) initial[name].set(initial[name].map(Math.fround));
    const expected = copyOf(initial);
    const learningRate = Math.fround(0.02);
    using examples = createHeapExamples(split);
    using model = createMlpModel(initial, learningRate);
    let expectedLoss = 0;
    for (let i = 0; i < count; i++) {
      const x = inputsOf(split, i, 1 / 255);
      expectedLoss += mlpStep(expected, x, split.labels[i]!, learningRate);
    }
    const { loss } = model.train(examples, 0, count);
    const actual = parametersOf(model);
    for (const name of NAMES) {
      assertValuesClose(actual[name], expected[name], { rtol: 0, atol: 3e-6 });
    }
    assertValuesClose([loss], [expectedLoss], { rtol: 1e-6, atol: 0 });
    const moved = expected.weights2.map((w, i) =>
      Math.abs(w - initial.weights2[i]!)
    );
    assert.ok(Math.max(...moved) > 0.1);
  });
});

Deno.test("createMlpModel() has numpy's parameters and losses after 12 steps", async () => {
  await withBackend({ threads: 1 }, () => {
    const { order, mlp } = golden;
    const initial = Object.fromEntries(
      NAMES.map((name) => [name, Float64Array.from(mlp.initial[name])]),
    ) as unknown as MlpParameters;
    using examples = createHeapExamples(goldenExamples);
    using model = createMlpModel(initial, mlp.learningRate);
    const losses = [order.slice(0, 6), order.slice(6)].flatMap((half) => {
      examples.setOrder(Uint32Array.from(half));
      return half.map((_, i) => model.train(examples, i, 1).loss);
    });
    const rounded = { rtol: 0, atol: 12 * 8 * ROUNDING };
    assertValuesClose(losses, mlp.losses, rounded);
    const actual = parametersOf(model);
    for (const name of NAMES) {
      assertValuesClose(actual[name], mlp[name], rounded);
    }
  });
});

Deno.test("createMlpModel() counts as the TypeScript does on 1, 2 and 4 threads, and learns nothing by it", async () => {
  const sizes = { inputs: 35, hidden: 13, classes: 4 };
  const count = 1_777;
  const split = syntheticExamples({
    pixels: 35,
    numClasses: 4,
    count,
    seed: 3,
  });
  for (const threads of [1, 2, 4]) {
    await withBackend({ threads }, () => {
      using examples = createHeapExamples(split);
      using model = createMlpModel(initialMlp(sizes, 5), 0.1);
      model.train(examples, 0, 500);
      const before = model.parameters();
      const parameters = parametersOf(model);
      let expected = 0;
      for (let i = 700; i < count; i++) {
        const { z } = mlpScores(parameters, inputsOf(split, i, 1 / 255));
        if (predictedClass(z) === split.labels[i]) expected++;
      }
      assert.equal(model.countCorrect(examples, 700, count - 700), expected);
      assert.deepEqual(model.parameters(), before);
    });
  }
});

Deno.test("createMlpModel() goes on from what restore() is given", async () => {
  const sizes = { inputs: 11, hidden: 6, classes: 3 };
  await withBackend({ threads: 1 }, () => {
    using examples = createHeapExamples(syntheticExamples({
      pixels: 11,
      numClasses: 3,
      count: 40,
      seed: 4,
    }));
    const create = (seed: number) =>
      createMlpModel(initialMlp(sizes, seed), 0.1);
    using whole = create(1);
    whole.train(examples, 0, 40);
    using first = create(1);
    first.train(examples, 0, 15);
    using second = create(2);
    second.restore(first.parameters());
    second.train(examples, 15, 25);
    assert.deepEqual(second.parameters(), whole.parameters());
  });
});
