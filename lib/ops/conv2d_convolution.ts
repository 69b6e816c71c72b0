import * as tf from "@tensorflow/tfjs";
import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { Window } from "./conv2d_geometry.ts";
import type { KernelContext } from "../wasm/kernel_context.ts";

/** The codes of kernels/epilogue.ts. */
export const ACTIVATIONS = {
  linear: 0,
  relu: 1,
  relu6: 2,
  slope: 3,
  prelu: 4,
} as const;

/** What happens to a sum before it is stored. */
export interface Epilogue {
  activation: keyof typeof ACTIVATIONS;
  /** float32 `[outChannels]`. */
  bias?: TensorInfo;
  /** float32, 1 or outChannels elements, of activations "slope" and "prelu". */
  slope?: TensorInfo;
  /** Values below 0 are multiplied by slopeConstant + slopeFactor · slope. */
  slopeConstant?: number;
  slopeFactor?: number;
}

/** A convolution: the forward pass, or its input gradient over dy. */
export interface Convolution {
  x: TensorInfo;
  filter: TensorInfo;
  outShape: readonly number[];
  pad: [number, number];
  /** How far the windows of neighbouring outputs are apart. */
  stride: [number, number];
  /** How far the taps of a window are apart; 1 where phases are above 1. */
  dilation: [number, number];
  /** Into how many interleaved images the output is cut, each way. */
  phases: [number, number];
  window: [Window, Window];
  epilogue: Epilogue;
  pack: "conv2dPackForwardF32" | "conv2dPackBackwardF32";
}

/**
 * Brings the filter into the order of kernels/conv2d_pack.ts at `packed`, and
 * bias and slope to `bias` and `slope`, each a pointer.
 */
export function packFilter(
  context: KernelContext,
  c: Convolution,
  packed: number,
  bias: number,
  slope: number,
) {
  const pointer = (tensor?: TensorInfo) => tensor ? context.pointer(tensor) : 0;
  context.pool.run(
    c.pack,
    [
      ...[context.pointer(c.filter), packed],
      ...[pointer(c.epilogue.bias), bias],
      ...[pointer(c.epilogue.slope), slope],
      tf.util.sizeFromShape(c.epilogue.slope?.shape ?? [1]),
      ...c.filter.shape,
      ...[...c.pad, ...c.phases],
    ],
    1,
    // −0 is what changes no slope, −0 among them.
    [c.epilogue.slopeConstant ?? -0, c.epilogue.slopeFactor ?? 1],
  );
}
