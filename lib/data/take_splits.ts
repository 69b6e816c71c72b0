import { UsageError } from "../cli/errors.ts";
import { flagName } from "../cli/flag_name.ts";
import { takeFirst } from "./image_dataset.ts";
import type { ValidatedDataset } from "./split_validation.ts";

/** How many images of each split to take; null: all. */
export interface SplitSizes {
  readonly trainSize: number | null;
  readonly validationSize: number | null;
  readonly testSize: number | null;
}

/**
 * Takes the first images of each split.
 *
 * @param dataset with a validation split
 * @param sizes what the flags of these names ask for
 * @returns the data set with as many images; views, not copies
 * @throws {UsageError} where a split has fewer
 */
export function takeSplits(
  dataset: ValidatedDataset,
  sizes: SplitSizes,
): ValidatedDataset {
  const take = (split: "train" | "validation" | "test") => {
    const size = sizes[`${split}Size`];
    const { count } = dataset[split];
    if (size !== null && size > count) {
      throw new UsageError(
        `Cannot parse --${
          flagName(`${split}Size`)
        }: expected at most the ${count} images of ${dataset.name}: got ${size}`,
      );
    }
    return takeFirst(dataset[split], size ?? count);
  };
  return {
    ...dataset,
    train: take("train"),
    validation: take("validation"),
    test: take("test"),
  };
}
