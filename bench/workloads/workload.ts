import type { ImageDataset } from "../../lib/data/image_dataset.ts";
import type { Random } from "../../lib/base/random.ts";
import type { Classifier } from "../../lib/models/classifier.ts";

/** What a training step needs. */
export interface Workload {
  dataset: ImageDataset;
  batchSize: number;
  net: Classifier;
}

/** Makes a workload; its net draws from the run's generator. */
export type CreateWorkload = (random: Random) => Promise<Workload>;
