import type { ImageSplit } from "./image_dataset.ts";

/** The images and labels of one step. */
export interface Batch {
  /** Pixels, `[size, height, width, channels]`. */
  images: Uint8Array;
  /** Class ids, `[size]`. */
  labels: Int32Array;
  /** Number of images; the last batch of an epoch may be smaller. */
  size: number;
}

/**
 * Counts an epoch's batches: ⌈count / batchSize⌉, the last one may be smaller.
 *
 * @param count number of images
 * @param batchSize images per batch, 1 to count
 * @returns number of batches
 * @throws {RangeError} when batchSize is not an integer in that range
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { countBatches } from "#lib/data/batches.ts";
 *
 * assert.equal(countBatches(250, 100), 3);
 * ```
 */
export function countBatches(count: number, batchSize: number): number {
  if (!Number.isInteger(batchSize) || batchSize < 1 || batchSize > count) {
    throw new RangeError(
      `Cannot make batches: batchSize must be an integer from 1 to the ${count} images: got ${batchSize}`,
    );
  }
  return Math.ceil(count / batchSize);
}

/**
 * Goes through a split once, batch by batch; a last, smaller batch is kept.
 *
 * Without an order the batches are views of the split. With one they are
 * gathered into a single pair of buffers, and the next batch overwrites the one
 * before: use or copy a batch before asking for the next.
 *
 * @param split images and labels
 * @param options.batchSize images per batch, 1 to `split.count`
 * @param options.order the images' indices in the order to take them, uint32
 * `[split.count]`; not copied, so leave it alone until the end
 * @param options.firstBatch batches to skip, 0 (the default) to the number of
 * batches: a resumed run goes on in the middle of an epoch
 * @returns the batches
 * @throws {RangeError} at once, when an option is out of its range
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { batches } from "alphalab/data";
 *
 * const images = new Uint8Array([10, 11, 12]); // 3 of 1×1 pixel
 * const labels = new Int32Array([0, 1, 2]);
 * const order = new Uint32Array([2, 0, 1]);
 * const seen = [];
 * const split = { images, labels, count: 3 };
 * for (const batch of batches(split, { batchSize: 2, order })) {
 *   seen.push([...batch.labels]);
 * }
 * assert.deepEqual(seen, [[2, 0], [1]]);
 * ```
 */
export function batches(
  split: ImageSplit,
  options: { batchSize: number; order?: Uint32Array; firstBatch?: number },
): Generator<Batch, void, undefined> {
  const { batchSize, order, firstBatch = 0 } = options;
  const batchCount = countBatches(split.count, batchSize);
  if (
    !Number.isInteger(firstBatch) || firstBatch < 0 || firstBatch > batchCount
  ) {
    throw new RangeError(
      `Cannot make batches: firstBatch must be an integer from 0 to ${batchCount}: got ${firstBatch}`,
    );
  }
  const firstIndex = firstBatch * batchSize;
  if (order === undefined) return viewBatches(split, batchSize, firstIndex);

  if (order.length !== split.count) {
    throw new RangeError(
      `Cannot make batches: order must hold ${split.count} indices: got ${order.length}`,
    );
  }
  const outOfRange = order.find((index) => index >= split.count);
  if (outOfRange !== undefined) {
    throw new RangeError(
      `Cannot make batches: indices in order must be below ${split.count}: got ${outOfRange}`,
    );
  }
  return gatherBatches(split, batchSize, firstIndex, order);
}

function* viewBatches(
  { images, labels, count }: ImageSplit,
  batchSize: number,
  firstIndex: number,
): Generator<Batch, void, undefined> {
  const imageSize = images.length / count;
  for (let begin = firstIndex; begin < count; begin += batchSize) {
    const end = Math.min(begin + batchSize, count);
    yield {
      images: images.subarray(begin * imageSize, end * imageSize),
      labels: labels.subarray(begin, end),
      size: end - begin,
    };
  }
}

function* gatherBatches(
  { images, labels, count }: ImageSplit,
  batchSize: number,
  firstIndex: number,
  order: Uint32Array,
): Generator<Batch, void, undefined> {
  const imageSize = images.length / count;
  const batchImages = new Uint8Array(batchSize * imageSize);
  const batchLabels = new Int32Array(batchSize);
  for (let begin = firstIndex; begin < count; begin += batchSize) {
    const size = Math.min(batchSize, count - begin);
    for (let i = 0; i < size; i++) {
      const index = order[begin + i]!;
      batchLabels[i] = labels[index]!;
      batchImages.set(
        images.subarray(index * imageSize, (index + 1) * imageSize),
        i * imageSize,
      );
    }
    yield {
      images: batchImages.subarray(0, size * imageSize),
      labels: batchLabels.subarray(0, size),
      size,
    };
  }
}
