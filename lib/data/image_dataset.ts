import type { NpyArray } from "./read_npy.ts";

/** Images with labels: the training, validation or test part of a data set. */
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
  /** Values per pixel: 1 for gray, 3 for RGB. */
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
  /** SHA-256 (hex) of each file's unpacked content, by its name without .gz. */
  sha256: Readonly<Record<string, string>>;
  /** What every run must print and note of its data, a sentence each. */
  remarks: readonly string[];
}

/** A data set without the parts that a net is trained with. */
export type TestDataset = Omit<ImageDataset, "train" | "validation">;

/** What is known of a data set, and how to read each of its parts. */
export interface DatasetParts
  extends Omit<ImageDataset, "train" | "validation" | "test"> {
  /** The parts; null where the publisher has no such part. */
  readonly read: {
    train(): ImageSplit | Promise<ImageSplit>;
    readonly validation: (() => ImageSplit | Promise<ImageSplit>) | null;
    test(): ImageSplit | Promise<ImageSplit>;
  };
  /** What else every run must say that trains, once its images are read. */
  trainRemarks?(train: ImageSplit): readonly string[];
}

/** Reads all parts of a data set. */
export async function readAllParts(
  { read, trainRemarks, ...known }: DatasetParts,
): Promise<ImageDataset> {
  const train = await read.train();
  return {
    ...known,
    train,
    validation: read.validation && await read.validation(),
    test: await read.test(),
    remarks: [...known.remarks, ...trainRemarks?.(train) ?? []],
  };
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
 * import { takeFirst } from "#lib/data/image_dataset.ts";
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

/**
 * The mean of a split's images, pixel by pixel and channel by channel.
 *
 * @param split at least one image
 * @returns float32 `[height · width · channels]`, 0 to 255; summed exactly
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { meanImage } from "#lib/data/image_dataset.ts";
 *
 * const images = new Uint8Array([10, 20, 13, 22]); // 2 of 1×2 pixels
 * const labels = new Int32Array(2);
 * assert.deepEqual([...meanImage({ images, labels, count: 2 })], [11.5, 21]);
 * ```
 */
export function meanImage({ images, count }: ImageSplit): Float32Array {
  const size = images.length / count;
  const sums = new Float64Array(size);
  for (let start = 0; start < images.length; start += size) {
    for (let i = 0; i < size; i++) sums[i]! += images[start + i]!;
  }
  return Float32Array.from(sums, (sum) => sum / count);
}

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
