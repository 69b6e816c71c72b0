import * as tf from "@tensorflow/tfjs";
import type { GradConfig, TensorInfo } from "@tensorflow/tfjs-core";
import {
  type KernelContext,
  kernelContext,
  type KernelTable,
} from "../wasm/kernel_context.ts";
import { batchNormPasses } from "./_batch_norm_passes.ts";
import { checkOperand } from "./_tensors.ts";

/** PyTorch 1.13's default, documentation of `torch.nn.BatchNorm2d`. */
export const BATCH_NORM_EPSILON = 1e-5;

/**
 * Batch normalization of the last axis by the batch's own statistics:
 * y = scale · (x − mean) / √(variance + ε) + offset, with mean and variance
 * (divided by n) of a channel's n values over all other axes (Ioffe and
 * Szegedy 2015, arXiv 1502.03167, algorithm 1). Differentiable in x, scale and
 * offset, mean and variance being functions of x there; through the two that
 * are returned no gradient flows. Deviations are taken from a mean of some
 * hundred neighbours, and those means put together in float64: a mean far above
 * the deviation costs no digits.
 *
 * @param x float32 `[batch, …, channels]`, not empty
 * @param scale float32 `[channels]`; γ of the paper
 * @param offset float32 `[channels]`; β of the paper
 * @param options.epsilon ε, above 0; 1e-5 by default
 * @returns y: float32, x's shape; mean and variance: float32 `[channels]`
 * @throws TypeError if a dtype is not float32
 * @throws RangeError if a shape does not fit, or epsilon is not above 0
 * @throws Error if a tensor is disposed, or no backend runs
 *
 * @example
 * ```ts
 * import { startBackend } from "alphalab";
 * import { fusedBatchNorm } from "alphalab/ops";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const backend = await startBackend({ threads: 1 });
 * const x = tf.tensor2d([[1], [3]]);
 * const { y, mean } = fusedBatchNorm(x, tf.tensor1d([2]), tf.tensor1d([5]));
 * console.log(mean.dataSync()); // Float32Array [ 2 ]
 * console.log(y.dataSync()); // 5 ± 2, but for ε
 * backend.stop();
 * ```
 */
export function fusedBatchNorm<T extends tf.Tensor>(
  x: T,
  scale: tf.Tensor1D,
  offset: tf.Tensor1D,
  options: { epsilon?: number } = {},
): { y: T; mean: tf.Tensor1D; variance: tf.Tensor1D } {
  const { epsilon = BATCH_NORM_EPSILON } = options;
  kernelContext("compute fusedBatchNorm");
  if (x.rank < 2 || x.size === 0) {
    throw new RangeError(
      `Cannot compute fusedBatchNorm: x must be [batch, …, channels], not empty: got [${x.shape}]`,
    );
  }
  const channels = [x.shape[x.rank - 1]!];
  const operands = [
    ["x", x, x.shape],
    ["scale", scale, channels],
    ["offset", offset, channels],
  ] as const;
  for (const [name, tensor, shape] of operands) {
    checkOperand("fusedBatchNorm", name, tensor, shape);
    tensor.throwIfDisposed();
  }
  if (!(epsilon > 0 && Number.isFinite(epsilon))) {
    throw new RangeError(
      `Cannot compute fusedBatchNorm: epsilon must be above 0 and finite: got ${epsilon}`,
    );
  }
  const [y, mean, variance, meanRest] = tf.engine().runKernel(
    "BatchNormTraining",
    { x, scale, offset },
    { epsilon },
  ) as tf.Tensor[];
  meanRest!.dispose(); // a gradient tape has its own hold on it
  return {
    y: y as T,
    mean: mean as tf.Tensor1D,
    variance: variance as tf.Tensor1D,
  };
}

/** y, mean, variance, and meanRest: what float32 has lost of the mean. */
function forward(
  context: KernelContext,
  { x, scale, offset }: Record<"x" | "scale" | "offset", TensorInfo>,
  epsilon: number,
): TensorInfo[] {
  const y = context.output(x.shape);
  const statistics = [0, 1, 2].map(() => context.output(scale.shape));
  const passes = batchNormPasses(context, x);
  const { channels, count } = passes;
  passes.run("batchNormMomentsF32");
  const sums = new Float64Array(channels);
  passes.eachPart((channel, rows, mean, rest) => {
    sums[channel]! += rows * mean + rest;
  });
  const means = sums.map((sum) => sum / count);
  // With m, a part's own mean, and d = m − mean:
  // Σ (x − mean)² = Σ (x − m)² + 2 d Σ (x − m) + rows · d².
  const squares = new Float64Array(channels);
  passes.eachPart((channel, rows, mean, rest, square) => {
    const d = mean - means[channel]!;
    squares[channel]! += square + d * (2 * rest + rows * d);
  });
  const variances = squares.map((sum) => sum / count);
  const [mean, variance, meanRest] = statistics.map(context.view) as [
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  mean.set(means);
  variance.set(variances);
  meanRest.set(means.map((value, channel) => value - mean[channel]!));
  const scales = context.view(scale), offsets = context.view(offset);
  passes.setCoefficients((channel) => {
    const root = Math.sqrt(variances[channel]! + epsilon);
    const factor = scales[channel]! / root;
    return [
      mean[channel]!,
      factor,
      offsets[channel]! - factor * meanRest[channel]!,
    ];
  });
  passes.run("batchNormApplyF32", { out: y });
  return [y, ...statistics];
}

/**
 * dx, dScale, dOffset. With x̂ = (x − mean) / √(variance + ε): dOffset = Σ dy,
 * dScale = Σ dy x̂, dx = scale / √(variance + ε) · (dy − dOffset / n −
 * x̂ dScale / n).
 */
function backward(
  context: KernelContext,
  inputs: Record<
    "x" | "dy" | "scale" | "mean" | "variance" | "meanRest",
    TensorInfo
  >,
  epsilon: number,
): TensorInfo[] {
  const { x, dy } = inputs;
  const outputs = [x, inputs.scale, inputs.scale].map(({ shape }) =>
    context.output(shape)
  );
  const [dx, dScale, dOffset] = outputs as [TensorInfo, TensorInfo, TensorInfo];
  const passes = batchNormPasses(context, x);
  const { channels, count } = passes;
  const means = context.view(inputs.mean);
  passes.setCoefficients((channel) => [means[channel]!]);
  passes.run("batchNormGradSumsF32", { dy });
  const sums = new Float64Array(channels);
  const products = new Float64Array(channels); // Σ dy (x − mean)
  passes.eachPart((channel, _rows, sum, product) => {
    sums[channel]! += sum;
    products[channel]! += product;
  });
  context.view(dOffset).set(sums);
  const scales = context.view(inputs.scale);
  const variances = context.view(inputs.variance);
  const meanRests = context.view(inputs.meanRest);
  const dScales = context.view(dScale);
  passes.setCoefficients((channel) => {
    const inverse = 1 / Math.sqrt(variances[channel]! + epsilon);
    const rest = meanRests[channel]!;
    const ofScale = inverse * (products[channel]! - rest * sums[channel]!);
    dScales[channel] = ofScale;
    const dyMean = sums[channel]! / count;
    const dyFactor = inverse * scales[channel]!;
    const factor = -dyFactor * inverse * ofScale / count;
    return [means[channel]!, factor, -factor * rest, dyMean, dyFactor];
  });
  passes.run("batchNormApplyF32", { dy, out: dx });
  return outputs;
}

/**
 * Kernels `BatchNormTraining`: (x, scale, offset) → y, mean, variance,
 * meanRest, and `BatchNormTrainingGrad`: (x, dy, scale, mean, variance,
 * meanRest) → dx, dScale, dOffset.
 */
export function batchNormKernels(context: KernelContext): KernelTable {
  const epsilonOf = (attrs: unknown) => (attrs as { epsilon: number }).epsilon;
  return {
    BatchNormTraining: ({ inputs, attrs }) =>
      forward(context, inputs as never, epsilonOf(attrs)),
    BatchNormTrainingGrad: ({ inputs, attrs }) =>
      backward(context, inputs as never, epsilonOf(attrs)),
  };
}

/** Gradients of `BatchNormTraining`; its statistics count as constants. */
export const batchNormGradient: GradConfig = {
  kernelName: "BatchNormTraining",
  inputsToSave: ["x", "scale"],
  outputsToSave: [false, true, true, true],
  gradFunc: (dys, saved, attrs) => {
    const [x, scale, mean, variance, meanRest] = saved;
    const [dx, dScale, dOffset] = tf.engine().runKernel(
      "BatchNormTrainingGrad",
      {
        x: x!,
        dy: (dys as tf.Tensor[])[0]!,
        scale: scale!,
        mean: mean!,
        variance: variance!,
        meanRest: meanRest!,
      },
      attrs,
    ) as tf.Tensor[];
    return { x: () => dx!, scale: () => dScale!, offset: () => dOffset! };
  },
};
