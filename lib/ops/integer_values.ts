import { type TensorInfo, util } from "@tensorflow/tfjs-core";
import type { KernelContext } from "../wasm/kernel_context.ts";

/** Whether a tensor's numbers are whole by their dtype. */
export function isInteger({ dtype }: TensorInfo): boolean {
  return dtype === "int32" || dtype === "bool";
}

/** A view of an int32 or bool tensor; valid until the heap grows. */
export function integerValues(
  context: KernelContext,
  tensor: TensorInfo,
): Int32Array | Uint8Array {
  const { buffer } = context.memory;
  const at = context.pointer(tensor);
  const size = util.sizeFromShape(tensor.shape);
  return tensor.dtype === "bool"
    ? new Uint8Array(buffer, at, size)
    : new Int32Array(buffer, at, size);
}
