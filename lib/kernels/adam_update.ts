import * as tf from "@tensorflow/tfjs";
import { kernelContext } from "./kernel_context.ts";

/** Elements a table entry, and so a chunk. */
const CHUNK_SIZE = 16_384;

/** Words of kernels/adam.ts's `AdamEntry`. */
const ENTRY_WORDS = 5;

/** One parameter and what Adam keeps of it: float32, all of one shape. */
export interface AdamParameter {
  value: tf.Variable;
  gradient: tf.Tensor;
  m: tf.Tensor;
  v: tf.Tensor;
}

/** Scalars of the update, see kernels/adam.ts. */
export interface AdamScalars {
  beta1: number;
  beta2: number;
  stepSize: number;
  vScale: number;
  epsilon: number;
}

/**
 * Updates values and moments in place, all parameters in one task.
 *
 * @throws RangeError if a tensor is not float32 of its parameter's shape
 */
export function adamUpdate(
  parameters: readonly AdamParameter[],
  scalars: AdamScalars,
) {
  const context = kernelContext("update parameters");
  const entries: number[] = [];
  for (const { value, gradient, m, v } of parameters) {
    for (const { dtype, shape } of [value, gradient, m, v]) {
      if (dtype !== "float32" || !tf.util.arraysEqual(shape, value.shape)) {
        throw new RangeError(
          `Cannot update ${value.name}: it, its gradient and its moments must be float32 [${value.shape}]: got ${dtype} [${shape}]`,
        );
      }
    }
    if (context.isShared(value)) {
      tf.tidy(() => value.assign(tf.mul(value, 1)));
    }
    const pointers = [value, gradient, m, v].map(context.pointer);
    for (let first = 0; first < value.size; first += CHUNK_SIZE) {
      entries.push(
        ...pointers.map((pointer) => pointer + 4 * first),
        Math.min(CHUNK_SIZE, value.size - first),
      );
    }
  }
  const table = context.scratch(entries.length * 4);
  new Uint32Array(context.memory.buffer, table, entries.length).set(entries);
  const { beta1, beta2, stepSize, vScale, epsilon } = scalars;
  context.pool.run("adamF32", [table], entries.length / ENTRY_WORDS, [
    ...[beta1, 1 - beta1, beta2, 1 - beta2],
    ...[stepSize, vScale, epsilon],
  ]);
  for (const { value } of parameters) context.changed(value);
}
