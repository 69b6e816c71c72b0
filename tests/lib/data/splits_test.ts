import assert from "node:assert/strict";
import { createRandom } from "../../../lib/base/random.ts";
import type { ImageDataset } from "../../../lib/data/image_dataset.ts";
import {
  drawSubset,
  splitValidation,
  takeSplits,
} from "../../../lib/data/splits.ts";

/** Images of 1×2 pixels: image i is 2i, 2i + 1, of class i. */
function splitOf(count: number) {
  return {
    images: Uint8Array.from({ length: 2 * count }, (_, i) => i),
    labels: Int32Array.from({ length: count }, (_, i) => i),
    count,
  };
}

const dataset: ImageDataset = {
  name: "x",
  height: 1,
  width: 2,
  channels: 1,
  numClasses: 25,
  classNames: [],
  train: splitOf(25),
  validation: null,
  test: splitOf(3),
  sha256: {},
  remarks: ["first"],
};

Deno.test("splitValidation() takes the last training images, and says so", () => {
  const { train, validation, test, remarks } = splitValidation(dataset, 2);
  assert.deepEqual(train, splitOf(23));
  assert.deepEqual(validation, {
    images: new Uint8Array([46, 47, 48, 49]),
    labels: new Int32Array([23, 24]),
    count: 2,
  });
  assert.equal(test, dataset.test);
  assert.deepEqual(remarks, [
    "first",
    "x has no validation images: the last 2 of its 25 training images stand in for them",
  ]);
});

Deno.test("splitValidation() takes a tenth, rounded down", () => {
  assert.equal(splitValidation(dataset).validation.count, 2);
  assert.equal(splitValidation(dataset).train.count, 23);
});

Deno.test("splitValidation() leaves the publisher's validation images alone", () => {
  const whole = { ...dataset, validation: splitOf(1) };
  assert.deepEqual(splitValidation(whole, 5), whole);
});

Deno.test("splitValidation() leaves at least one image to train on", () => {
  assert.equal(splitValidation(dataset, 24).train.count, 1);
  for (const count of [0, 25, 26, -1, 1.5, NaN]) {
    assert.throws(() => splitValidation(dataset, count), {
      name: "RangeError",
      message:
        `Cannot split x: validation images must be an integer from 1 to 24: got ${count}`,
    });
  }
});

const validated = { ...dataset, validation: splitOf(5) };

Deno.test("takeSplits() takes the first images, or all", () => {
  const { train, validation, test } = takeSplits(validated, {
    trainSize: 3,
    validationSize: null,
    testSize: 3,
  });
  assert.deepEqual(
    [train, validation, test].map(({ count }) => count),
    [3, 5, 3],
  );
  assert.deepEqual(train, splitOf(3));
});

Deno.test("takeSplits() refuses more images than there are", () => {
  const sizes = { trainSize: null, validationSize: 6, testSize: null };
  assert.throws(() => takeSplits(validated, sizes), {
    name: "UsageError",
    message:
      "Cannot parse --validation-size: expected at most the 5 images of x: got 6",
  });
});

Deno.test("takeSplits() leaves a data set without validation images as it is", () => {
  const sizes = { trainSize: null, testSize: 1 };
  const { validation, test } = takeSplits(dataset, sizes);
  assert.equal(validation, null);
  assert.equal(test.count, 1);
});

Deno.test("drawSubset() draws images with their labels, none twice", () => {
  const random = createRandom(3);
  const { images, labels, count } = drawSubset(splitOf(50), 20, random);
  assert.equal(count, 20);
  assert.equal(new Set(labels).size, 20);
  assert.deepEqual(
    [...images],
    [...labels].flatMap((label) => [2 * label, 2 * label + 1]),
  );
});

Deno.test("drawSubset() of all images is an order of them, and a smaller one its beginning", () => {
  const all = drawSubset(splitOf(50), 50, createRandom(3));
  assert.deepEqual(all.labels.toSorted(), splitOf(50).labels);
  const some = drawSubset(splitOf(50), 7, createRandom(3));
  assert.deepEqual(some.labels, all.labels.subarray(0, 7));
  assert.deepEqual(some.images, all.images.subarray(0, 14));
});

Deno.test("drawSubset() draws each image as often as any other", () => {
  const random = createRandom(5);
  const counts = new Array(10).fill(0);
  for (let i = 0; i < 3000; i++) {
    for (const label of drawSubset(splitOf(10), 3, random).labels) {
      counts[label]++;
    }
  }
  // Each 900 times, with a standard deviation of √(3000 · 0.3 · 0.7) = 25.
  for (const count of counts) {
    assert.ok(Math.abs(count - 900) < 125, `${counts}`);
  }
});

Deno.test("drawSubset() refuses a count that the split has not got", () => {
  for (const count of [0, 51, 1.5]) {
    assert.throws(() => drawSubset(splitOf(50), count, createRandom(0)), {
      name: "RangeError",
      message:
        `Cannot draw a subset: count must be an integer from 1 to 50: got ${count}`,
    });
  }
});
