import * as tf from "@tensorflow/tfjs";
import type { GradConfig, TensorInfo } from "@tensorflow/tfjs-core";
import {
  type KernelContext,
  kernelContext,
  type KernelTable,
} from "../wasm/kernel_context.ts";

/**
 * The mean of a batch's losses, Σ lossᵢ / batchSize, added in float64: what
 * `tf.mean` computes, in two kernel calls with its gradient where that takes
 * six, a tenth of a small net's step.
 *
 * @param perExampleLoss float32 `[batchSize]`, batchSize at least 1
 * @returns float32 scalar
 * @throws TypeError if it is not float32
 * @throws RangeError if it is not `[batchSize]`
 *
 * @example
 * ```ts
 * import { startBackend } from "alphalab";
 * import { meanLoss } from "alphalab/losses";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const backend = await startBackend({ threads: 1 });
 * console.log(meanLoss(tf.tensor1d([1, 2, 6])).dataSync()[0]); // 3
 * backend.stop();
 * ```
 */
export function meanLoss(perExampleLoss: tf.Tensor1D): tf.Scalar {
  const { dtype, shape, rank } = perExampleLoss;
  kernelContext("compute meanLoss");
  if (dtype !== "float32") {
    throw new TypeError(
      `Cannot compute meanLoss: perExampleLoss must be float32: got ${dtype}`,
    );
  }
  if (rank !== 1 || shape[0] === 0) {
    throw new RangeError(
      `Cannot compute meanLoss: perExampleLoss must be [batchSize], not empty: got [${shape}]`,
    );
  }
  perExampleLoss.throwIfDisposed();
  return tf.engine().runKernel("MeanLoss", { perExampleLoss }) as tf.Scalar;
}

/** Kernels `MeanLoss` and `MeanLossGrad`; too small for anything but a loop. */
export function meanLossKernels(context: KernelContext): KernelTable {
  return {
    MeanLoss: ({ inputs }) => {
      const losses = inputs.perExampleLoss as TensorInfo;
      const [batchSize] = losses.shape as [number];
      let sum = 0;
      for (const loss of context.view(losses)) sum += loss;
      const mean = context.output([]);
      context.view(mean)[0] = sum / batchSize;
      return mean;
    },
    MeanLossGrad: ({ inputs, attrs }) => {
      const { batchSize } = attrs as unknown as { batchSize: number };
      const dx = context.output([batchSize]);
      const [dy] = context.view(inputs.dy as TensorInfo);
      context.view(dx).fill(dy! / batchSize);
      return dx;
    },
  };
}

/** Of the mean: the same part of dy for each example. */
export const meanLossGradient: GradConfig = {
  kernelName: "MeanLoss",
  inputsToSave: ["perExampleLoss"],
  gradFunc: (dy, saved) => ({
    perExampleLoss: () =>
      tf.engine().runKernel("MeanLossGrad", { dy: dy as tf.Tensor }, {
        batchSize: saved[0]!.shape[0]!,
      }) as tf.Tensor,
  }),
};
