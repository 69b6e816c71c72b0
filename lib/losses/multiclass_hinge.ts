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

/** Logits per chunk: some 30 µs. */
const CHUNK_SIZE = 16_384;

/** How `multiclassHinge` is computed. */
export interface MulticlassHingeOptions {
  /**
   * By how much the label's logit must be the largest, at least 0. Defaults to
   * 1.
   */
  margin?: number;
  /** Over the other classes: their sum, the default, or the largest alone. */
  reduction?: "sum" | "max";
}

/**
 * Multi-class hinge loss of each example: Σ max(0, margin + sⱼ − s_label) over
 * j ≠ label (Weston and Watkins 1999) or, with `reduction: "max"`, the largest
 * of these (Crammer and Singer 2001). The gradient comes from the same pass: 1
 * at each class that counts, minus their number at the label; at the kink
 * margin + sⱼ = s_label a class does not count, and of equal largest ones the
 * first does. NaN passes through.
 *
 * @param logits float32 `[batchSize, numClasses]`
 * @param labels int32 `[batchSize]`, class ids from 0 to numClasses − 1
 * @param options the margin, and whether a sum is taken or the largest
 * @returns float32 `[batchSize]`: the loss of each example, not their mean
 * @throws TypeError if a dtype is another
 * @throws RangeError if the shapes disagree, a label is not a class or the
 * margin or the reduction is none
 * @throws Error if a tensor is disposed, or no backend runs
 *
 * @example
 * ```ts
 * import { startBackend } from "alphalab";
 * import { multiclassHinge } from "alphalab/losses";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const backend = await startBackend({ threads: 1 });
 * const logits = tf.tensor2d([[1, 0.5, 2], [3, 0, 0]]);
 * const labels = tf.tensor1d([0, 0], "int32");
 * console.log(multiclassHinge(logits, labels).arraySync()); // [ 2.5, 0 ]
 * backend.stop();
 * ```
 */
export function multiclassHinge(
  logits: tf.Tensor2D,
  labels: tf.Tensor1D,
  options: MulticlassHingeOptions = {},
): tf.Tensor1D {
  const { margin = 1, reduction = "sum" } = options;
  if (!(margin >= 0 && Number.isFinite(margin))) {
    throw new RangeError(
      `Cannot compute multiclassHinge: margin must be at least 0 and finite: got ${margin}`,
    );
  }
  if (reduction !== "sum" && reduction !== "max") {
    throw new RangeError(
      `Cannot compute multiclassHinge: reduction must be sum or max: got ${reduction}`,
    );
  }
  return perExampleLoss("multiclassHinge", "MulticlassHinge", logits, labels, {
    margin,
    reduction,
  });
}

/** Kernel `MulticlassHinge`: (logits, labels) → (loss, dLogits). */
export function multiclassHingeKernels(context: KernelContext): KernelTable {
  return {
    MulticlassHinge: ({ inputs, attrs }) => {
      const { logits, labels } = inputs as Record<string, tf.TensorInfo>;
      const { margin, reduction } = attrs as unknown as Required<
        MulticlassHingeOptions
      >;
      const [rows, classes] = logits!.shape as [number, number];
      checkLabels(context, "multiclassHinge", labels!, classes);
      const loss = context.output([rows]);
      const dLogits = context.output([rows, classes]);
      const { chunkRows, chunks } = cutRows(rows, classes, CHUNK_SIZE);
      context.pool.run("multiclassHingeF32", chunks, {
        logits: context.pointer(logits!),
        labels: context.pointer(labels!),
        loss: context.pointer(loss),
        dLogits: context.pointer(dLogits),
        rows,
        classes,
        chunkRows,
        largestOnly: reduction === "max" ? 1 : 0,
        margin,
      });
      return [loss, dLogits];
    },
  };
}

/** The forward pass has left d loss / d logits. */
export const multiclassHingeGradient = perExampleLossGradient(
  "MulticlassHinge",
);
