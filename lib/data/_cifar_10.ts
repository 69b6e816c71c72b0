import { join } from "node:path";
import {
  type DatasetRecord,
  type FileRecord,
  recordRemarks,
  requireDatasetRecord,
} from "./dataset_record.ts";
import type { DatasetParts, ImageSplit } from "./image_dataset.ts";
import { readDataFile, sha256Of } from "./data_file.ts";
import { readTar } from "./_read_tar.ts";

const name = "cifar-10";
const height = 32;
const width = 32;
const channels = 3;

/** www.cs.toronto.edu/~kriz/cifar.html, and batches.meta.txt of the archive. */
const classNames = [
  "airplane",
  "automobile",
  "bird",
  "cat",
  "deer",
  "dog",
  "frog",
  "horse",
  "ship",
  "truck",
] as const;

const numClasses = classNames.length;

/** Values of an image's channel, which lie together in a record. */
const PLANE = height * width;

/** Bytes of a record: the label, then the red, the green and the blue plane. */
const RECORD = 1 + channels * PLANE;

const ARCHIVE = "cifar-10-binary.tar.gz";
const FOLDER = "cifar-10-batches-bin";

const TRAIN_BATCHES = [1, 2, 3, 4, 5].map((n) => `data_batch_${n}.bin`);
const TEST_BATCH = "test_batch.bin";

/** The files of CIFAR-10's archive that have images. */
export const CIFAR_10_BATCHES: readonly string[] = [
  ...TRAIN_BATCHES,
  TEST_BATCH,
];

/** A file of records. */
interface Batch {
  /** The plain file's name. */
  readonly name: string;
  /** Where it is, for errors. */
  readonly path: string;
  readonly sha256: string;
  /** Gives its content. */
  read(): Uint8Array | Promise<Uint8Array>;
}

/**
 * Opens CIFAR-10 (Krizhevsky 2009, "Learning Multiple Layers of Features from
 * Tiny Images"): 50,000 training and 10,000 test images, 32×32, RGB, 10
 * classes; or as much of it as there is: some training batches and the test
 * batch.
 *
 * @param directory where `deno task data cifar-10` has put the archive, or its
 * batches, each gzipped or plain
 * @returns the data set; images are uint8 `[count, 32, 32, 3]`; its parts
 * reject where a batch is missing, damaged or not the one that was put there,
 * is not whole records or has a label over 9
 * @throws {Error} when it is not there, or its archive is damaged or not the
 * one that was put there
 */
export async function openCifar10(directory: string): Promise<DatasetParts> {
  const record: DatasetRecord = requireDatasetRecord(directory, name, []);
  const batches = record[ARCHIVE] === undefined
    ? findBatches(directory, record)
    : await unpackBatches(join(directory, ARCHIVE), record[ARCHIVE]);
  const trainBatches = batches.filter(({ name }) => name !== TEST_BATCH);
  const testBatches = batches.filter(({ name }) => name === TEST_BATCH);
  if (trainBatches.length === 0 || testBatches.length === 0) {
    throw new Error(
      `Cannot load ${name}: ${directory} must hold ${TEST_BATCH} and a training batch: got ${
        batches.map(({ name }) => name).join(", ") || "no batch"
      }`,
    );
  }
  return {
    name,
    height,
    width,
    channels,
    numClasses,
    classNames,
    read: {
      train: () => joinBatches(trainBatches),
      validation: null,
      test: () => joinBatches(testBatches),
    },
    sha256: Object.fromEntries(
      batches.map(({ name, sha256 }) => [name, sha256]),
    ),
    remarks: recordRemarks(record),
    trainRemarks: ({ count }) =>
      trainBatches.length === TRAIN_BATCHES.length ? [] : [
        `${name} has ${trainBatches.length} of its ${TRAIN_BATCHES.length} training batches: ${count} images`,
      ],
  };
}

/** The batches that lie in the directory. */
function findBatches(directory: string, record: DatasetRecord): Batch[] {
  return CIFAR_10_BATCHES.flatMap((name) => {
    const file = [`${name}.gz`, name].find((file) => file in record);
    if (file === undefined) return [];
    const path = join(directory, file);
    const { sha256 } = record[file]!;
    return [{ name, path, sha256, read: () => readDataFile(path, { sha256 }) }];
  });
}

/** All batches of the archive. */
async function unpackBatches(
  path: string,
  { sha256 }: FileRecord,
): Promise<Batch[]> {
  const files = await readTar(
    await readDataFile(path, { sha256 }),
    FOLDER,
    path,
  );
  return CIFAR_10_BATCHES.map((name) => {
    const bytes = files.get(name);
    if (bytes === undefined) {
      throw new Error(
        `Cannot unpack ${path}: it must hold ${FOLDER}/${name}: got no such file`,
      );
    }
    return {
      name,
      path: `${name} of ${path}`,
      sha256: sha256Of(bytes),
      read: () => bytes,
    };
  });
}

/** Takes the records of all batches apart: planes become pixels. */
async function joinBatches(batches: readonly Batch[]): Promise<ImageSplit> {
  const contents: { path: string; bytes: Uint8Array }[] = [];
  for (const { path, read } of batches) {
    contents.push({ path, bytes: await read() });
  }
  for (const { path, bytes: { length } } of contents) {
    if (length === 0 || length % RECORD !== 0) {
      throw new SyntaxError(
        `Cannot parse ${path}: it must hold whole records of ${RECORD} bytes: got ${length} bytes`,
      );
    }
  }
  const count = contents.reduce((sum, { bytes }) => sum + bytes.length, 0) /
    RECORD;
  const labels = new Int32Array(count);
  const images = new Uint8Array(count * channels * PLANE);
  let image = 0;
  for (const { path, bytes } of contents) {
    for (let start = 0; start < bytes.length; start += RECORD, image++) {
      const label = bytes[start]!;
      if (label >= numClasses) {
        throw new SyntaxError(
          `Cannot parse ${path}: labels must be 0 to ${
            numClasses - 1
          }: got ${label} in record ${start / RECORD + 1}`,
        );
      }
      labels[image] = label;
      let to = image * channels * PLANE;
      const red = start + 1;
      for (let from = red; from < red + PLANE; from++) {
        images[to++] = bytes[from]!;
        images[to++] = bytes[from + PLANE]!;
        images[to++] = bytes[from + 2 * PLANE]!;
      }
    }
  }
  return { images, labels, count };
}
