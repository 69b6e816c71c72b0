import { recordRemarks, requireDatasetRecord } from "./dataset_record.ts";
import type { ImageDataset } from "./image_dataset.ts";
import { IDX_FILES, type IdxFile, loadIdxDataset } from "./load_idx_dataset.ts";

const name = "mnist";

/**
 * Loads MNIST (LeCun, Cortes, Burges; yann.lecun.com/exdb/mnist): 60,000
 * training and 10,000 test images of handwritten digits, 28×28, gray.
 *
 * @param directory where `deno task data mnist` has put it
 * @returns the data set; images are uint8 `[count, 28, 28, 1]`
 * @throws {Error} when it is not there, or a file is missing, damaged or not
 * the one that was put there
 */
export async function loadMnist(directory: string): Promise<ImageDataset> {
  const files = IDX_FILES.map((file) => `${file}.gz` as const);
  const record = requireDatasetRecord(directory, name, files);
  const sha256 = Object.fromEntries(
    IDX_FILES.map((file) => [file, record[`${file}.gz`].sha256]),
  ) as Record<IdxFile, string>;
  return await loadIdxDataset(directory, {
    name,
    classNames: Array.from("0123456789"),
    sha256,
    remarks: recordRemarks(record),
  });
}
