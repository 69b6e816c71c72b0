import { join } from "node:path";
import { extract } from "tar-stream";
import {
  type DatasetRecord,
  type FileRecord,
  recordRemarks,
  requireDatasetRecord,
} from "./dataset_record.ts";
import type { DatasetParts, ImageSplit } from "./image_dataset.ts";
import { readDataFile, sha256Of } from "./data_file.ts";

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

/**
 * Reads a tar archive (POSIX ustar or GNU) that holds one folder with files
 * right in it. They are read into memory: no path of the archive ever becomes
 * one of the disk. What macOS adds to archives (`.DS_Store`, `._name`,
 * `__MACOSX/`) is passed over.
 *
 * @param bytes a whole archive, unpacked from gzip
 * @param folder the folder's name, without a slash
 * @param file the archive's name for errors
 * @returns the files' content by their names in the folder
 * @throws {Error} when the archive is truncated or damaged, has a file twice,
 * or anything but files in the folder: another path, a link, a folder in it
 */
export async function readTar(
  bytes: Uint8Array,
  folder: string,
  file: string,
): Promise<Map<string, Uint8Array>> {
  const fail = (expected: string, actual: string, cause?: unknown) =>
    new Error(`Cannot unpack ${file}: ${expected}: got ${actual}`, { cause });
  let entries;
  try {
    entries = await readEntries(bytes);
  } catch (error) {
    const { message } = error as Error;
    throw fail("tar data must be whole and undamaged", message, error);
  }
  const files = new Map<string, Uint8Array>();
  for (const { path, type, content } of entries) {
    if (isOfMacOs(path)) continue;
    const name = path.startsWith(`${folder}/`)
      ? path.slice(folder.length + 1)
      : null;
    // The folder itself, and the one that it was packed in.
    if (type === "directory" && (name === "" || path === "")) continue;
    if (type !== "file" || name === null || !isFileName(name)) {
      throw fail(
        `it must hold nothing but files right in ${folder}/`,
        `the ${type} ${JSON.stringify(path)}`,
      );
    }
    if (files.has(name)) throw fail(`it must hold ${path} once`, "it twice");
    files.set(name, content);
  }
  return files;
}

function isOfMacOs(path: string): boolean {
  return /^__MACOSX\/|(^|\/)(\.DS_Store|\._[^/]*)$/.test(path);
}

/** Whether it is one name, and not one that would lead elsewhere. */
function isFileName(name: string): boolean {
  return /^[^/\p{Cc}]+$/u.test(name) && name !== "." && name !== "..";
}

async function readEntries(bytes: Uint8Array) {
  const archive = extract();
  archive.end(bytes);
  const entries = [];
  for await (const entry of archive) {
    const { name, type } = entry.header;
    const path = name.replace(/^(\.\/)+/, ""); // `tar -c ./folder`
    const chunks: Uint8Array[] = [];
    for await (const chunk of entry) chunks.push(chunk as Uint8Array);
    entries.push({ path, type, content: joinChunks(chunks) });
  }
  return entries;
}

/** Joins a file's pieces; a single piece is not copied. */
function joinChunks(chunks: readonly Uint8Array[]): Uint8Array {
  if (chunks.length === 1) return chunks[0]!;
  const joined = new Uint8Array(
    chunks.reduce((sum, { length }) => sum + length, 0),
  );
  let at = 0;
  for (const chunk of chunks) {
    joined.set(chunk, at);
    at += chunk.length;
  }
  return joined;
}
