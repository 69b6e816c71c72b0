import { UsageError } from "../base/errors.ts";
import { flagName } from "../base/format.ts";
import type { Random } from "../base/random.ts";
import {
  type ImageDataset,
  type ImageSplit,
  takeFirst,
} from "./image_dataset.ts";

/** A data set that has a validation part. */
export type ValidatedDataset = ImageDataset & { validation: ImageSplit };

/**
 * Gives a data set that has no validation part the last of its training images
 * as one; a data set that has one stays as it is.
 *
 * @param dataset any
 * @param count images to take, 1 to one less than there are; default: a tenth,
 * rounded down
 * @returns the data set, with a remark where images were taken; views of its
 * images, not copies
 * @throws {RangeError} when count is not an integer in that range
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { loadFashionMnist } from "#lib/data/fashion_mnist.ts";
 * import { splitValidation } from "alphalab/data";
 *
 * const { train, validation } = splitValidation(await loadFashionMnist());
 * assert.equal(train.count, 54_000);
 * assert.equal(validation.count, 6_000);
 * ```
 */
export function splitValidation(
  dataset: ImageDataset,
  count: number = Math.floor(dataset.train.count / 10),
): ValidatedDataset {
  const { name, train, validation, remarks } = dataset;
  if (validation !== null) return { ...dataset, validation };
  if (!Number.isInteger(count) || count < 1 || count >= train.count) {
    throw new RangeError(
      `Cannot split ${name}: validation images must be an integer from 1 to ${
        train.count - 1
      }: got ${count}`,
    );
  }
  const rest = train.count - count;
  const imageSize = train.images.length / train.count;
  return {
    ...dataset,
    train: {
      images: train.images.subarray(0, rest * imageSize),
      labels: train.labels.subarray(0, rest),
      count: rest,
    },
    validation: {
      images: train.images.subarray(rest * imageSize),
      labels: train.labels.subarray(rest),
      count,
    },
    remarks: [
      ...remarks,
      `${name} has no validation images: the last ${count} of its ${train.count} training images stand in for them`,
    ],
  };
}

/** How many images of each split to take; null: all. */
export interface SplitSizes {
  readonly trainSize: number | null;
  /** All by default. */
  readonly validationSize?: number | null;
  readonly testSize: number | null;
}

/**
 * Takes the first images of each split.
 *
 * @param dataset with or without a validation split
 * @param sizes what the flags of these names ask for
 * @returns the data set with as many images; views, not copies
 * @throws {UsageError} where a split has fewer
 */
export function takeSplits<Dataset extends ImageDataset>(
  dataset: Dataset,
  sizes: SplitSizes,
): Dataset {
  const take = (split: "train" | "validation" | "test") => {
    const whole = dataset[split];
    if (whole === null) return null;
    const { count } = whole;
    const size = sizes[`${split}Size`] ?? count;
    if (size > count) {
      throw new UsageError(
        `Cannot parse --${
          flagName(`${split}Size`)
        }: expected at most the ${count} images of ${dataset.name}: got ${size}`,
      );
    }
    return takeFirst(whole, size);
  };
  return {
    ...dataset,
    train: take("train"),
    validation: take("validation"),
    test: take("test"),
  };
}

/**
 * Draws images without replacement, every set with the same probability. A
 * smaller subset of a generator is the beginning of a larger one.
 *
 * @param split where to draw from
 * @param count how many to draw, 1 to `split.count`
 * @param random draws the order of all images, of which the first are taken
 * @returns copies of the images and labels, in the order drawn
 * @throws {RangeError} when count is not an integer in that range
 *
 * @example
 * ```ts
 * import { drawSubset } from "alphalab/data";
 * import { createRandom } from "alphalab/random";
 * import { equal } from "node:assert/strict";
 *
 * const images = new Uint8Array([10, 11, 12, 13]); // 4 of 1×1 pixel
 * const labels = new Int32Array([0, 1, 2, 3]);
 * const subset = drawSubset({ images, labels, count: 4 }, 2, createRandom(0));
 * equal(subset.images[1], 10 + subset.labels[1]!);
 * ```
 */
export function drawSubset(
  split: ImageSplit,
  count: number,
  random: Random,
): ImageSplit {
  if (!Number.isInteger(count) || count < 1 || count > split.count) {
    throw new RangeError(
      `Cannot draw a subset: count must be an integer from 1 to ${split.count}: got ${count}`,
    );
  }
  const order = Uint32Array.from({ length: split.count }, (_, i) => i);
  random.shuffle(order);
  const imageSize = split.images.length / split.count;
  const images = new Uint8Array(count * imageSize);
  const labels = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    const from = order[i]! * imageSize;
    images.set(split.images.subarray(from, from + imageSize), i * imageSize);
    labels[i] = split.labels[order[i]!]!;
  }
  return { images, labels, count };
}
