import { loadCifar10 } from "./_cifar_10.ts";
import { dataDirectory } from "./data_file.ts";
import { readDatasetRecord } from "./dataset_record.ts";
import { loadFashionMnist } from "./fashion_mnist.ts";
import type { ImageDataset } from "./image_dataset.ts";
import { loadMedMnist } from "./_med_mnist.ts";
import { loadMnist } from "./_mnist.ts";

/** The data sets, by the names of their directories under `data/`. */
export const DATASET_NAMES = [
  "fashion-mnist",
  "mnist",
  "octmnist",
  "pneumoniamnist",
  "cifar-10",
] as const;

/** One of the data sets. */
export type DatasetName = typeof DATASET_NAMES[number];

/**
 * Whether a data set is there: Fashion-MNIST is part of the project, all others
 * are brought by `deno task data NAME`. Its files are not looked into.
 *
 * @param name the data set
 * @returns true where it can be loaded unless its files are damaged
 * @throws {Error} when the record of its files cannot be read
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { isPresent } from "#lib/data/load_dataset.ts";
 *
 * assert.equal(isPresent("fashion-mnist"), true);
 * ```
 */
export function isPresent(name: DatasetName): boolean {
  return name === "fashion-mnist" ||
    readDatasetRecord(dataDirectory(name)) !== null;
}

/**
 * Loads a data set.
 *
 * @param name which one
 * @param options.directory where its files lie; default: `data/<name>` of the
 * project
 * @returns the data set; its remarks must be printed
 * @throws {Error} when it is not there (with the command that brings it), or a
 * file is missing, damaged or not the one that was put there
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { loadDataset } from "alphalab/data";
 *
 * const { train, validation } = await loadDataset("fashion-mnist");
 * assert.equal(train.count, 60_000);
 * assert.equal(validation, null);
 * ```
 */
export async function loadDataset(
  name: DatasetName,
  options: { directory?: string } = {},
): Promise<ImageDataset> {
  const directory = options.directory ?? dataDirectory(name);
  switch (name) {
    case "fashion-mnist":
      return await loadFashionMnist({ directory });
    case "mnist":
      return await loadMnist(directory);
    case "octmnist":
    case "pneumoniamnist":
      return await loadMedMnist(name, directory);
    case "cifar-10":
      return await loadCifar10(directory);
  }
}

/**
 * Loads the data set that was asked for, or else the preferred one where it is
 * there, or else Fashion-MNIST with a remark that says so.
 *
 * @param name what was asked for; null: nothing
 * @param preferred what a report used
 * @returns the data set; its remarks must be printed
 * @throws {Error} as {@linkcode loadDataset}
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { loadDatasetOr } from "#lib/data/load_dataset.ts";
 *
 * const { name } = await loadDatasetOr("fashion-mnist", "octmnist");
 * assert.equal(name, "fashion-mnist");
 * ```
 */
export async function loadDatasetOr(
  name: DatasetName | null,
  preferred: DatasetName,
): Promise<ImageDataset> {
  const chosen = name ?? preferred;
  if (name !== null || isPresent(chosen)) return await loadDataset(chosen);
  const dataset = await loadDataset("fashion-mnist");
  return {
    ...dataset,
    remarks: [
      ...dataset.remarks,
      `${preferred} is not there (deno task data ${preferred} brings it): fashion-mnist is used instead`,
    ],
  };
}
