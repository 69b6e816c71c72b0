import { join } from "node:path";
import {
  createImageSplit,
  type DatasetParts,
  type ImageSplit,
} from "./image_dataset.ts";
import { readIdx } from "./read_idx.ts";
import { recordRemarks, requireDatasetRecord } from "./dataset_record.ts";

const height = 28;
const width = 28;

/** MNIST's files, which its kin name alike. */
export const IDX_FILES = [
  "train-images-idx3-ubyte",
  "train-labels-idx1-ubyte",
  "t10k-images-idx3-ubyte",
  "t10k-labels-idx1-ubyte",
] as const;

/** The name of one of MNIST's files. */
export type IdxFile = typeof IDX_FILES[number];

/**
 * Opens a data set in MNIST's form: four IDX files of gray 28×28 images and
 * their labels, each gzipped (`.gz`, taken first) or plain.
 *
 * @param directory where the files lie
 * @param options.name the data set's name
 * @param options.classNames what each label means
 * @param options.sha256 SHA-256 of each file's unpacked content
 * @param options.remarks what every run must say of it
 * @returns the data set, without a validation part; its parts reject where a
 * file is missing, unreadable or damaged, or has another checksum
 * @throws {Error} when there is no such directory
 */
export async function openIdxDataset(
  directory: string,
  options: {
    name: string;
    classNames: readonly string[];
    sha256: Readonly<Record<IdxFile, string>>;
    remarks: readonly string[];
  },
): Promise<DatasetParts> {
  const { name, classNames, sha256 } = options;
  const numClasses = classNames.length;
  const present = await listFiles(directory, name);

  const readFile = (fileName: IdxFile) => {
    const found = [`${fileName}.gz`, fileName].find((file) =>
      present.has(file)
    );
    if (found === undefined) {
      throw new Error(
        `Cannot load ${name}: ${directory} must hold ${fileName}.gz or ${fileName}: got neither`,
      );
    }
    return readIdx(join(directory, found), { sha256: sha256[fileName] });
  };
  const readSplit = async (part: "train" | "t10k"): Promise<ImageSplit> =>
    createImageSplit(
      await readFile(`${part}-images-idx3-ubyte`),
      await readFile(`${part}-labels-idx1-ubyte`),
      { name: `${name} ${part}`, height, width, numClasses },
    );

  return {
    ...options,
    height,
    width,
    channels: 1,
    numClasses,
    read: {
      train: () => readSplit("train"),
      validation: null,
      test: () => readSplit("t10k"),
    },
  };
}

async function listFiles(
  directory: string,
  name: string,
): Promise<Set<string>> {
  const files = new Set<string>();
  try {
    for await (const entry of Deno.readDir(directory)) files.add(entry.name);
  } catch (error) {
    throw new Error(
      `Cannot load ${name}: ${directory} must be a readable directory: got ${
        error instanceof Deno.errors.NotFound
          ? "no such directory"
          : (error as Error).message
      }`,
      { cause: error },
    );
  }
  return files;
}

/**
 * Opens MNIST (LeCun, Cortes, Burges; yann.lecun.com/exdb/mnist): 60,000
 * training and 10,000 test images of handwritten digits, 28×28, gray.
 *
 * @param directory where `deno task data mnist` has put it
 * @returns the data set; images are uint8 `[count, 28, 28, 1]`; its parts
 * reject where a file is missing, damaged or not the one that was put there
 * @throws {Error} when it is not there
 */
export async function openMnist(directory: string): Promise<DatasetParts> {
  const files = IDX_FILES.map((file) => `${file}.gz` as const);
  const record = requireDatasetRecord(directory, "mnist", files);
  const sha256 = Object.fromEntries(
    IDX_FILES.map((file) => [file, record[`${file}.gz`].sha256]),
  ) as Record<IdxFile, string>;
  return await openIdxDataset(directory, {
    name: "mnist",
    classNames: Array.from("0123456789"),
    sha256,
    remarks: recordRemarks(record),
  });
}
