import type { ImageDataset, ImageSplit } from "./image_dataset.ts";

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
 * import { loadFashionMnist, splitValidation } from "alphalab";
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
