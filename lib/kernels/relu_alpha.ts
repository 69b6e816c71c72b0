import * as tf from "@tensorflow/tfjs";
import type {
  GradConfig,
  NamedTensorInfoMap,
  TensorInfo,
} from "@tensorflow/tfjs-core";
import { type KernelContext, kernelContext } from "./kernel_context.ts";
import type { KernelTable } from "./register_kernels.ts";
import { sumPartials } from "./sum_partials.ts";

/** Elements a chunk: 128 KiB of each operand, so that a chunk's stay in L2. */
const CHUNK_SIZE = 32_768;

/**
 * ReLU_α(x) = ReLU(x) − (1 − α) ReLU(−x): x where x > 0, (1 − α) x elsewhere
 * (report 1, section 1). α = 1 is ReLU, 0 the identity, 2 the absolute value;
 * PReLU (He et al. 2015) with slope 1 − α. Differentiable in x and α:
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
 * import { reluAlpha, startBackend } from "alphalab";
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

/** y of ReLU_α on tensors that are known to fit; see `reluAlpha`. */
export function reluAlphaForward(
  context: KernelContext,
  x: TensorInfo,
  alpha: TensorInfo,
): TensorInfo {
  const { size, period, chunkSize, chunks } = geometry({ x, alpha });
  const y = context.output(x.shape);
  context.pool.run(
    "reluAlphaForwardF32",
    [
      ...[context.pointer(x), context.pointer(alpha), 0],
      ...[context.pointer(y), 0, size, period, chunkSize],
    ],
    chunks,
  );
  return y;
}

/** Kernels `ReluAlpha` (x, alpha → y) and `ReluAlphaGrad` (… dy → dx, dAlpha). */
export function reluAlphaKernels(context: KernelContext): KernelTable {
  return {
    ReluAlpha: ({ inputs }) =>
      reluAlphaForward(context, inputs.x!, inputs.alpha!),
    ReluAlphaGrad: ({ inputs }) => {
      const { x, alpha, size, period, chunkSize, chunks } = geometry(inputs);
      const dx = context.output(x.shape);
      const dAlpha = context.output(alpha.shape);
      const partials = context.scratch(chunks * period * 4);
      context.pool.run(
        "reluAlphaBackwardF32",
        [
          ...[context.pointer(x), context.pointer(alpha)],
          ...[context.pointer(inputs.dy!), context.pointer(dx)],
          ...[partials, size, period, chunkSize],
        ],
        chunks,
      );
      sumPartials(context, partials, context.pointer(dAlpha), chunks, period);
      return [dx, dAlpha];
    },
  };
}

/** How a call is cut into chunks: a function of the shapes alone. */
function geometry(inputs: NamedTensorInfoMap) {
  const x = inputs.x as TensorInfo;
  const alpha = inputs.alpha as TensorInfo;
  const size = tf.util.sizeFromShape(x.shape);
  const period = tf.util.sizeFromShape(alpha.shape);
  const rows = Math.max(1, Math.floor(CHUNK_SIZE / period));
  const chunkSize = rows * period;
  return {
    x,
    alpha,
    size,
    period,
    chunkSize,
    chunks: Math.ceil(size / chunkSize),
  };
}

/** dx and dα of `ReluAlpha`; both from one pass, so neither waits to be asked for. */
export const reluAlphaGradient: GradConfig = {
  kernelName: "ReluAlpha",
  inputsToSave: ["x", "alpha"],
  gradFunc: (dy, saved) => {
    const [x, alpha] = saved;
    const [dx, dAlpha] = tf.engine().runKernel("ReluAlphaGrad", {
      ...{ x: x!, alpha: alpha!, dy: dy as tf.Tensor },
    }) as tf.Tensor[];
    return { x: () => dx!, alpha: () => dAlpha! };
  },
};
