import assert from "node:assert/strict";
import fc from "fast-check";
import { batches, countBatches } from "../../../lib/data/batches.ts";
import type { ImageSplit } from "../../../lib/data/image_dataset.ts";

/** Images of 1×3 pixels: pixel 0 of image i is 3i, its label is 100 + i. */
function makeSplit(count: number): ImageSplit {
  return {
    images: Uint8Array.from({ length: 3 * count }, (_, i) => i),
    labels: Int32Array.from({ length: count }, (_, i) => 100 + i),
    count,
  };
}

/** Copies each batch, since the next one may overwrite it. */
function collect(...args: Parameters<typeof batches>) {
  return Array.from(batches(...args), ({ images, labels, size }) => ({
    images: [...images],
    labels: [...labels],
    size,
  }));
}

const rangeError = (reason: string) => ({
  name: "RangeError",
  message: `Cannot make batches: ${reason}`,
});

/** A split's count, a batch size for it, an order of its images. */
const anyEpoch = fc.integer({ min: 1, max: 40 }).chain((count) =>
  fc.record({
    count: fc.constant(count),
    batchSize: fc.integer({ min: 1, max: count }),
    order: fc.shuffledSubarray(Array.from({ length: count }, (_, i) => i), {
      minLength: count,
    }).map((indices) => Uint32Array.from(indices)),
  })
);

Deno.test("batches() without an order goes through the split in its own", () => {
  assert.deepEqual(collect(makeSplit(5), { batchSize: 2 }), [
    { images: [0, 1, 2, 3, 4, 5], labels: [100, 101], size: 2 },
    { images: [6, 7, 8, 9, 10, 11], labels: [102, 103], size: 2 },
    { images: [12, 13, 14], labels: [104], size: 1 },
  ]);
});

Deno.test("batches() with an order gathers images and labels by it", () => {
  const order = new Uint32Array([3, 0, 4, 2, 1]);
  assert.deepEqual(collect(makeSplit(5), { batchSize: 2, order }), [
    { images: [9, 10, 11, 0, 1, 2], labels: [103, 100], size: 2 },
    { images: [12, 13, 14, 6, 7, 8], labels: [104, 102], size: 2 },
    { images: [3, 4, 5], labels: [101], size: 1 },
  ]);
});

Deno.test("batches() without an order yields views of the split", () => {
  const split = makeSplit(5);
  for (const { images, labels } of batches(split, { batchSize: 2 })) {
    assert.equal(images.buffer, split.images.buffer);
    assert.equal(labels.buffer, split.labels.buffer);
  }
});

Deno.test("batches() with an order reuses one pair of buffers and leaves the split alone", () => {
  const split = makeSplit(5);
  const order = new Uint32Array([4, 3, 2, 1, 0]);
  const all = [...batches(split, { batchSize: 2, order })];
  assert.equal(new Set(all.map(({ images }) => images.buffer)).size, 1);
  assert.equal(new Set(all.map(({ labels }) => labels.buffer)).size, 1);
  assert.notEqual(all[0]!.images.buffer, split.images.buffer);
  assert.deepEqual(split, makeSplit(5));
});

Deno.test("batches() takes each image once, in the order given", () => {
  fc.assert(fc.property(anyEpoch, ({ count, batchSize, order }) => {
    const all = collect(makeSplit(count), { batchSize, order });
    assert.equal(all.length, countBatches(count, batchSize));
    assert.deepEqual(
      all.flatMap(({ labels }) => labels),
      [...order].map((index) => 100 + index),
    );
    assert.deepEqual(
      all.flatMap(({ images }) => images),
      [...order].flatMap((index) => [3 * index, 3 * index + 1, 3 * index + 2]),
    );
    for (const { size } of all.slice(0, -1)) assert.equal(size, batchSize);
  }));
});

Deno.test("batches() in the split's own order is the same with and without it", () => {
  fc.assert(fc.property(anyEpoch, ({ count, batchSize }) => {
    const split = makeSplit(count);
    const order = Uint32Array.from({ length: count }, (_, i) => i);
    assert.deepEqual(
      collect(split, { batchSize, order }),
      collect(split, { batchSize }),
    );
  }));
});

Deno.test("batches() from firstBatch yields what is left of the epoch", () => {
  fc.assert(fc.property(anyEpoch, ({ count, batchSize, order }) => {
    const split = makeSplit(count);
    for (const options of [{ batchSize }, { batchSize, order }]) {
      const whole = collect(split, options);
      for (let firstBatch = 0; firstBatch <= whole.length; firstBatch++) {
        assert.deepEqual(
          collect(split, { ...options, firstBatch }),
          whole.slice(firstBatch),
        );
      }
    }
  }));
});

Deno.test("batches() rejects a batchSize that the split cannot fill, at once", () => {
  for (const batchSize of [0, -1, 1.5, 6, NaN, Infinity]) {
    const error = rangeError(
      `batchSize must be an integer from 1 to the 5 images: got ${batchSize}`,
    );
    assert.throws(() => batches(makeSplit(5), { batchSize }), error);
    assert.throws(() => countBatches(5, batchSize), error);
  }
});

Deno.test("batches() rejects a firstBatch beyond the epoch, at once", () => {
  for (const firstBatch of [-1, 0.5, 4, NaN]) {
    assert.throws(
      () => batches(makeSplit(5), { batchSize: 2, firstBatch }),
      rangeError(
        `firstBatch must be an integer from 0 to 3: got ${firstBatch}`,
      ),
    );
  }
});

Deno.test("batches() rejects an order of another length, at once", () => {
  for (const length of [0, 4, 6]) {
    const order = new Uint32Array(length);
    assert.throws(
      () => batches(makeSplit(5), { batchSize: 2, order }),
      rangeError(`order must hold 5 indices: got ${length}`),
    );
  }
});

Deno.test("batches() rejects an index beyond the split, at once", () => {
  const order = new Uint32Array([0, 1, 2, 3, 5]);
  assert.throws(
    () => batches(makeSplit(5), { batchSize: 2, order }),
    rangeError("indices in order must be below 5: got 5"),
  );
});

Deno.test("countBatches() counts the last, smaller batch", () => {
  const counts = [[1, 1, 1], [5, 1, 5], [5, 2, 3], [4, 2, 2], [
    60_000,
    100,
    600,
  ]];
  for (const [count, batchSize, expected] of counts) {
    assert.equal(countBatches(count!, batchSize!), expected);
  }
});
