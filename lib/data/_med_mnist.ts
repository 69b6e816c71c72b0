import { join } from "node:path";
import { createImageSplit, type DatasetParts } from "./image_dataset.ts";
import { recordRemarks, requireDatasetRecord } from "./dataset_record.ts";
import { readDataFile } from "./data_file.ts";
import { parseNpz } from "./read_npz.ts";

const height = 28;
const width = 28;

/** MedMNIST/MedMNIST, medmnist/info.py, "label". */
const CLASS_NAMES = {
  octmnist: [
    "choroidal neovascularization",
    "diabetic macular edema",
    "drusen",
    "normal",
  ],
  pneumoniamnist: ["normal", "pneumonia"],
} as const;

/** The data sets of MedMNIST that are known here. */
export type MedMnistName = keyof typeof CLASS_NAMES;

/**
 * Opens a data set of MedMNIST v2 (Yang et al. 2023, Scientific Data 10, 41),
 * gray, 28×28, from its NPZ file.
 *
 * @param name the data set's name, which is its file's too
 * @param directory where `deno task data NAME` has put it
 * @returns the data set; images are uint8 `[count, 28, 28, 1]`; its parts
 * reject where their arrays are missing or damaged
 * @throws {Error} when it is not there, or its file is missing, damaged or not
 * the one that was put there
 */
export async function openMedMnist(
  name: MedMnistName,
  directory: string,
): Promise<DatasetParts> {
  const file = `${name}.npz`;
  const path = join(directory, file);
  const record = requireDatasetRecord(directory, name, [file]);
  const { sha256 } = record[file]!;
  const bytes = await readDataFile(path, { sha256 });
  const classNames = CLASS_NAMES[name];
  const numClasses = classNames.length;
  const readSplit = async (prefix: string) => {
    const [images, labels] = [`${prefix}_images`, `${prefix}_labels`];
    const arrays = await parseNpz(bytes, [images, labels], path);
    return createImageSplit(arrays[images]!, arrays[labels]!, {
      name: `${prefix} of ${path}`,
      height,
      width,
      numClasses,
    });
  };
  return {
    name,
    height,
    width,
    channels: 1,
    numClasses,
    classNames,
    read: {
      train: () => readSplit("train"),
      validation: () => readSplit("val"),
      test: () => readSplit("test"),
    },
    sha256: { [file]: sha256 },
    remarks: recordRemarks(record),
  };
}
