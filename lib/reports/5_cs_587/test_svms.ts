import * as tf from "@tensorflow/tfjs";
import type { ImageDataset } from "../../data/image_dataset.ts";
import {
  confusionAccuracy,
  confusionMatrix,
} from "../../reporting/confusion_matrix.ts";
import { predict } from "../../train/evaluate.ts";
import { createSvmNet } from "./svm_net.ts";
import type { SvmResult } from "./train_svms.ts";

/** Confusion matrices, a row a class of the test images, by classifier. */
export type SvmTests = ReadonlyMap<SvmResult, readonly (readonly number[])[]>;

/** Images at once: some 10 MB of tensors. */
const BATCH = 500;

/**
 * Tests classifiers on the test images, each once.
 *
 * @param results may hold a classifier twice; those that diverged are left out
 * @param dataset whose test images are taken
 * @param mean of the training images, float32 `[pixels]`
 * @returns the confusion matrix of each
 */
export function testSvms(
  results: readonly SvmResult[],
  dataset: ImageDataset,
  mean: Float32Array,
): SvmTests {
  const tests = new Map<SvmResult, number[][]>();
  const { test, numClasses } = dataset;
  for (const result of new Set(results)) {
    if (result.parameters === null) continue;
    const net = createSvmNet(result.plan, mean, result.parameters);
    const predicted = predict(net, test, dataset, { batchSize: BATCH })
      .map(({ label }) => label);
    net.optimizer.dispose();
    tf.dispose([...net.variables]);
    tests.set(result, confusionMatrix(test.labels, predicted, numClasses));
  }
  return tests;
}

/**
 * The accuracy of a classifier on the test images.
 *
 * @returns 0 to 1; null where it was not tested, or diverged
 */
export function testAccuracy(
  tests: SvmTests,
  result: SvmResult,
): number | null {
  const counts = tests.get(result);
  return counts ? confusionAccuracy(counts) : null;
}
