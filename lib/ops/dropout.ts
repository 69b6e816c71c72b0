import * as tf from "@tensorflow/tfjs";
import type { GradConfig, TensorInfo } from "@tensorflow/tfjs-core";
import {
  type KernelContext,
  kernelContext,
  type KernelTable,
} from "../wasm/kernel_context.ts";

/** Elements per chunk: some 20 µs of hashes. */
const CHUNK_SIZE = 16_384;

/** Attributes of kernel `Dropout`. */
interface Attrs {
  rate: number;
  key: number;
}

/**
 * Inverted dropout (Srivastava et al. 2014, as PyTorch has it): each element is
 * 0 with probability `rate`, x / (1 − rate) otherwise, so that the expectation
 * is x and nothing is to be done at test time. Which elements stay is a hash of
 * the key and their index.
 *
 * @param x float32, any shape
 * @param rate probability of 0, in [0, 1)
 * @param key integer from 0 to 2³² − 1; draw one per call from the run's
 * generator
 * @returns float32, x's shape
 * @throws TypeError if x is not float32
 * @throws RangeError if rate or key is out of its range
 * @throws Error if x is disposed, or no backend runs
 *
 * @example
 * ```ts
 * import { startBackend } from "alphalab";
 * import { dropout } from "alphalab/ops";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const backend = await startBackend({ threads: 1 });
 * console.log(dropout(tf.ones([6]), 0.5, 7).dataSync()); // zeros and twos
 * backend.stop();
 * ```
 */
export function dropout<T extends tf.Tensor>(
  x: T,
  rate: number,
  key: number,
): T {
  kernelContext("compute dropout");
  const fail = (what: string) => `Cannot compute dropout: ${what}`;
  if (x.dtype !== "float32") {
    throw new TypeError(fail(`x must be float32: got ${x.dtype}`));
  }
  if (!(rate >= 0 && rate < 1)) {
    throw new RangeError(fail(`rate must be in [0, 1): got ${rate}`));
  }
  if (!Number.isInteger(key) || key < 0 || key >= 2 ** 32) {
    throw new RangeError(
      fail(`key must be an integer from 0 to 4294967295: got ${key}`),
    );
  }
  x.throwIfDisposed();
  return tf.engine().runKernel("Dropout", { x }, { rate, key }) as T;
}

/** Kernel `Dropout`: x → y. */
export function dropoutKernels(context: KernelContext): KernelTable {
  return {
    Dropout: ({ inputs, attrs }) => {
      const x = inputs.x as TensorInfo;
      const { rate, key } = attrs as unknown as Attrs;
      const out = context.output(x.shape);
      const size = tf.util.sizeFromShape(x.shape);
      context.pool.run("dropoutF32", Math.ceil(size / CHUNK_SIZE), {
        x: context.pointer(x),
        out: context.pointer(out),
        size,
        chunkSize: CHUNK_SIZE,
        key,
        threshold: Math.min(2 ** 32 - 1, Math.round(rate * 2 ** 32)),
        scale: 1 / (1 - rate),
      });
      return out;
    },
  };
}

/** dx is dy under the same mask. */
export const dropoutGradient: GradConfig = {
  kernelName: "Dropout",
  gradFunc: (dy, _saved, attrs) => ({
    x: () =>
      tf.engine().runKernel(
        "Dropout",
        { x: dy as tf.Tensor },
        attrs,
      ) as tf.Tensor,
  }),
};
