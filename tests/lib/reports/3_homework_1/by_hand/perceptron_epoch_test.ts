import assert from "node:assert/strict";
import fc from "fast-check";
import {
  linearScores,
  predictedClass,
} from "../../../../../lib/matrices/linear_scores.ts";
import { perceptronStep } from "../../../../../lib/reports/3_homework_1/by_hand/perceptron.ts";
import type { ImageSplit } from "../../../../../lib/data/image_dataset.ts";
import { createRandom } from "../../../../../lib/base/random.ts";
import { createHeapExamples } from "../../../../../lib/reports/3_homework_1/by_hand/example_model.ts";
import { createPerceptronModel } from "../../../../../lib/reports/3_homework_1/by_hand/perceptron_epoch.ts";
import golden from "../../../../golden/by_hand.json" with { type: "json" };
import {
  goldenExamples,
  inputsOf,
  randomOrder,
  syntheticExamples,
} from "./synthetic_examples.ts";
import { withBackend } from "../../../../with_backend.ts";

const BUILDS = ["relaxed", "simd128"] as const;

interface Case {
  pixels: number;
  numClasses: number;
  count: number;
  seed: number;
  /** Initial weights are from −reach to reach. */
  reach: number;
}

/** Trains both, the kernel in calls of `slice`, and compares all of it. */
function check(c: Case, slice: number) {
  const { pixels, numClasses, count, seed, reach } = c;
  const split = syntheticExamples(c);
  const order = randomOrder(count, seed);
  const random = createRandom(seed);
  const initial = Int32Array.from(
    { length: numClasses * (pixels + 1) },
    () => Math.round(reach * (2 * random.uniform() - 1)),
  );
  using examples = createHeapExamples(split);
  using model = createPerceptronModel({ pixels, numClasses });
  const shape = [numClasses, pixels + 1];
  model.restore({ weights: { dtype: "int32", shape, data: initial } });
  const weights = Float64Array.from(initial);
  for (let epoch = 0; epoch < 2; epoch++) {
    let correct = 0;
    examples.setOrder(order);
    for (let first = 0; first < count; first += slice) {
      const size = Math.min(slice, count - first);
      correct += model.train(examples, first, size).correct;
    }
    let expected = 0;
    for (const i of order) {
      const label = split.labels[i]!;
      const x = inputsOf(split, i, 1, 255);
      if (perceptronStep(weights, x, label, 1) === label) expected++;
    }
    assert.equal(correct, expected);
    const { data } = model.parameters().weights!;
    assert.deepEqual(data, Int32Array.from(weights));
  }
  assert.equal(
    model.countCorrect(examples, 0, count),
    countCorrect(weights, split),
  );
}

function countCorrect(weights: Float64Array, split: ImageSplit): number {
  return split.labels.reduce((correct, label, i) => {
    const z = linearScores(weights, inputsOf(split, i, 1, 255));
    return correct + (predictedClass(z) === label ? 1 : 0);
  }, 0);
}

for (const simd of BUILDS) {
  Deno.test(`createPerceptronModel() trains to perceptronStep()'s very weights, ${simd}`, async () => {
    await withBackend({ threads: 2, simd }, () => {
      // Around the vectors' and the segment's lengths, and far beyond.
      for (const pixels of [1, 6, 7, 8, 35, 784, 1022, 1023, 1024, 2100]) {
        for (const numClasses of [1, 3, 4, 10]) {
          const sizes = { pixels, numClasses, seed: pixels + numClasses };
          const count = pixels > 100 ? 12 : 40;
          check({ ...sizes, count, reach: 0 }, count);
          check({ ...sizes, count: 1, reach: 300 }, 1);
        }
      }
      check(
        { pixels: 35, numClasses: 4, count: 1500, seed: 5, reach: 0 },
        1500,
      );
    });
  });
}

Deno.test("createPerceptronModel() carries between the parts of a weight, from any weights and in any slices", async () => {
  await withBackend({ threads: 1 }, () => {
    fc.assert(
      fc.property(
        fc.record({
          pixels: fc.integer({ min: 1, max: 60 }),
          numClasses: fc.integer({ min: 1, max: 9 }),
          count: fc.integer({ min: 1, max: 60 }),
          seed: fc.integer({ min: 0, max: 1_000_000 }),
          reach: fc.constantFrom(0, 40, 33_000, 2 ** 29),
        }),
        fc.integer({ min: 1, max: 60 }),
        check,
      ),
      { numRuns: 60, seed: 20 },
    );
  });
});

Deno.test("createPerceptronModel() has the right signs where every product is the largest", async () => {
  await withBackend({ threads: 1 }, () => {
    for (const pixels of [1023, 2047]) {
      const images = new Uint8Array(pixels).fill(255);
      for (const weight of [0x7fff, 2 ** 30 - 1, -(2 ** 30), -0x8000]) {
        const labels = new Int32Array([weight > 0 ? 1 : 0]);
        using examples = createHeapExamples({ images, labels, count: 1 });
        using model = createPerceptronModel({ pixels, numClasses: 2 });
        const data = new Int32Array(2 * (pixels + 1));
        data.fill(weight, pixels + 1);
        const shape = [2, pixels + 1];
        model.restore({ weights: { dtype: "int32", shape, data } });
        assert.equal(model.countCorrect(examples, 0, 1), 1, `${weight}`);
      }
    }
  });
});

Deno.test("createPerceptronModel() has numpy's weights after 12 steps", async () => {
  await withBackend({ threads: 1 }, () => {
    const { pixels, numClasses, order, perceptron } = golden;
    using examples = createHeapExamples(goldenExamples);
    using model = createPerceptronModel({ pixels, numClasses });
    let correct = 0;
    for (const half of [order.slice(0, 6), order.slice(6)]) {
      examples.setOrder(Uint32Array.from(half));
      correct += model.train(examples, 0, 6).correct;
    }
    assert.deepEqual(
      [...model.parameters().weights!.data],
      perceptron.weights,
    );
    assert.equal(correct, perceptron.correct);
  });
});

Deno.test("createPerceptronModel() counts the same on 1, 2 and 4 threads, and learns nothing by it", async () => {
  const sizes = { pixels: 35, numClasses: 4, count: 1_777, seed: 3 };
  const split = syntheticExamples(sizes);
  const counts: number[] = [];
  for (const threads of [1, 2, 4]) {
    await withBackend({ threads }, () => {
      using examples = createHeapExamples(split);
      using model = createPerceptronModel(sizes);
      model.train(examples, 0, 900);
      const { data } = model.parameters().weights!;
      counts.push(model.countCorrect(examples, 700, 1_077));
      assert.deepEqual(model.parameters().weights!.data, data);
      const images = split.images.subarray(700 * 35);
      const labels = split.labels.subarray(700);
      const weights = Float64Array.from(data);
      const expected = countCorrect(weights, { images, labels, count: 1_077 });
      assert.equal(counts.at(-1), expected);
    });
  }
  assert.equal(new Set(counts).size, 1);
});

Deno.test("createPerceptronModel() refuses to train weights out of their range", async () => {
  await withBackend({ threads: 1 }, () => {
    const split = syntheticExamples({
      pixels: 3,
      numClasses: 2,
      count: 10,
      seed: 1,
    });
    using examples = createHeapExamples(split);
    using model = createPerceptronModel({ pixels: 3, numClasses: 2 });
    const data = new Int32Array(8);
    data[5] = -(2 ** 30) + 2_000;
    const weights = { dtype: "int32" as const, shape: [2, 4], data };
    model.restore({ weights });
    assert.throws(() => model.train(examples, 0, 10), {
      name: "RangeError",
      message:
        "Cannot train the perceptron: weights must stay below 1073741824: got up to 1073742374 after 10 more steps",
    });
    assert.deepEqual(model.parameters().weights!.data, data);
    for (let i = 0; i < 7; i++) model.train(examples, i, 1);
  });
});

Deno.test("createPerceptronModel() and createHeapExamples() need a backend that runs, and give their memory back", async () => {
  const split = syntheticExamples({
    pixels: 3,
    numClasses: 2,
    count: 10,
    seed: 1,
  });
  assert.throws(() => createHeapExamples(split), {
    message: "Cannot train by hand: startBackend() must have been called",
  });
  assert.throws(() => createPerceptronModel({ pixels: 3, numClasses: 2 }), {
    message: "Cannot train by hand: startBackend() must have been called",
  });
  await withBackend({ threads: 1 }, ({ memory }) => {
    const large = syntheticExamples({
      pixels: 784,
      numClasses: 2,
      count: 20_000,
      seed: 1,
    });
    const use = () => {
      using _examples = createHeapExamples(large);
      using _model = createPerceptronModel({ pixels: 784, numClasses: 2 });
    };
    use();
    const bytes = memory.buffer.byteLength;
    for (let i = 0; i < 20; i++) use(); // 15 MB each
    assert.equal(memory.buffer.byteLength, bytes);
  });
});
