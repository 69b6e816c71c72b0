import * as tf from "@tensorflow/tfjs";
import type {
  GradConfig,
  NamedAttrMap,
  TensorInfo,
} from "@tensorflow/tfjs-core";
import {
  cutRows,
  type KernelContext,
  kernelContext,
  type KernelTable,
} from "../wasm/kernel_context.ts";
import { slopesForward } from "./_run_slopes.ts";
import { sumPartials } from "./_sum_partials.ts";
import { checkOperand } from "./_tensors.ts";

/** What a fused layer applies to its sums: nothing, ReLU, or ReLU_α. */
export type Activation =
  | { kind: "linear" }
  | { kind: "relu" }
  /** α is a float32 scalar; see `reluAlpha`. */
  | { kind: "relu-alpha"; alpha: tf.Tensor };

/** Attributes of the fused kernels. */
export interface ActivationAttrs {
  activation: Activation["kind"];
}

/** Elements per chunk, half of _run_slopes.ts's. */
const CHUNK_SIZE = 16_384;

/**
 * The smallest 1 − α at which the backward pass takes z from y = (1 − α) z.
 * Below it, and above α = 1, where y does not even have z's sign, z is kept.
 */
const MIN_SLOPE = 1e-3;

/** 1 − α of ReLU_α in float32, 0 of ReLU, 1 of no activation. */
function slopeOf(
  context: KernelContext,
  { activation }: ActivationAttrs,
  alpha?: TensorInfo,
): number {
  if (activation !== "relu-alpha") return activation === "relu" ? 0 : 1;
  return Math.fround(1 - context.view(alpha!)[0]!);
}

/** What a forward pass does to its sums: v where v > 0, slope · v elsewhere. */
export interface SlopeEpilogue {
  bias: TensorInfo;
  activation: "linear" | "relu" | "slope";
  slope: number;
}

/**
 * Runs a layer's forward pass with bias and activation in its epilogue.
 *
 * @param run computes the layer with an epilogue
 * @returns `[y]`, or `[y, z]` where the backward pass needs z
 */
export function forwardActivated(
  context: KernelContext,
  inputs: { bias: TensorInfo; alpha?: TensorInfo },
  attrs: ActivationAttrs,
  run: (epilogue: SlopeEpilogue) => TensorInfo,
): TensorInfo[] {
  const { bias, alpha } = inputs;
  const slope = slopeOf(context, attrs, alpha);
  if (attrs.activation !== "relu-alpha") {
    return [run({ bias, activation: attrs.activation, slope })];
  }
  if (slope >= MIN_SLOPE) return [run({ bias, activation: "slope", slope })];
  const z = run({ bias, activation: "linear", slope: 1 });
  return [slopesForward(context, "reluAlphaForwardF32", z, alpha!), z];
}

/** A layer's sums before bias and activation: two operands, their gradients. */
export interface LinearOp {
  /** The names of the kernel's inputs beside bias and alpha. */
  operands: readonly [string, string];
  /** Gradient functions of the two operands from dz. */
  grads(
    dz: tf.Tensor,
    operands: readonly [tf.Tensor, tf.Tensor],
    attrs: NamedAttrMap,
  ): [() => tf.Tensor, () => tf.Tensor];
}

/**
 * All gradients of a fused kernel, whose outputs `forwardActivated` made.
 *
 * @param options.hasAlpha whether the kernel is the ReLU_α one
 */
export function fusedGradient(
  kernelName: string,
  op: LinearOp,
  options: { hasAlpha: boolean },
): GradConfig {
  const inputs = [...op.operands, ...options.hasAlpha ? ["alpha"] : []];
  return {
    kernelName,
    inputsToSave: inputs,
    outputsToSave: [true, true],
    gradFunc: (dys, saved, namedAttrs) => {
      const [first, second, alpha] = saved.slice(0, inputs.length);
      const [y, z] = saved.slice(inputs.length);
      const attrs = namedAttrs as unknown as ActivationAttrs & NamedAttrMap;
      const dy = [dys].flat()[0]; // TF.js gives a single output's alone
      const [dBias, dz = dy!, dAlpha] = tf.engine().runKernel(
        "BiasActivationGrad",
        {
          dy: dy!,
          ...attrs.activation !== "linear" && { reference: z ?? y! },
          ...alpha && { alpha },
        },
        { activation: attrs.activation, keptZ: z !== undefined },
      ) as tf.Tensor[];
      const [dFirst, dSecond] = op.grads(dz, [first!, second!], attrs);
      return {
        [op.operands[0]]: dFirst,
        [op.operands[1]]: dSecond,
        bias: () => dBias!,
        ...dAlpha && { alpha: () => dAlpha },
      };
    },
  };
}

/**
 * Validates the tensors of a fused layer, once for all of its passes.
 *
 * @param tensors name, tensor, and its shape, in which −1 stands for any size
 * @throws TypeError if a dtype is not float32
 * @throws RangeError if a shape is another
 * @throws Error if a tensor is disposed, or no backend runs
 */
export function checkFused(
  action: string,
  tensors: readonly [string, tf.Tensor, readonly number[]][],
  activation: Activation,
) {
  kernelContext(`compute ${action}`);
  const all = activation.kind === "relu-alpha"
    ? [...tensors, ["alpha", activation.alpha, []] as const]
    : tensors;
  for (const [name, tensor, shape] of all) {
    checkOperand(action, name, tensor, shape);
    tensor.throwIfDisposed();
  }
}

/**
 * The kernel `name` and its gradient registered for an activation, applied.
 *
 * @returns y
 */
export function runFused(
  name: string,
  inputs: Record<string, tf.Tensor>,
  activation: Activation,
  attrs: NamedAttrMap = {},
): tf.Tensor {
  const withAlpha = activation.kind === "relu-alpha";
  const [y, z] = tf.engine().runKernel(
    name + (withAlpha ? "ReluAlpha" : "Activation"),
    withAlpha ? { ...inputs, alpha: activation.alpha } : inputs as never,
    { ...attrs, activation: activation.kind },
  ) as tf.Tensor[];
  z?.dispose(); // a gradient tape has its own hold on it
  return y!;
}

/** The fewest whole rows that come out even in vectors, in elements. */
function periodOf(columns: number): number {
  if (columns % 4 === 0) return Math.max(4, columns); // of none, any will do
  return columns % 2 === 0 ? 2 * columns : 4 * columns;
}

/** Kernel `BiasActivationGrad`: (dy, reference?, alpha?) → dBias, dz?, dα?. */
export function biasActivationKernels(context: KernelContext): KernelTable {
  return {
    BiasActivationGrad: ({ inputs, attrs }) => {
      const { dy, reference, alpha } = inputs as Record<string, TensorInfo>;
      const { keptZ, ...rest } = attrs as unknown as ActivationAttrs & {
        keptZ: boolean;
      };
      const columns = dy!.shape.at(-1)!;
      const size = tf.util.sizeFromShape(dy!.shape);
      const period = periodOf(columns);
      const { chunkRows, chunks } = cutRows(size / period, period, CHUNK_SIZE);
      const slope = slopeOf(context, rest, alpha);
      const dBias = context.output([columns]);
      const dz = reference && context.output(dy!.shape);
      const sumsAt = context.scratch(4 * (chunks + 1) * (period + 1));
      const partials = sumsAt + 4 * (period + 1);
      context.pool.run("biasActivationGradF32", chunks, {
        reference: reference ? context.pointer(reference) : 0,
        dy: context.pointer(dy!),
        dz: dz ? context.pointer(dz) : 0,
        partials,
        size,
        period,
        chunkSize: chunkRows * period,
        slope,
      });
      sumPartials(context, partials, sumsAt, chunks, period + 1);
      const { buffer } = context.memory;
      const sums = new Float32Array(buffer, sumsAt, period + 1);
      const biasSums = context.view(dBias);
      for (let column = 0; column < columns; column++) {
        let sum = 0;
        for (let i = column; i < period; i += columns) sum += sums[i]!;
        biasSums[column] = sum;
      }
      if (!dz) return [dBias];
      if (!alpha) return [dBias, dz];
      const dAlpha = context.output([]);
      // dα = −Σ z dy where z is not positive, and y = slope · z there.
      const term = sums[period]!;
      context.view(dAlpha)[0] = keptZ ? -term : -term / slope;
      return [dBias, dz, dAlpha];
    },
  };
}
