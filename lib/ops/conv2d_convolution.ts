import * as tf from "@tensorflow/tfjs";
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { sizes, type Window } from "./conv2d_geometry.ts";
import type { KernelContext } from "../wasm/kernel_context.ts";
import { LINEAR, PRELU, RELU, RELU6, SLOPE } from "../wasm/kernel_params.ts";

/** The codes of kernels/epilogue.ts. */
export const ACTIVATIONS = {
  linear: LINEAR,
  relu: RELU,
  relu6: RELU6,
  slope: SLOPE,
  prelu: PRELU,
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
  const [filterHeight, filterWidth, filterIn, filterOut] = sizes(
    c.filter.shape,
  );
  context.pool.run(c.pack, 1, {
    filter: context.pointer(c.filter),
    packed,
    bias: pointer(c.epilogue.bias),
    packedBias: bias,
    slope: pointer(c.epilogue.slope),
    packedSlope: slope,
    slopeSize: tf.util.sizeFromShape(c.epilogue.slope?.shape ?? [1]),
    filterHeight,
    filterWidth,
    filterIn,
    filterOut,
    padTop: c.pad[0],
    padLeft: c.pad[1],
    phasesHeight: c.phases[0],
    phasesWidth: c.phases[1],
    // −0 is what changes no slope, −0 among them.
    slopeConstant: c.epilogue.slopeConstant ?? -0,
    slopeFactor: c.epilogue.slopeFactor ?? 1,
  });
}
