import { type TensorInfo, util } from "@tensorflow/tfjs-core";
import type { KernelContext, KernelTable } from "../wasm/kernel_context.ts";
import { integerValues, isInteger } from "./_tensors.ts";

/** Elements per chunk: some 5 µs. */
const CHUNK_SIZE = 16_384;

/** Attributes of kernel `ClipByValue`. */
interface Attrs {
  clipValueMin: number;
  clipValueMax: number;
}

/**
 * Kernel `ClipByValue`: x → y for float32, int32 and bool, as TF.js's cpu
 * backend has it: NaN stays. TF.js's own for WASM makes the least value of NaN
 * and reads integers as floats.
 */
export function clipByValueKernels(context: KernelContext): KernelTable {
  return {
    ClipByValue: ({ inputs, attrs }) => {
      const x = inputs.x as TensorInfo;
      const { clipValueMin, clipValueMax } = attrs as unknown as Attrs;
      const out = context.output(x.shape, x.dtype);
      if (isInteger(x)) {
        const from = integerValues(context, x),
          to = integerValues(context, out);
        for (let i = 0; i < from.length; i++) {
          to[i] = Math.min(Math.max(from[i]!, clipValueMin), clipValueMax);
        }
        return out;
      }
      const size = util.sizeFromShape(x.shape);
      context.pool.run("clipByValueF32", Math.ceil(size / CHUNK_SIZE), {
        x: context.pointer(x),
        out: context.pointer(out),
        size,
        chunkSize: CHUNK_SIZE,
        lowest: clipValueMin,
        highest: clipValueMax,
      });
      return out;
    },
  };
}
