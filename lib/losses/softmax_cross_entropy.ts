import type * as tf from "@tensorflow/tfjs";
import {
  cutRows,
  type KernelContext,
  type KernelTable,
} from "../wasm/kernel_context.ts";
import {
  checkLabels,
  perExampleLoss,
  perExampleLossGradient,
} from "./per_example_loss.ts";

/** Logits per chunk: about 100 µs of exponentials. */
const CHUNK_SIZE = 4_096;

/**
 * Softmax cross entropy of each example: −log softmax(logits)[label]
 * (Goodfellow et al. 2016, section 6.2.2.3), computed through the row's
 * maximum, so that large logits do not overflow. Its gradient,
 * softmax(logits) − oneHot(label), comes from the same pass.
 *
 * @param logits float32 `[batchSize, numClasses]`
 * @param labels int32 `[batchSize]`, class ids from 0 to numClasses − 1
 * @returns float32 `[batchSize]`: the loss of each example, not their mean
 * @throws TypeError if a dtype is another
 * @throws RangeError if the shapes disagree or a label is not a class
 * @throws Error if a tensor is disposed, or no backend runs
 *
 * @example
 * ```ts
 * import { startBackend } from "alphalab";
 * import { softmaxCrossEntropy } from "alphalab/losses";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const backend = await startBackend({ threads: 1 });
 * const logits = tf.tensor2d([[0, 0], [0, 100]]);
 * const loss = softmaxCrossEntropy(logits, tf.tensor1d([0, 1], "int32"));
 * console.log(loss.arraySync()); // [ 0.6931471824645996, 0 ]
 * backend.stop();
 * ```
 */
export function softmaxCrossEntropy(
  logits: tf.Tensor2D,
  labels: tf.Tensor1D,
): tf.Tensor1D {
  const name = "softmaxCrossEntropy";
  return perExampleLoss(name, "SoftmaxCrossEntropy", logits, labels);
}

/** Kernel `SoftmaxCrossEntropy`: (logits, labels) → (loss, dLogits). */
export function softmaxCrossEntropyKernels(
  context: KernelContext,
): KernelTable {
  return {
    SoftmaxCrossEntropy: ({ inputs }) => {
      const { logits, labels } = inputs as {
        logits: tf.Tensor;
        labels: tf.Tensor;
      };
      const [rows, classes] = logits.shape as [number, number];
      checkLabels(context, "softmaxCrossEntropy", labels, classes);
      const loss = context.output([rows]);
      const dLogits = context.output([rows, classes]);
      const { chunkRows, chunks } = cutRows(rows, classes, CHUNK_SIZE);
      context.pool.run("softmaxCrossEntropyF32", chunks, {
        logits: context.pointer(logits),
        labels: context.pointer(labels),
        loss: context.pointer(loss),
        dLogits: context.pointer(dLogits),
        rows,
        classes,
        chunkRows,
      });
      return [loss, dLogits];
    },
  };
}

/** The forward pass has left d loss / d logits. */
export const softmaxCrossEntropyGradient = perExampleLossGradient(
  "SoftmaxCrossEntropy",
);
