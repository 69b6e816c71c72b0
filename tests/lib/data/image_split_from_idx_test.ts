import assert from "node:assert/strict";
import { imageSplitFromIdx } from "../../../lib/data/image_split_from_idx.ts";

const images = { shape: [3, 1, 2], data: new Uint8Array([0, 1, 2, 3, 4, 5]) };
const labels = { shape: [3], data: new Uint8Array([9, 0, 4]) };
const options = { name: "tiny train", height: 1, width: 2, numClasses: 10 };

const rangeError = (reason: string) => ({
  name: "RangeError",
  message: `Cannot load tiny train: ${reason}`,
});

Deno.test("imageSplitFromIdx() keeps the pixels and widens the labels", () => {
  const split = imageSplitFromIdx(images, labels, options);
  assert.equal(split.images, images.data);
  assert.deepEqual(split.labels, new Int32Array([9, 0, 4]));
  assert.equal(split.count, 3);
});

Deno.test("imageSplitFromIdx() rejects images of another shape", () => {
  for (const shape of [[3, 2, 1], [6], [3, 2], [3, 1, 2, 1], [0, 1, 2]]) {
    assert.throws(
      () => imageSplitFromIdx({ ...images, shape }, labels, options),
      rangeError(
        `images must have the shape count×1×2: got ${shape.join("×")}`,
      ),
    );
  }
});

Deno.test("imageSplitFromIdx() rejects a count of labels that is not the images'", () => {
  for (const shape of [[2], [4], [3, 1], [0]]) {
    assert.throws(
      () => imageSplitFromIdx(images, { ...labels, shape }, options),
      rangeError(
        `labels must have the images' count 3: got ${shape.join("×")}`,
      ),
    );
  }
});

Deno.test("imageSplitFromIdx() rejects the first label above the classes", () => {
  const data = new Uint8Array([9, 10, 255]);
  assert.throws(
    () => imageSplitFromIdx(images, { ...labels, data }, options),
    rangeError("labels must be 0 to 9: got 10"),
  );
});
