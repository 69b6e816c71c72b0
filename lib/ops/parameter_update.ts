import * as tf from "@tensorflow/tfjs";
import { type KernelContext, kernelContext } from "../wasm/kernel_context.ts";
import { ENTRY_WORDS } from "../wasm/kernel_params.ts";

/** Elements of a table entry, and at most some more of a chunk. */
const CHUNK_SIZE = 16_384;

/** One parameter and what an optimizer keeps of it, all of one shape. */
export interface ParameterUpdate {
  /** The parameter, to be changed in place. */
  value: tf.Variable;
  /** The gradient of what is minimized, by the value. */
  gradient: tf.Tensor;
  /** At most two, in the kernel's order. */
  slots: readonly tf.Variable[];
}

/**
 * What must hold before {@linkcode updateParameters}.
 *
 * @throws RangeError if a tensor is not float32 of its parameter's shape
 */
export function checkParameters(parameters: readonly ParameterUpdate[]) {
  kernelContext("update parameters");
  for (const { value, gradient, slots } of parameters) {
    for (const tensor of [value, gradient, ...slots]) {
      tensor.throwIfDisposed();
      const { dtype, shape } = tensor;
      if (dtype !== "float32" || !tf.util.arraysEqual(shape, value.shape)) {
        throw new RangeError(
          `Cannot update ${value.name}: it, its gradient and its moments must be float32 [${value.shape}]: got ${dtype} [${shape}]`,
        );
      }
    }
  }
}

/**
 * Updates values and slots in place, all parameters in one task.
 *
 * @param parameters checked ones
 * @param run calls a kernel that works through the table of parameters at
 * `starts`
 */
export function updateParameters(
  parameters: readonly ParameterUpdate[],
  run: (pool: KernelContext["pool"], chunks: number, starts: number) => void,
) {
  const context = kernelContext("update parameters");
  const entries: number[] = [];
  const starts: number[] = [];
  let room = 0; // elements that the last chunk may still take
  for (const { value, gradient, slots } of parameters) {
    for (const written of [value, ...slots]) {
      if (context.isShared(written)) {
        tf.tidy(() => written.assign(tf.mul(written, 1)));
      }
    }
    const pointers = [value, gradient, ...slots].map(context.pointer);
    for (let first = 0; first < value.size; first += CHUNK_SIZE) {
      const count = Math.min(CHUNK_SIZE, value.size - first);
      if (count > room) {
        starts.push(entries.length);
        room = CHUNK_SIZE;
      }
      room -= count;
      for (let i = 0; i < ENTRY_WORDS - 1; i++) {
        const pointer = pointers[i];
        entries.push(pointer === undefined ? 0 : pointer + 4 * first);
      }
      entries.push(count);
    }
  }
  const chunks = starts.length;
  starts.push(entries.length);
  const table = context.scratch((starts.length + entries.length) * 4);
  const words = new Uint32Array(
    context.memory.buffer,
    table,
    starts.length + entries.length,
  );
  const entriesAt = table + starts.length * 4;
  words.set(starts.map((start) => entriesAt + start * 4));
  words.set(entries, starts.length);
  run(context.pool, chunks, table);
  for (const { value } of parameters) context.changed(value);
}
