import * as tf from "@tensorflow/tfjs";
import type { GradConfig } from "@tensorflow/tfjs-core";
import { type KernelContext, kernelContext } from "./kernel_context.ts";
import type { KernelTable } from "./register_kernels.ts";

/** Logits a chunk: about 100 µs of exponentials. */
const CHUNK_SIZE = 4_096;

/**
 * Softmax cross entropy of each example: −log softmax(logits)[label]
 * (report 1, section 4; Goodfellow et al. 2016, section 6.2.2.3), computed
 * through the row's maximum, so that large logits do not overflow. Its
 * gradient, softmax(logits) − oneHot(label), comes from the same pass.
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
 * import { softmaxCrossEntropy, startBackend } from "alphalab";
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
  kernelContext("compute softmaxCrossEntropy");
  const fail = (what: string) => `Cannot compute softmaxCrossEntropy: ${what}`;
  if (logits.dtype !== "float32" || labels.dtype !== "int32") {
    throw new TypeError(
      fail(
        `logits must be float32 and labels int32: got ${logits.dtype} and ${labels.dtype}`,
      ),
    );
  }
  if (
    logits.rank !== 2 || labels.rank !== 1 ||
    logits.shape[0] !== labels.shape[0]
  ) {
    throw new RangeError(
      fail(
        `logits must be [batchSize, numClasses] and labels [batchSize]: got [${logits.shape}] and [${labels.shape}]`,
      ),
    );
  }
  logits.throwIfDisposed();
  labels.throwIfDisposed();
  const [loss, dLogits] = tf.engine().runKernel("SoftmaxCrossEntropy", {
    logits,
    labels,
  }) as tf.Tensor[];
  dLogits!.dispose(); // a gradient tape has its own hold on it
  return loss as tf.Tensor1D;
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
      checkLabels(context, labels, classes);
      const loss = context.output([rows]);
      const dLogits = context.output([rows, classes]);
      const chunkRows = Math.max(1, Math.floor(CHUNK_SIZE / classes));
      context.pool.run(
        "softmaxCrossEntropyF32",
        [
          ...[context.pointer(logits), context.pointer(labels)],
          ...[context.pointer(loss), context.pointer(dLogits)],
          ...[rows, classes, chunkRows],
        ],
        Math.ceil(rows / chunkRows),
      );
      return [loss, dLogits];
    },
  };
}

/** A label outside its row would make the kernel read elsewhere in the heap. */
function checkLabels(
  context: KernelContext,
  labels: tf.TensorInfo,
  classes: number,
) {
  const at = context.pointer(labels);
  const ids = new Int32Array(context.memory.buffer, at, labels.shape[0]);
  for (const id of ids) {
    if (id < 0 || id >= classes) {
      throw new RangeError(
        `Cannot compute softmaxCrossEntropy: labels must be from 0 to ${
          classes - 1
        }: got ${id}`,
      );
    }
  }
}

/** The forward pass has left d loss / d logits; dy scales its rows. */
export const softmaxCrossEntropyGradient: GradConfig = {
  kernelName: "SoftmaxCrossEntropy",
  outputsToSave: [false, true],
  gradFunc: (dy, saved) => {
    const [dLoss] = dy as tf.Tensor[];
    return {
      logits: () => tf.mul(saved[0]!, tf.expandDims(dLoss!, 1)),
      labels: () => tf.zerosLike(dLoss!),
    };
  },
};
