import { dataDirectory } from "./data_file.ts";
import {
  type DatasetParts,
  type ImageDataset,
  readAllParts,
} from "./image_dataset.ts";
import { openIdxDataset } from "./_mnist.ts";

/** zalandoresearch/fashion-mnist, README, section "Labels". */
const classNames = [
  "T-shirt/top",
  "Trouser",
  "Pullover",
  "Dress",
  "Coat",
  "Sandal",
  "Shirt",
  "Sneaker",
  "Bag",
  "Ankle boot",
] as const;

/** Of the unpacked content: the gzip headers differ from source to source. */
const sha256 = {
  "train-images-idx3-ubyte":
    "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
  "train-labels-idx1-ubyte":
    "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
  "t10k-images-idx3-ubyte":
    "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
  "t10k-labels-idx1-ubyte":
    "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
} as const;

/**
 * Loads Fashion-MNIST (Xiao, Rasul, Vollgraf 2017, arXiv 1708.07747): 60,000
 * training and 10,000 test images, 28×28, gray, 10 classes.
 *
 * @param options.directory where the four IDX files lie, each gzipped (`.gz`,
 * taken first) or plain; default: the copy in `data/fashion-mnist`
 * @returns the data set; images are uint8 `[count, 28, 28, 1]`
 * @throws {Error} when a file is missing, unreadable or damaged, or has another
 * checksum than the published data
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { loadFashionMnist } from "#lib/data/fashion_mnist.ts";
 *
 * const { train, test, classNames } = await loadFashionMnist();
 * assert.equal(train.count, 60_000);
 * assert.equal(test.count, 10_000);
 * assert.equal(classNames[train.labels[0]!], "Ankle boot");
 * ```
 */
export async function loadFashionMnist(
  options: { directory?: string } = {},
): Promise<ImageDataset> {
  return await readAllParts(await openFashionMnist(options));
}

/**
 * Opens Fashion-MNIST.
 *
 * @param options those of {@linkcode loadFashionMnist}
 * @returns the data set; its parts reject as that does
 */
export function openFashionMnist(
  options: { directory?: string } = {},
): Promise<DatasetParts> {
  const directory = options.directory ?? dataDirectory("fashion-mnist");
  return openIdxDataset(directory, {
    name: "fashion-mnist",
    classNames,
    sha256,
    remarks: [],
  });
}
