import assert from "node:assert/strict";
import { takeSplits } from "../../../lib/data/take_splits.ts";
import { syntheticExamples } from "../reports/3_homework_1/by_hand/synthetic_examples.ts";

const split = (count: number) =>
  syntheticExamples({ count, pixels: 2, numClasses: 2, seed: count });

const dataset = {
  ...{ name: "tiny", height: 1, width: 2, channels: 1, numClasses: 2 },
  ...{ classNames: ["a", "b"], sha256: {}, remarks: [] },
  ...{ train: split(9), validation: split(5), test: split(4) },
};

Deno.test("takeSplits() takes the first images, or all", () => {
  const { train, validation, test } = takeSplits(dataset, {
    ...{ trainSize: 3, validationSize: null, testSize: 4 },
  });
  assert.deepEqual(
    [train, validation, test].map(({ count }) => count),
    [3, 5, 4],
  );
  assert.deepEqual(train.images, dataset.train.images.subarray(0, 6));
  assert.deepEqual(train.labels, dataset.train.labels.subarray(0, 3));
});

Deno.test("takeSplits() refuses more images than there are", () => {
  const sizes = { trainSize: null, validationSize: 6, testSize: null };
  assert.throws(() => takeSplits(dataset, sizes), {
    name: "UsageError",
    message:
      "Cannot parse --validation-size: expected at most the 5 images of tiny: got 6",
  });
});

Deno.test("takeSplits() leaves a data set without validation images as it is", () => {
  const { validation, test } = takeSplits({ ...dataset, validation: null }, {
    ...{ trainSize: null, testSize: 1 },
  });
  assert.equal(validation, null);
  assert.equal(test.count, 1);
});
