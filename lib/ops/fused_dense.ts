import * as tf from "@tensorflow/tfjs";
import type { GradConfig, TensorInfo } from "@tensorflow/tfjs-core";
import {
  type Activation,
  type ActivationAttrs,
  checkFused,
  forwardActivated,
  fusedGradient,
  type LinearOp,
  runFused,
} from "./bias_activation.ts";
import type { KernelContext, KernelTable } from "../wasm/kernel_context.ts";
import { LINEAR, MAT_MUL_LEAKY_RELU, RELU } from "../wasm/kernel_params.ts";
import { matMul } from "./mat_mul.ts";

/**
 * y = f(x · weights + bias), one pass forward, and backward one for f and bias
 * before those of the product. Differentiable in all of its tensors, which
 * TF.js's own fused matMul is not.
 *
 * @param x float32 `[batch, inFeatures]`
 * @param weights float32 `[inFeatures, outFeatures]`
 * @param bias float32 `[outFeatures]`
 * @param options.activation f; linear by default
 * @returns float32 `[batch, outFeatures]`
 * @throws TypeError if a dtype is not float32
 * @throws RangeError if a shape does not fit
 * @throws Error if a tensor is disposed, or no backend runs
 *
 * @example
 * ```ts
 * import { startBackend } from "alphalab";
 * import { fusedDense } from "alphalab/ops";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const backend = await startBackend({ threads: 1 });
 * const y = fusedDense(
 *   tf.tensor2d([[1, 2]]),
 *   tf.tensor2d([[1, -1], [1, -1]]),
 *   tf.tensor1d([0.5, 0]),
 *   { activation: { kind: "relu" } },
 * );
 * console.log(y.arraySync()); // [ [ 3.5, 0 ] ]
 * backend.stop();
 * ```
 */
export function fusedDense(
  x: tf.Tensor2D,
  weights: tf.Tensor2D,
  bias: tf.Tensor1D,
  options: { activation?: Activation } = {},
): tf.Tensor2D {
  const { activation = { kind: "linear" } } = options;
  checkFused("fusedDense", [
    ["weights", weights, [-1, -1]],
    ["x", x, [-1, weights.shape[0]]],
    ["bias", bias, [weights.shape[1]]],
  ], activation);
  return runFused(
    "MatMulBias",
    { x, weights, bias },
    activation,
  ) as tf.Tensor2D;
}

/**
 * Kernels `MatMulBiasActivation`: (x, weights, bias) → y, and
 * `MatMulBiasReluAlpha`: (x, weights, bias, alpha) → y, z?.
 */
export function fusedDenseKernels(context: KernelContext): KernelTable {
  const forward: KernelTable[string] = ({ inputs, attrs }) => {
    const { x, weights, bias, alpha } = inputs as Record<string, TensorInfo>;
    return forwardActivated(
      context,
      { bias: bias!, alpha },
      attrs as unknown as ActivationAttrs,
      ({ bias, activation, slope }) =>
        matMul(context, x!, weights!, {}, {
          bias,
          activation: FINISH[activation],
          leakyAlpha: slope,
        }),
    );
  };
  return { MatMulBiasActivation: forward, MatMulBiasReluAlpha: forward };
}

/** Activations by their numbers in kernels/mat_mul_finish.ts. */
const FINISH = { linear: LINEAR, relu: RELU, slope: MAT_MUL_LEAKY_RELU };

const PRODUCT: LinearOp = {
  operands: ["x", "weights"],
  grads: (dz, [x, weights]) => [
    () => tf.matMul(dz, weights, false, true),
    () => tf.matMul(x, dz, true, false),
  ],
};

/** All gradients of the two kernels. */
export const fusedDenseGradients: GradConfig[] = [
  fusedGradient("MatMulBiasActivation", PRODUCT, { hasAlpha: false }),
  fusedGradient("MatMulBiasReluAlpha", PRODUCT, { hasAlpha: true }),
];
