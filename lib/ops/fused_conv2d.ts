import * as tf from "@tensorflow/tfjs";
import type { GradConfig, TensorInfo } from "@tensorflow/tfjs-core";
import { checkIntegers } from "../base/errors.ts";
import type { KernelContext, KernelTable } from "../wasm/kernel_context.ts";
import type { WindowAttrs } from "./_conv2d_info.ts";
import {
  type Activation,
  type ActivationAttrs,
  checkFused,
  forwardActivated,
  fusedGradient,
  type LinearOp,
  runFused,
} from "./bias_activation.ts";
import { conv2dForward } from "./conv2d.ts";

type Attrs = WindowAttrs & ActivationAttrs;

/**
 * y = f(x ⋆ filter + bias), one pass forward, and backward one for f and bias
 * before those of the convolution. Differentiable in all of its tensors, which
 * TF.js's own fused convolution is not.
 *
 * 3×3 filters with stride 1 go through Winograd's F(4×4, 3×3) where both
 * numbers of channels are multiples of 8 from 16 on (Lavin and Gray 2016, arXiv
 * 1509.09308). An ∞ or NaN in x reaches the outputs alone that have it in their
 * window; a number that is huge beside the others takes digits from the outputs
 * of its tile of 6×6 inputs. What is not finite in a channel of x or dy makes
 * NaN of this channel's numbers in the filter's gradient.
 *
 * @param x float32 `[batch, height, width, inChannels]`
 * @param filter float32 `[filterHeight, filterWidth, inChannels, outChannels]`
 * @param bias float32 `[outChannels]`
 * @param options.pad zeros on each side; 0 by default
 * @param options.stride 1 by default
 * @param options.activation f; linear by default
 * @returns float32 `[batch, outHeight, outWidth, outChannels]`
 * @throws TypeError if a dtype is not float32
 * @throws RangeError if a shape does not fit, or pad or stride is out of range
 * @throws Error if a tensor is disposed, or no backend runs
 *
 * @example
 * ```ts
 * import { startBackend } from "alphalab";
 * import { fusedConv2d } from "alphalab/ops";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const backend = await startBackend({ threads: 1 });
 * const x = tf.tensor4d([1, -2], [1, 1, 2, 1]);
 * const y = fusedConv2d(x, tf.ones([1, 1, 1, 1]), tf.tensor1d([0.5]), {
 *   activation: { kind: "relu" },
 * });
 * console.log(y.dataSync()); // Float32Array [ 1.5, 0 ]
 * backend.stop();
 * ```
 */
export function fusedConv2d(
  x: tf.Tensor4D,
  filter: tf.Tensor4D,
  bias: tf.Tensor1D,
  options: { pad?: number; stride?: number; activation?: Activation } = {},
): tf.Tensor4D {
  const { pad = 0, stride = 1, activation = { kind: "linear" } } = options;
  checkFused("fusedConv2d", [
    ["filter", filter, [-1, -1, -1, -1]],
    ["x", x, [-1, -1, -1, filter.shape[2]]],
    ["bias", bias, [filter.shape[3]]],
  ], activation);
  checkIntegers("compute fusedConv2d", { pad }, 0);
  checkIntegers("compute fusedConv2d", { stride }, 1);
  const [height, width] = x.shape.slice(1).map((size) => size + 2 * pad);
  if (filter.shape[0] > height! || filter.shape[1] > width!) {
    throw new RangeError(
      `Cannot compute fusedConv2d: filter must fit the padded image of [${height},${width}]: got [${filter.shape}]`,
    );
  }
  return runFused("Conv2DBias", { x, filter, bias }, activation, {
    strides: stride,
    pad,
    dataFormat: "NHWC",
    dilations: 1,
  }) as tf.Tensor4D;
}

/**
 * Kernels `Conv2DBiasActivation`: (x, filter, bias) → y, and
 * `Conv2DBiasReluAlpha`: (x, filter, bias, alpha) → y, z?.
 */
export function fusedConv2dKernels(context: KernelContext): KernelTable {
  const forward: KernelTable[string] = ({ inputs, attrs }) => {
    const { x, filter, bias, alpha } = inputs as Record<string, TensorInfo>;
    const fused = attrs as unknown as Attrs;
    return forwardActivated(
      context,
      { bias: bias!, alpha },
      fused,
      ({ slope, ...epilogue }) =>
        conv2dForward(context, x!, filter!, fused, {
          ...epilogue,
          slopeConstant: slope,
          slopeFactor: 0,
        }),
    );
  };
  return { Conv2DBiasActivation: forward, Conv2DBiasReluAlpha: forward };
}

const CONVOLUTION: LinearOp = {
  operands: ["x", "filter"],
  grads: (dz, [x, filter], { activation: _, dilations: __, ...attrs }) => [
    () =>
      tf.engine().runKernel(
        "Conv2DBackpropInput",
        { dy: dz, filter },
        { ...attrs, inputShape: x.shape },
      ) as tf.Tensor,
    () =>
      tf.engine().runKernel(
        "Conv2DBackpropFilter",
        { x, dy: dz },
        { ...attrs, filterShape: filter.shape },
      ) as tf.Tensor,
  ],
};

/** All gradients of the two kernels. */
export const fusedConv2dGradients: GradConfig[] = [
  fusedGradient("Conv2DBiasActivation", CONVOLUTION, { hasAlpha: false }),
  fusedGradient("Conv2DBiasReluAlpha", CONVOLUTION, { hasAlpha: true }),
];
