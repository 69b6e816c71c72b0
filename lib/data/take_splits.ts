import { UsageError } from "../base/errors.ts";
import { flagName } from "../base/format.ts";
import { type ImageDataset, takeFirst } from "./image_dataset.ts";

/** How many images of each split to take; null: all. */
export interface SplitSizes {
  readonly trainSize: number | null;
  /** Left out: all. */
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
