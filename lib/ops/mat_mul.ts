import type { NamedAttrMap, TensorInfo } from "@tensorflow/tfjs-core";
import { isInteger } from "./integer_values.ts";
import type { KernelContext, KernelTable } from "../wasm/kernel_context.ts";
import {
  LINEAR,
  MAT_MUL_LEAKY_RELU,
  MAT_MUL_PRELU,
  RELU,
  RELU6,
} from "../wasm/kernel_params.ts";
import { matMulGeometry } from "./mat_mul_geometry.ts";
import { matMulIntegers } from "./mat_mul_integers.ts";
import { type Finish, runMatMul } from "./run_mat_mul.ts";
import { applyStockEpilogue, checkActivation } from "./stock_kernels.ts";

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
