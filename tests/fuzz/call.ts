import type * as tf from "@tensorflow/tfjs";
import type { Draw } from "./draw.ts";

/** The dtypes that are drawn; strings and complex numbers are not. */
export const DTYPES = ["float32", "int32", "bool"] as const;

export type Dtype = typeof DTYPES[number];

/** One tensor of a call. */
export interface Input {
  shape: number[];
  dtype: Dtype;
  values: number[];
}

/** What a kernel is called with. */
export interface Call {
  inputs: Record<string, Input> | Input[];
  attrs: Record<string, unknown>;
}

/** How far a value may be off the cpu backend's. */
export type Bound =
  /**
   * atol + rtol · |expected|; of gradients that sum over what was `broadcast`
   * with what such a sum keeps, as below
   */
  | { rtol: number; atol: number; broadcast?: true }
  /**
   * (terms + 4) · 2⁻²⁴ · Σ |term|, what any order of float32 sums keeps
   * (Higham 2002, section 3.1); Σ |term| is the kernel over absolute values.
   */
  | { terms: (call: Call) => number };

/** The same number, or both NaN. */
export const EXACT: Bound = { rtol: 0, atol: 0 };

/** The tensors of a call, by name; or in order, then it is an array. */
export type Tensors = Record<string, tf.Tensor>;

/** How a kernel is fuzzed. */
export interface KernelCase {
  draw(d: Draw): Call;
  bound: Bound;
  /** Of its gradients; they are not looked at without. */
  gradBound?: Bound;
  /** What it may refuse although the cpu backend computes something. */
  refuses?: RegExp;
  /** In the place of the cpu backend's kernel, with operations of cpu's. */
  oracle?: (inputs: Tensors, attrs: never) => tf.Tensor | tf.Tensor[];
}

export type KernelCases = Record<string, KernelCase>;

/** A call on one line, as it can be repeated. */
export function callText(kernel: string, { inputs, attrs }: Call): string {
  const number = (value: number) => Object.is(value, -0) ? "-0" : String(value);
  const text = ({ shape, dtype, values }: Input) =>
    `${dtype}[${shape}](${values.map(number).join(" ")})`;
  const tensors = Object.entries(inputs).map(([name, input]) =>
    `${name} = ${text(input as Input)}`
  );
  return `${kernel} ${tensors.join(", ")} ${attrsText(attrs)}`;
}

function attrsText(attrs: Call["attrs"]): string {
  return JSON.stringify(
    attrs,
    (_, value) =>
      typeof value === "number" && !Number.isFinite(value)
        ? String(value)
        : value instanceof Uint8Array
        ? Array.from(value)
        : value,
  );
}
