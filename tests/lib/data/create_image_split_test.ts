import assert from "node:assert/strict";
import { createImageSplit } from "../../../lib/data/image_dataset.ts";

const images = { shape: [3, 1, 2], data: new Uint8Array([0, 1, 2, 3, 4, 5]) };
const labels = { shape: [3], data: new Uint8Array([9, 0, 4]) };
const options = { name: "tiny train", height: 1, width: 2, numClasses: 10 };

const rangeError = (reason: string) => ({
  name: "RangeError",
  message: `Cannot load tiny train: ${reason}`,
});

Deno.test("createImageSplit() keeps the pixels and widens the labels", () => {
  const split = createImageSplit(images, labels, options);
  assert.equal(split.images, images.data);
  assert.deepEqual(split.labels, new Int32Array([9, 0, 4]));
  assert.equal(split.count, 3);
});

Deno.test("createImageSplit() takes labels of each type, as a column too", () => {
  for (
    const data of [new Int32Array([9, 0, 4]), new BigInt64Array([9n, 0n, 4n])]
  ) {
    for (const shape of [[3], [3, 1]]) {
      const split = createImageSplit(images, { shape, data }, options);
      assert.deepEqual(split.labels, new Int32Array([9, 0, 4]));
    }
  }
});

Deno.test("createImageSplit() rejects images of another shape", () => {
  for (const shape of [[3, 2, 1], [6], [3, 2], [3, 1, 2, 1], [0, 1, 2]]) {
    assert.throws(
      () => createImageSplit({ ...images, shape }, labels, options),
      rangeError(
        `images must have the shape count×1×2: got ${shape.join("×")}`,
      ),
    );
  }
});

Deno.test("createImageSplit() rejects pixels that are no bytes", () => {
  const data = new BigInt64Array(6);
  assert.throws(
    () => createImageSplit({ ...images, data }, labels, options),
    rangeError("pixels must be unsigned bytes: got BigInt64"),
  );
});

Deno.test("createImageSplit() rejects a count of labels that is not the images'", () => {
  for (const shape of [[2], [4], [3, 2], [1, 3], [0]]) {
    assert.throws(
      () => createImageSplit(images, { ...labels, shape }, options),
      rangeError(
        `labels must have the images' count 3: got ${shape.join("×")}`,
      ),
    );
  }
});

Deno.test("createImageSplit() rejects the first label out of range", () => {
  const refused = (
    data: Uint8Array | Int32Array | BigInt64Array,
    label: string,
  ) =>
    assert.throws(
      () => createImageSplit(images, { ...labels, data }, options),
      rangeError(`labels must be 0 to 9: got ${label}`),
    );
  refused(new Uint8Array([9, 10, 255]), "10");
  refused(new Int32Array([0, 0, -1]), "-1");
  // 2³² + 1 would be 1 as an int32.
  refused(new BigInt64Array([0n, 2n ** 32n + 1n, 0n]), "4294967297");
});
