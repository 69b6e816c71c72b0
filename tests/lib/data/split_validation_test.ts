import assert from "node:assert/strict";
import type { ImageDataset } from "../../../lib/data/image_dataset.ts";
import { splitValidation } from "../../../lib/data/split_validation.ts";

/** Images of 1×2 pixels: image i is 2i, 2i + 1, of class i. */
function splitOf(count: number) {
  return {
    images: Uint8Array.from({ length: 2 * count }, (_, i) => i),
    labels: Int32Array.from({ length: count }, (_, i) => i),
    count,
  };
}

const dataset: ImageDataset = {
  ...{ name: "x", height: 1, width: 2, channels: 1, numClasses: 25 },
  classNames: [],
  ...{ train: splitOf(25), validation: null, test: splitOf(3) },
  ...{ sha256: {}, remarks: ["first"] },
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
