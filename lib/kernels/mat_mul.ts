import {
  getKernel,
  type NamedAttrMap,
  type TensorInfo,
} from "@tensorflow/tfjs-core";
import type { KernelContext } from "./kernel_context.ts";
import { matMulGeometry } from "./mat_mul_geometry.ts";
import type { KernelTable } from "./register_kernels.ts";
import { type Finish, runMatMul } from "./run_mat_mul.ts";

/** The activations of kernels/mat_mul_finish.ts, by their number there. */
const FUSED = ["linear", "relu", "relu6", "prelu", "leakyrelu"];

/** TF.js's kernels for what is not fused. */
const ACTIVATION_KERNELS: Record<string, string> = {
  relu: "Relu",
  relu6: "Relu6",
  prelu: "Prelu",
  leakyrelu: "LeakyRelu",
  sigmoid: "Sigmoid",
  elu: "Elu",
};

/**
 * Kernels `BatchMatMul` (a, b; transposeA, transposeB) and `_FusedMatMul`
 * (bias and preluActivationWeights besides; activation, leakyreluAlpha), for
 * float32 matrices whose batch dimensions broadcast.
 */
export function matMulKernels(context: KernelContext): KernelTable {
  return {
    BatchMatMul: ({ inputs, attrs }) =>
      matMul(context, inputs.a!, inputs.b!, attrs!, { activation: 0 }),
    _FusedMatMul: ({ inputs, backend, attrs }) => {
      const { bias, preluActivationWeights: slopes } = inputs;
      const activation = String(attrs!.activation ?? "linear");
      checkActivation(activation, slopes);
      const columns = inputs.b!.shape.at(attrs!.transposeB ? -2 : -1)!;
      const fusedBias = bias && isRow(bias, columns) ? bias : undefined;
      const fused = bias === fusedBias && FUSED.includes(activation) &&
        (activation !== "prelu" || isRow(slopes!, columns));
      let out = matMul(context, inputs.a!, inputs.b!, attrs!, {
        bias: fusedBias,
        activation: fused ? FUSED.indexOf(activation) : 0,
        slopes: fused && activation === "prelu" ? slopes : undefined,
        leakyAlpha: Number(attrs!.leakyreluAlpha ?? 0),
      });
      if (fused) return out;
      // What broadcasts in another way goes through TF.js's own kernels.
      const apply = (
        name: string,
        others: Record<string, TensorInfo>,
        attrs: NamedAttrMap = {},
      ) => {
        const x = name === "Add" ? { a: out } : { x: out };
        const result = getKernel(name, "wasm")!
          .kernelFunc({ inputs: { ...x, ...others }, backend, attrs });
        context.dispose(out);
        out = result as TensorInfo;
      };
      if (bias && !fusedBias) apply("Add", { b: bias });
      const kernel = ACTIVATION_KERNELS[activation];
      if (kernel) {
        apply(
          kernel,
          activation === "prelu" ? { alpha: slopes! } : {},
          { alpha: Number(attrs!.leakyreluAlpha ?? 0) },
        );
      }
      return out;
    },
  };
}

/** Validates, makes the output and runs the product. */
function matMul(
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

function checkActivation(activation: string, slopes?: TensorInfo) {
  if (activation !== "linear" && !ACTIVATION_KERNELS[activation]) {
    const names = ["linear", ...Object.keys(ACTIVATION_KERNELS)].join(", ");
    throw new RangeError(
      `Cannot compute matMul: activation must be one of ${names}: got ${activation}`,
    );
  }
  if (activation === "prelu" && !slopes) {
    throw new TypeError(
      "Cannot compute matMul: preluActivationWeights must be given for prelu: got none",
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
