/** Images with their labels: the training, validation or test part of a data set. */
export interface ImageSplit {
  /** Pixels 0 to 255, `[count, height, width, channels]` in row-major order. */
  images: Uint8Array;
  /** Class ids from 0, `[count]`. */
  labels: Int32Array;
  /** Number of images. */
  count: number;
}

/** An image classification data set in memory. */
export interface ImageDataset {
  /** A short name, such as `fashion-mnist`. */
  name: string;
  /** Rows of an image. */
  height: number;
  /** Columns of an image. */
  width: number;
  /** Values a pixel: 1 for gray, 3 for RGB. */
  channels: number;
  /** Labels are below this. */
  numClasses: number;
  /** What each label means, `numClasses` names. */
  classNames: readonly string[];
  /** What a net learns from. */
  train: ImageSplit;
  /** What settings are chosen by; null where the publisher has no such part. */
  validation: ImageSplit | null;
  /** What a net is judged by. */
  test: ImageSplit;
  /** SHA-256 (hex) of each file's unpacked content, by the plain file's name. */
  sha256: Readonly<Record<string, string>>;
  /** What every run must print and note of its data, a sentence each. */
  remarks: readonly string[];
}

/** What a net must know of a data set before it is made. */
export type DatasetShape = Pick<
  ImageDataset,
  "height" | "width" | "channels" | "numClasses"
>;

/**
 * Takes the first images of a split.
 *
 * @param split images and labels
 * @param count how many to take, 1 to `split.count`
 * @returns views of the split's images and labels, not copies
 * @throws {RangeError} when count is not an integer in that range
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { takeFirst } from "alphalab";
 *
 * const images = new Uint8Array([10, 11, 20, 21, 30, 31]); // 3 of 1×2 pixels
 * const labels = new Int32Array([1, 2, 3]);
 * const first = takeFirst({ images, labels, count: 3 }, 2);
 * assert.deepEqual([...first.images], [10, 11, 20, 21]);
 * assert.deepEqual([...first.labels], [1, 2]);
 * ```
 */
export function takeFirst(split: ImageSplit, count: number): ImageSplit {
  if (!Number.isInteger(count) || count < 1 || count > split.count) {
    throw new RangeError(
      `Cannot take the first images: count must be an integer from 1 to ${split.count}: got ${count}`,
    );
  }
  const imageSize = split.images.length / split.count;
  return {
    images: split.images.subarray(0, count * imageSize),
    labels: split.labels.subarray(0, count),
    count,
  };
}
