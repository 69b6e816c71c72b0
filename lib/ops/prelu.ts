import * as tf from "@tensorflow/tfjs";
import {
  getGradient,
  type GradConfig,
  type TensorInfo,
} from "@tensorflow/tfjs-core";
import type { KernelContext, KernelTable } from "../wasm/kernel_context.ts";
import { slopesBackward, slopesForward } from "./_run_slopes.ts";
import { stockKernel } from "./_stock_kernels.ts";
import { broadcasts } from "./_tensors.ts";

/** TF.js's own, composed of other operations, for its other backends. */
const STOCK_GRADIENT = getGradient("Prelu");

/**
 * Kernels `Prelu` (x, alpha → y) and `PreluGrad` (… dy → dx, dAlpha): alpha · x
 * where x < 0, x elsewhere (He et al. 2015, equation 1), with an alpha that
 * broadcasts to x in any way; TF.js's own for WASM repeats alpha from its first
 * element on whatever its shape is. x and alpha of int32 or bool are taken as
 * float32, as on TF.js's cpu backend; unlike there, alpha may not be larger
 * than x. At x = 0, dx is alpha · dy and dAlpha takes nothing.
 *
 * @throws RangeError if alpha does not broadcast to x's shape
 */
export function preluKernels(context: KernelContext): KernelTable {
  return {
    Prelu: ({ inputs, backend }) => {
      const { x, alpha } = inputs as Record<string, TensorInfo>;
      return withFloats(context, backend, [x!, alpha!], ([x, alpha]) => {
        if (!broadcasts(alpha!.shape, x!.shape)) {
          throw new RangeError(
            `Cannot compute prelu: alpha must broadcast to x, [${
              x!.shape
            }]: got [${alpha!.shape}]`,
          );
        }
        return slopesForward(context, "preluForwardF32", x!, alpha!);
      });
    },
    PreluGrad: ({ inputs, backend }) => {
      const { x, alpha, dy } = inputs as Record<string, TensorInfo>;
      return withFloats(
        context,
        backend,
        [x!, alpha!],
        ([x, alpha]) =>
          slopesBackward(context, "preluBackwardF32", {
            x: x!,
            slopes: alpha!,
            dy: dy!,
          }),
      );
    },
  };
}

/** Calls `run` with tensors as float32, and gives up what it had to make. */
function withFloats<T>(
  context: KernelContext,
  backend: object,
  tensors: readonly TensorInfo[],
  run: (tensors: readonly TensorInfo[]) => T,
): T {
  const cast = (x: TensorInfo) =>
    stockKernel("Cast")({
      inputs: { x },
      backend,
      attrs: { dtype: "float32" },
    }) as TensorInfo;
  using made = new DisposableStack();
  return run(
    tensors.map((tensor) =>
      tensor.dtype === "float32"
        ? tensor
        : made.adopt(cast(tensor), (float) => context.dispose(float))
    ),
  );
}

/** dx and dAlpha of `Prelu`, both from one pass. */
export const preluGradient: GradConfig = {
  kernelName: "Prelu",
  inputsToSave: ["x", "alpha"],
  gradFunc: (dy, saved, attrs) => {
    if (tf.getBackend() !== "wasm") {
      return STOCK_GRADIENT!.gradFunc(dy, saved, attrs);
    }
    const [x, alpha] = saved;
    const [dx, dAlpha] = tf.engine().runKernel("PreluGrad", {
      x: x!,
      alpha: alpha!,
      dy: dy as tf.Tensor,
    }) as tf.Tensor[];
    return { x: () => dx!, alpha: () => dAlpha! };
  },
};
