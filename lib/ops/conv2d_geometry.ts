import type { TensorInfo } from "@tensorflow/tfjs-core";

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

/** Rows (or columns) of the input that output rows 0 of all phases read. */
export interface Window {
  start: number;
  size: number;
}

/** Of a convolution: the filter's rows, from `pad` above the image on. */
export function forwardWindow(pad: number, filterSize: number): Window {
  return { start: -pad, size: filterSize };
}

/**
 * Of an input gradient. dx row `phase + j · stride` reads, of dy, the rows
 * j + q − taps + 1 … j + q, where q = ⌊(phase + pad) / stride⌋ and the taps are
 * the filter's rows r, r + stride, …, r = (phase + pad) mod stride.
 */
export function backwardWindow(
  pad: number,
  filterSize: number,
  stride: number,
): Window {
  let start = Infinity, end = -Infinity;
  for (let phase = 0; phase < stride; phase++) {
    const q = Math.floor((phase + pad) / stride);
    const taps = phaseTaps(phase, pad, filterSize, stride);
    start = Math.min(start, q - taps + 1);
    end = Math.max(end, q);
  }
  return { start, size: end - start + 1 };
}

/** How many of a filter's rows meet a phase of the stride. */
export function phaseTaps(
  phase: number,
  pad: number,
  filterSize: number,
  stride: number,
): number {
  const first = (phase + pad) % stride;
  return Math.max(0, Math.ceil((filterSize - first) / stride));
}

/**
 * Whether `count` windows, `step` apart, all stay inside 0 … size − 1.
 */
export function staysInside(
  window: Window,
  count: number,
  step: number,
  size: number,
): boolean {
  const end = window.start + (count - 1) * step + window.size;
  return window.start >= 0 && end <= size;
}

export type Shape4D = [number, number, number, number];

/** A shape of rank 4, as such. */
export function sizes(shape: readonly number[]) {
  return shape as Shape4D;
}
