import assert from "node:assert/strict";
import {
  type ImageSplit,
  meanImage,
  takeFirst,
} from "../../../lib/data/image_dataset.ts";

/** Three images of 1×2 pixels. */
const split: ImageSplit = {
  images: new Uint8Array([10, 11, 20, 21, 30, 31]),
  labels: new Int32Array([1, 2, 3]),
  count: 3,
};

Deno.test("takeFirst() takes whole images and their labels", () => {
  const { images, labels, count } = takeFirst(split, 2);
  assert.deepEqual([...images], [10, 11, 20, 21]);
  assert.deepEqual([...labels], [1, 2]);
  assert.equal(count, 2);
});

Deno.test("takeFirst() returns views", () => {
  const { images, labels } = takeFirst(split, 1);
  assert.equal(images.buffer, split.images.buffer);
  assert.equal(labels.buffer, split.labels.buffer);
});

Deno.test("takeFirst() of the whole count keeps everything", () => {
  assert.deepEqual(takeFirst(split, 3), split);
});

Deno.test("takeFirst() of what takeFirst() returned goes on from there", () => {
  assert.deepEqual([...takeFirst(takeFirst(split, 2), 1).images], [10, 11]);
});

Deno.test("takeFirst() rejects a count that the split cannot give", () => {
  for (const count of [0, -1, 1.5, 4, NaN, Infinity]) {
    assert.throws(() => takeFirst(split, count), {
      name: "RangeError",
      message:
        `Cannot take the first images: count must be an integer from 1 to 3: got ${count}`,
    });
  }
});

Deno.test("meanImage() is each pixel's own mean, exact for many bright images", () => {
  const count = 70_000; // 255 times as much is beyond 24 bits
  const images = new Uint8Array(3 * count).map((_, i) =>
    [255, i % 2 === 0 ? 254 : 255, 0][i % 3]!
  );
  const labels = new Int32Array(count);
  assert.deepEqual([...meanImage({ images, labels, count })], [255, 254.5, 0]);
});
