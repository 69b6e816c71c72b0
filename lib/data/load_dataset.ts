import { openCifar10 } from "./_cifar_10.ts";
import { dataDirectory } from "./data_file.ts";
import { readDatasetRecord } from "./dataset_record.ts";
import { openFashionMnist } from "./fashion_mnist.ts";
import {
  type DatasetParts,
  type ImageDataset,
  readAllParts,
  type TestDataset,
} from "./image_dataset.ts";
import { openMedMnist } from "./_med_mnist.ts";
import { openMnist } from "./_mnist.ts";

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
  return await readAllParts(await openDataset(name, directory));
}

/**
 * Loads the test images of a data set, and no more of its files than it must.
 *
 * @param name which one
 * @param options.directory where its files lie; default: `data/<name>`
 * @returns the data set without its other parts; its remarks must be printed
 * @throws {Error} when it is not there (with the command that brings it), or a
 * file that is read is missing, damaged or not the one that was put there
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { loadTestDataset } from "#lib/data/load_dataset.ts";
 *
 * const { test } = await loadTestDataset("fashion-mnist");
 * assert.equal(test.count, 10_000);
 * ```
 */
export async function loadTestDataset(
  name: DatasetName,
  options: { directory?: string } = {},
): Promise<TestDataset> {
  const directory = options.directory ?? dataDirectory(name);
  const { read, trainRemarks: _, ...known } = await openDataset(
    name,
    directory,
  );
  return { ...known, test: await read.test() };
}

function openDataset(
  name: DatasetName,
  directory: string,
): Promise<DatasetParts> {
  switch (name) {
    case "fashion-mnist":
      return openFashionMnist({ directory });
    case "mnist":
      return openMnist(directory);
    case "octmnist":
    case "pneumoniamnist":
      return openMedMnist(name, directory);
    case "cifar-10":
      return openCifar10(directory);
    default: // of a program that is not type-checked
      throw new RangeError(
        `Cannot load a data set: its name must be one of ${
          DATASET_NAMES.join(", ")
        }: got ${name satisfies never}`,
      );
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
