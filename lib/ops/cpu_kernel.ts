import * as tf from "@tensorflow/tfjs";
import {
  getKernel,
  type KernelConfig,
  type TensorInfo,
} from "@tensorflow/tfjs-core";
import type { KernelContext } from "../wasm/kernel_context.ts";

/** What is used of TF.js's cpu backend. */
interface CpuBackend {
  makeTensorInfo(
    shape: readonly number[],
    dtype: tf.DataType,
    values: ArrayLike<number>,
  ): TensorInfo;
  readSync(dataId: object): ArrayLike<number>;
  disposeData(dataId: object): boolean;
}

const ARRAYS = { float32: Float32Array, int32: Int32Array, bool: Uint8Array };

/**
 * A kernel of TF.js's cpu backend, in JavaScript, on tensors of the WASM heap,
 * which are copied there and back. For what TF.js's WASM kernel gets wrong and
 * is not worth a kernel of its own.
 *
 * @param name one that both backends have
 */
export function cpuKernel(
  context: KernelContext,
  name: string,
): KernelConfig["kernelFunc"] {
  const view = (tensor: TensorInfo) => {
    const array = ARRAYS[tensor.dtype as "float32"];
    const size = tf.util.sizeFromShape(tensor.shape);
    return new array(context.memory.buffer, context.pointer(tensor), size);
  };
  return ({ inputs, attrs }) => {
    const backend = tf.findBackend("cpu") as unknown as CpuBackend;
    const { kernelFunc } = getKernel(name, "cpu")!;
    const made: TensorInfo[] = [];
    try {
      const copies = Object.entries(inputs).map(([key, given]) => {
        if (!given) return [key, given] as const;
        const tensor = given as TensorInfo;
        const { shape, dtype } = tensor;
        const copy = Object.assign(
          backend.makeTensorInfo(shape, dtype, view(tensor).slice()),
          { rank: shape.length }, // some of its kernels expect a tensor's
        );
        made.push(copy);
        return [key, copy] as const;
      });
      const copied = Object.assign(
        Array.isArray(inputs) ? [] : {},
        Object.fromEntries(copies),
      );
      const result = kernelFunc({
        ...{ inputs: copied, attrs, backend: backend as never },
      });
      const outputs = [result].flat() as TensorInfo[];
      for (const output of outputs) made.push(output);
      const tensors = outputs.map(({ dataId, shape, dtype }) => {
        const out = context.output(shape, dtype);
        view(out).set(backend.readSync(dataId));
        return out;
      });
      return Array.isArray(result) ? tensors : tensors[0]!;
    } finally {
      for (const { dataId } of made) backend.disposeData(dataId);
    }
  };
}
