import { type TensorInfo, util } from "@tensorflow/tfjs-core";
import type { KernelContext } from "../wasm/kernel_context.ts";

/**
 * Checks one operand of `kernel`.
 *
 * @param shape what it must be; −1 stands for any size
 * @throws TypeError if it is not float32
 * @throws RangeError if its shape is another
 */
export function checkOperand(
  kernel: string,
  name: string,
  tensor: TensorInfo,
  shape: readonly number[],
) {
  if (tensor.dtype !== "float32") {
    throw new TypeError(
      `Cannot compute ${kernel}: ${name} must be float32: got ${tensor.dtype}`,
    );
  }
  if (
    tensor.shape.length !== shape.length ||
    shape.some((size, i) => size >= 0 && size !== tensor.shape[i])
  ) {
    const wanted = shape.map((size) => size < 0 ? "any" : size);
    throw new RangeError(
      `Cannot compute ${kernel}: ${name} must be [${wanted}]: got [${tensor.shape}]`,
    );
  }
}

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

/**
 * Whether a tensor of `shape` broadcasts to one of `whole`: aligned at the last
 * dimension, each of its sizes is 1 or that of `whole`.
 */
export function broadcasts(
  shape: readonly number[],
  whole: readonly number[],
): boolean {
  return shape.length <= whole.length &&
    shape.every((size, i) =>
      size === 1 || size === whole[whole.length - shape.length + i]
    );
}
