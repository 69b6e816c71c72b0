/**
 * Data sets of images, their splits and batches.
 *
 * @module
 */
export { type Batch, batches } from "./batches.ts";
export type {
  DatasetShape,
  ImageDataset,
  ImageSplit,
} from "./image_dataset.ts";
export {
  DATASET_NAMES,
  type DatasetName,
  loadDataset,
} from "./load_dataset.ts";
export {
  drawSubset,
  splitValidation,
  type ValidatedDataset,
} from "./splits.ts";
