import * as tf from "@tensorflow/tfjs";
import type { Bound } from "./call.ts";

/** Of values that a float64 loop computes by a few operations. */
export const ROUNDED: Bound = { rtol: 1e-5, atol: 1e-5 };

/** Of sums of some hundreds of products of numbers up to 4. */
export const SUMMED: Bound = { rtol: 1e-4, atol: 2e-3 };

/** What a float64 loop gave, as a kernel's output. */
export function floats(values: ArrayLike<number>, shape: number[]): tf.Tensor {
  return tf.tensor(Float32Array.from(values), shape);
}
