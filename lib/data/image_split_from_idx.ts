import type { ImageSplit } from "./image_dataset.ts";
import type { IdxArray } from "./read_idx.ts";

/**
 * Joins an IDX array of gray images and one of labels, as MNIST and its kin
 * come, to a split.
 *
 * @param images pixels, shape `[count, height, width]`
 * @param labels class ids, shape `[count]`, each below numClasses
 * @param options.name what the arrays are, for errors
 * @param options.height rows that an image must have
 * @param options.width columns that an image must have
 * @param options.numClasses number of classes
 * @returns a split with `images` as a view and `labels` widened to int32
 * @throws {RangeError} when the shapes don't fit or a label is out of range
 */
export function imageSplitFromIdx(
  images: IdxArray,
  labels: IdxArray,
  options: { name: string; height: number; width: number; numClasses: number },
): ImageSplit {
  const { name, height, width, numClasses } = options;
  const fail = (expected: string, actual: unknown) =>
    new RangeError(`Cannot load ${name}: ${expected}: got ${actual}`);

  const [count = 0, ...imageShape] = images.shape;
  if (imageShape.join("×") !== `${height}×${width}` || count === 0) {
    throw fail(
      `images must have the shape count×${height}×${width}`,
      images.shape.join("×"),
    );
  }
  if (labels.shape.join("×") !== `${count}`) {
    throw fail(
      `labels must have the images' count ${count}`,
      labels.shape.join("×"),
    );
  }
  const outOfRange = labels.data.find((label) => label >= numClasses);
  if (outOfRange !== undefined) {
    throw fail(`labels must be 0 to ${numClasses - 1}`, outOfRange);
  }
  return { images: images.data, labels: new Int32Array(labels.data), count };
}
