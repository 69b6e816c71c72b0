import * as tf from "@tensorflow/tfjs";
import type { GradConfig, TensorInfo } from "@tensorflow/tfjs-core";
import {
  type KernelContext,
  kernelContext,
  type KernelTable,
} from "../wasm/kernel_context.ts";

/**
 * Runs a loss of logits `[batchSize, numClasses]` and labels `[batchSize]`,
 * whose kernel is (logits, labels) → (loss, d loss / d logits).
 *
 * @returns float32 `[batchSize]`
 * @throws TypeError if logits are not float32 or labels not int32
 * @throws RangeError if the shapes disagree
 * @throws Error if a tensor is disposed, or no backend runs
 */
export function perExampleLoss(
  name: string,
  kernelName: string,
  logits: tf.Tensor2D,
  labels: tf.Tensor1D,
  attrs?: tf.NamedAttrMap,
): tf.Tensor1D {
  kernelContext(`compute ${name}`);
  if (logits.dtype !== "float32" || labels.dtype !== "int32") {
    throw new TypeError(
      `Cannot compute ${name}: logits must be float32 and labels int32: got ${logits.dtype} and ${labels.dtype}`,
    );
  }
  if (
    logits.rank !== 2 || labels.rank !== 1 ||
    logits.shape[0] !== labels.shape[0]
  ) {
    throw new RangeError(
      `Cannot compute ${name}: logits must be [batchSize, numClasses] and labels [batchSize]: got [${logits.shape}] and [${labels.shape}]`,
    );
  }
  logits.throwIfDisposed();
  labels.throwIfDisposed();
  const [loss, dLogits] = tf.engine().runKernel(
    kernelName,
    { logits, labels },
    attrs,
  ) as tf.Tensor[];
  dLogits!.dispose(); // a gradient tape has its own hold on it
  return loss as tf.Tensor1D;
}

/**
 * A label outside its row would make the kernel read elsewhere in the heap.
 *
 * @throws RangeError if a label is not from 0 to numClasses − 1
 */
export function checkLabels(
  context: KernelContext,
  name: string,
  labels: TensorInfo,
  numClasses: number,
) {
  const at = context.pointer(labels);
  const ids = new Int32Array(context.memory.buffer, at, labels.shape[0]);
  for (const id of ids) {
    if (id < 0 || id >= numClasses) {
      throw new RangeError(
        `Cannot compute ${name}: labels must be from 0 to ${
          numClasses - 1
        }: got ${id}`,
      );
    }
  }
}

/** Of such a kernel, which has left d loss / d logits; dy scales its rows. */
export function perExampleLossGradient(kernelName: string): GradConfig {
  return {
    kernelName,
    outputsToSave: [false, true],
    gradFunc: (dy, saved) => {
      const [dLoss] = dy as tf.Tensor[];
      return {
        logits: () =>
          tf.engine().runKernel("ScaleRows", {
            x: saved[0]!,
            scales: dLoss!,
          }) as tf.Tensor,
        labels: () => tf.zerosLike(dLoss!),
      };
    },
  };
}

/**
 * Kernel `ScaleRows`: (x `[rows, columns]`, scales `[rows]`) → x with each row
 * times its scale. A batch of logits is too small for more than a loop.
 */
export function scaleRowsKernels(context: KernelContext): KernelTable {
  return {
    ScaleRows: ({ inputs }) => {
      const { x, scales } = inputs as Record<string, TensorInfo>;
      const [rows, columns] = x!.shape as [number, number];
      const out = context.output(x!.shape);
      const from = context.view(x!);
      const to = context.view(out);
      const factors = context.view(scales!);
      for (let row = 0, i = 0; row < rows; row++) {
        const factor = factors[row]!;
        for (const end = i + columns; i < end; i++) to[i] = from[i]! * factor;
      }
      return out;
    },
  };
}
