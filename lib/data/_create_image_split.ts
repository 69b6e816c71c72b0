import type { ImageSplit } from "./image_dataset.ts";
import type { NpyArray } from "./read_npy.ts";

/**
 * Joins an array of gray images and one of labels, as data sets bring them, to
 * a split.
 *
 * @param images pixels, unsigned bytes of shape `[count, height, width]`
 * @param labels class ids, integers of shape `[count]` or `[count, 1]`, each
 * below numClasses
 * @param options.name what the arrays are, for errors
 * @param options.height rows that an image must have
 * @param options.width columns that an image must have
 * @param options.numClasses number of classes
 * @returns a split with `images` as a view and `labels` as int32
 * @throws {RangeError} when the type or the shapes don't fit or a label is out
 * of range
 */
export function createImageSplit(
  images: NpyArray,
  labels: NpyArray,
  options: { name: string; height: number; width: number; numClasses: number },
): ImageSplit {
  const { name, height, width, numClasses } = options;
  const fail = (expected: string, actual: unknown) =>
    new RangeError(`Cannot load ${name}: ${expected}: got ${actual}`);

  if (!(images.data instanceof Uint8Array)) {
    throw fail(
      "pixels must be unsigned bytes",
      images.data.constructor.name.replace("Array", ""),
    );
  }
  const [count = 0, ...imageShape] = images.shape;
  if (imageShape.join("×") !== `${height}×${width}` || count === 0) {
    throw fail(
      `images must have the shape count×${height}×${width}`,
      images.shape.join("×"),
    );
  }
  const labelShape = labels.shape.join("×");
  if (labelShape !== `${count}` && labelShape !== `${count}×1`) {
    throw fail(`labels must have the images' count ${count}`, labelShape);
  }
  const ids = Int32Array.from(
    labels.data as ArrayLike<number | bigint>,
    (label) => {
      if (label < 0 || label >= numClasses) {
        throw fail(`labels must be 0 to ${numClasses - 1}`, label);
      }
      return Number(label);
    },
  );
  return { images: images.data, labels: ids, count };
}
