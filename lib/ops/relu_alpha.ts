import * as tf from "@tensorflow/tfjs";
import type { GradConfig, TensorInfo } from "@tensorflow/tfjs-core";
import {
  type KernelContext,
  kernelContext,
  type KernelTable,
} from "../wasm/kernel_context.ts";
import { slopesBackward, slopesForward } from "./_run_slopes.ts";

/**
 * ReLU_α(x) = ReLU(x) − (1 − α) ReLU(−x): x where x > 0, (1 − α) x elsewhere
 * (Curaba and Olivetti 2023). α = 1 is ReLU, 0 the identity, 2 the absolute
 * value; PReLU (He et al. 2015) with slope 1 − α. Differentiable in x and α:
 * dx = dy where x > 0, (1 − α) dy elsewhere, and dα = Σ dy · ReLU(−x). At the
 * kink x = 0: y = 0, dx = (1 − α) dy, and dα takes nothing. NaN passes
 * through.
 *
 * @param x float32, any shape
 * @param alpha float32, a scalar or `[channels]` for x's last axis
 * @returns float32, x's shape
 * @throws TypeError if a dtype is not float32
 * @throws RangeError if alpha's shape fits neither
 * @throws Error if a tensor is disposed, or no backend runs
 *
 * @example
 * ```ts
 * import { startBackend } from "alphalab";
 * import { reluAlpha } from "alphalab/ops";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const backend = await startBackend({ threads: 1 });
 * const y = reluAlpha(tf.tensor1d([-2, 0, 3]), tf.scalar(0.75));
 * console.log(y.arraySync()); // [ -0.5, 0, 3 ]
 * backend.stop();
 * ```
 */
export function reluAlpha<T extends tf.Tensor>(
  x: T,
  alpha: tf.Scalar | tf.Tensor1D,
): T {
  kernelContext("compute reluAlpha");
  for (const [name, tensor] of [["x", x], ["alpha", alpha]] as const) {
    if (tensor.dtype !== "float32") {
      throw new TypeError(
        `Cannot compute reluAlpha: ${name} must be float32: got ${tensor.dtype}`,
      );
    }
    tensor.throwIfDisposed();
  }
  const channels = x.shape[x.rank - 1];
  if (alpha.rank > 1 || alpha.rank === 1 && alpha.shape[0] !== channels) {
    throw new RangeError(
      `Cannot compute reluAlpha: alpha must be a scalar or [${channels}]: got [${alpha.shape}]`,
    );
  }
  return tf.engine().runKernel("ReluAlpha", { x, alpha }) as T;
}

/**
 * Kernels `ReluAlpha`: (x, alpha) → y, and `ReluAlphaGrad`: (x, alpha, dy) →
 * dx, dAlpha.
 */
export function reluAlphaKernels(context: KernelContext): KernelTable {
  return {
    ReluAlpha: ({ inputs }) =>
      slopesForward(context, "reluAlphaForwardF32", inputs.x!, inputs.alpha!),
    ReluAlphaGrad: ({ inputs }) => {
      const { x, alpha, dy } = inputs as Record<string, TensorInfo>;
      return slopesBackward(context, "reluAlphaBackwardF32", {
        x: x!,
        slopes: alpha!,
        dy: dy!,
      });
    },
  };
}

/** dx and dα of `ReluAlpha`, both from one pass, whichever is asked for. */
export const reluAlphaGradient: GradConfig = {
  kernelName: "ReluAlpha",
  inputsToSave: ["x", "alpha"],
  gradFunc: (dy, saved) => {
    const [x, alpha] = saved;
    const [dx, dAlpha] = tf.engine().runKernel("ReluAlphaGrad", {
      x: x!,
      alpha: alpha!,
      dy: dy as tf.Tensor,
    }) as tf.Tensor[];
    return { x: () => dx!, alpha: () => dAlpha! };
  },
};
