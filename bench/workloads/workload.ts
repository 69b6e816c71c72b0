import type * as tf from "@tensorflow/tfjs";
import type { ImageDataset } from "../../lib/data/image_dataset.ts";
import type { Random } from "../../lib/base/random.ts";
import type { Net } from "../../lib/train/evaluate.ts";

/** What a training step needs. */
export interface Workload {
  dataset: ImageDataset;
  batchSize: number;
  net: Net;
  optimizer: tf.Optimizer;
  /** Called after each update. */
  afterUpdate?(): void;
}

/** Makes a workload; its net draws from the run's generator. */
export type CreateWorkload = (random: Random) => Promise<Workload>;
