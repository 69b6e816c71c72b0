import type { NamedAttrMap, TensorInfo } from "@tensorflow/tfjs-core";
import {
  align,
  type KernelContext,
  type KernelTable,
} from "../wasm/kernel_context.ts";
import {
  LINEAR,
  MAT_MUL_LEAKY_RELU,
  MAT_MUL_PRELU,
  type MatMulParams,
  RELU,
  RELU6,
  SOURCE_SHARED,
} from "../wasm/kernel_params.ts";
import { matMulGeometry } from "./_mat_mul_geometry.ts";
import { matMulIntegers } from "./_mat_mul_integers.ts";
import { type MatMulShape, planMatMul } from "./_mat_mul_plan.ts";
import { applyStockEpilogue, checkActivation } from "./_stock_kernels.ts";
import { sumPartials } from "./_sum_partials.ts";
import { isInteger } from "./_tensors.ts";

/** The activations of kernels/mat_mul_finish.ts, by their names in TF.js. */
const FUSED = new Map([
  ["linear", LINEAR],
  ["relu", RELU],
  ["relu6", RELU6],
  ["prelu", MAT_MUL_PRELU],
  ["leakyrelu", MAT_MUL_LEAKY_RELU],
]);

/**
 * Kernels `BatchMatMul` (a, b; transposeA, transposeB) and `_FusedMatMul`
 * (bias and preluActivationWeights besides; activation, leakyreluAlpha), for
 * float32 matrices whose batch dimensions broadcast; `BatchMatMul` for integers
 * too.
 */
export function matMulKernels(context: KernelContext): KernelTable {
  return {
    BatchMatMul: ({ inputs, attrs }) =>
      isInteger(inputs.a!) && isInteger(inputs.b!)
        ? matMulIntegers(context, inputs.a!, inputs.b!, attrs!)
        : matMul(context, inputs.a!, inputs.b!, attrs!, { activation: LINEAR }),
    _FusedMatMul: ({ inputs, backend, attrs }) => {
      const { bias, preluActivationWeights: slopes } = inputs;
      const activation = String(attrs!.activation ?? "linear");
      checkActivation("matMul", activation, slopes);
      const leakyAlpha = Number(attrs!.leakyreluAlpha ?? 0);
      const columns = inputs.b!.shape.at(attrs!.transposeB ? -2 : -1)!;
      const fusedBias = bias && isRow(bias, columns) ? bias : undefined;
      const fused = bias === fusedBias && FUSED.has(activation) &&
        (activation !== "prelu" || isRow(slopes!, columns));
      const sums = matMul(context, inputs.a!, inputs.b!, attrs!, {
        bias: fusedBias,
        activation: fused ? FUSED.get(activation)! : LINEAR,
        slopes: fused && activation === "prelu" ? slopes : undefined,
        leakyAlpha,
      });
      if (fused) return sums;
      return applyStockEpilogue(context, backend, "matMul", sums, {
        bias: fusedBias ? undefined : bias,
        activation,
        slopes,
        leakyAlpha,
      });
    },
  };
}

/** Validates, makes the output and runs the product. */
export function matMul(
  context: KernelContext,
  a: TensorInfo,
  b: TensorInfo,
  attrs: NamedAttrMap,
  finish: {
    bias?: TensorInfo;
    activation: number;
    slopes?: TensorInfo;
    leakyAlpha?: number;
  },
): TensorInfo {
  checkDtype("a", a);
  checkDtype("b", b);
  checkDtype("bias", finish.bias);
  checkDtype("preluActivationWeights", finish.slopes);
  const geometry = matMulGeometry(a.shape, b.shape, {
    transposeA: Boolean(attrs.transposeA),
    transposeB: Boolean(attrs.transposeB),
  });
  const out = context.output(geometry.outShape);
  const row = (tensor?: TensorInfo) =>
    tensor && { pointer: context.pointer(tensor), period: size(tensor) };
  const rowFinish: Finish = {
    ...finish,
    bias: row(finish.bias),
    slopes: row(finish.slopes),
  };
  const pointers = {
    a: context.pointer(a),
    b: context.pointer(b),
    out: context.pointer(out),
  };
  for (const { aOffset, bOffset, outOffset } of geometry.products) {
    runMatMul(context, geometry.shape, {
      a: pointers.a + 4 * aOffset,
      b: pointers.b + 4 * bOffset,
      out: pointers.out + 4 * outOffset,
      aRepeats: geometry.aRepeats,
      bRepeats: geometry.bRepeats,
    }, rowFinish);
  }
  return out;
}

function checkDtype(name: string, tensor?: TensorInfo) {
  if (tensor && tensor.dtype !== "float32") {
    throw new TypeError(
      `Cannot compute matMul: ${name} must be float32: got ${tensor.dtype}`,
    );
  }
}

/** Whether a tensor is one number or one a column. */
function isRow(tensor: TensorInfo, columns: number): boolean {
  const last = tensor.shape.at(-1) ?? 1;
  return size(tensor) === last && (last === 1 || last === columns);
}

function size(tensor: TensorInfo): number {
  return tensor.shape.reduce((product, length) => product * length, 1);
}

/** What happens to a sum before it is C: bias added, activation applied. */
export interface Finish {
  /** float32; `period` is 1 or C's columns. */
  bias?: { pointer: number; period: number };
  /** An activation's number in kernels/mat_mul_finish.ts. */
  activation: number;
  /** float32; `period` is 1 or C's columns. */
  slopes?: { pointer: number; period: number };
  leakyAlpha?: number;
}

/** Byte offsets of the operands; an operand that repeats serves all batches. */
export interface MatMulOperands {
  a: number;
  b: number;
  out: number;
  aRepeats?: boolean;
  bRepeats?: boolean;
}

/**
 * C = activation(A · B + bias) for every batch, row-major and contiguous, all
 * of `shape` but the depth at least 1. Uses the context's scratch.
 */
export function runMatMul(
  context: KernelContext,
  shape: MatMulShape,
  operands: MatMulOperands,
  finish: Finish = { activation: LINEAR },
) {
  const { pool } = context;
  const { batches, depth } = shape;
  const elements = shape.rows * shape.columns;
  if (depth === 0) {
    const { buffer } = context.memory;
    new Float32Array(buffer, operands.out, batches * elements).fill(0);
  }
  const plan = planMatMul({ ...shape, depth: Math.max(1, depth) });
  const { pieces, pieceDepth, depthBlock, rowBlock, columnBlock } = plan;
  const sharesA = plan.aSource === SOURCE_SHARED;
  const sharesB = plan.bSource === SOURCE_SHARED;
  const split = depth > 0 && pieces > 1;
  const finishes = Boolean(finish.bias) || finish.activation !== LINEAR;

  const partialBytes = align(split ? 4 * pieces * elements : 0);
  const aBytes = align(sharesA ? 4 * batches * (plan.rows + 4) * depth : 0);
  const bBytes = align(sharesB ? 4 * batches * (plan.columns + 7) * depth : 0);
  const threadBytes = align(4 * plan.threadScratch);
  const partials = context.scratch(
    partialBytes + aBytes + bBytes + pool.threads * threadBytes,
  );
  const aPanels = partials + partialBytes;
  const bPanels = aPanels + aBytes;

  const a = {
    pointer: operands.a,
    batch: operands.aRepeats ? 0 : 4 * shape.rows * depth,
  };
  const b = {
    pointer: operands.b,
    batch: operands.bRepeats ? 0 : 4 * depth * shape.columns,
  };
  const [left, right] = plan.swapped ? [b, a] : [a, b];
  const paramsOf = (out: number, finishes: boolean): MatMulParams => ({
    a: left.pointer,
    b: right.pointer,
    out,
    aRow: 4 * plan.aRow,
    aDepth: 4 * plan.aDepth,
    bDepth: 4 * plan.bDepth,
    bColumn: 4 * plan.bColumn,
    outRow: 4 * plan.outRow,
    outColumn: 4 * plan.outColumn,
    aBatch: left.batch,
    bBatch: right.batch,
    outBatch: 4 * elements,
    rows: plan.rows,
    columns: plan.columns,
    depth,
    rowBlock,
    columnBlock,
    pieceDepth,
    depthBlock,
    pieceBytes: 4 * elements,
    aSource: plan.aSource,
    bSource: plan.bSource,
    aPanels,
    bPanels,
    scratch: bPanels + bBytes,
    scratchBytes: threadBytes,
    finish: finishes ? 1 : 0,
    bias: finish.bias?.pointer ?? 0,
    biasPeriod: finish.bias?.period ?? 0,
    activation: finish.activation,
    slopes: finish.slopes?.pointer ?? 0,
    slopesPeriod: finish.slopes?.period ?? 1,
    leakyAlpha: finish.leakyAlpha ?? 0,
  });
  if (depth > 0) {
    const own = paramsOf(split ? partials : operands.out, finishes && !split);
    if (sharesA || sharesB) {
      const blocks = (sharesA ? Math.ceil(plan.rows / rowBlock) : 0) +
        (sharesB ? Math.ceil(plan.columns / columnBlock) : 0);
      const chunks = batches * blocks * Math.ceil(depth / depthBlock);
      pool.run("matMulPackF32", chunks, own);
    }
    pool.run(plan.kernel, batches * pieces * plan.blocks, own);
    if (split) {
      sumPartials(context, partials, operands.out, pieces, elements);
    }
  }
  if (finishes && (split || depth === 0)) {
    pool.run("matMulFinishF32", batches, paramsOf(operands.out, true));
  }
}
