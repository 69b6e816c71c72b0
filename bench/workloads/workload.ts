import type * as tf from "@tensorflow/tfjs";
import type { ImageDataset } from "../../lib/data/image_dataset.ts";
import type { Net } from "../../lib/train/evaluate.ts";
import { fashionAlpha } from "./fashion_alpha.ts";

/** What a training step needs. */
export interface Workload {
  dataset: ImageDataset;
  batchSize: number;
  net: Net;
  optimizer: tf.Optimizer;
}

/** The workloads by the names of the command line. */
export const WORKLOADS = {
  "fashion-alpha": fashionAlpha,
} satisfies Record<string, () => Promise<Workload>>;
