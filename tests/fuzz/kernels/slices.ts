import { DTYPES, EXACT, type KernelCases } from "../call.ts";
import type { Draw } from "../draw.ts";

/** Tensors of one shape but for one axis. */
function alike(d: Draw, shape: readonly number[], axis: number | undefined) {
  const dtype = d.pick(DTYPES);
  return Array.from({ length: d.int(1, 4) }, () =>
    d.tensor(
      shape.map((size, i) => i === axis ? d.size(5) : size),
      dtype,
      { special: true },
    ));
}

/** Kernels that cut tensors up and put them together. */
export const SLICES: KernelCases = {
  Concat: {
    draw: (d) => {
      const shape = d.shape(d.int(1, 4));
      const axis = d.int(0, shape.length - 1);
      return { inputs: alike(d, shape, axis), attrs: { axis } };
    },
    bound: EXACT,
    gradBound: EXACT,
  },
  Pack: {
    draw: (d) => {
      const shape = d.shape(d.int(0, 3));
      return {
        inputs: alike(d, shape, undefined),
        attrs: { axis: d.int(0, shape.length) },
      };
    },
    bound: EXACT,
    gradBound: EXACT,
  },
  Slice: {
    draw: (d) => {
      const shape = d.shape(d.int(1, 6));
      const begin = shape.map((size) => d.int(0, size));
      const sizes = shape.map((size, i) =>
        d.chance(0.2) ? -1 : d.int(0, size - begin[i]!)
      );
      if (d.chance(0.1)) {
        const axis = d.int(0, shape.length - 1);
        if (d.chance(0.5)) begin[axis]! += d.int(1, 9);
        else sizes[axis]! += shape[axis]! + d.int(1, 9);
      }
      return {
        inputs: { x: d.anyTensor(shape) },
        attrs: { begin, size: sizes },
      };
    },
    bound: EXACT,
    // The cpu backend lets empty slices begin anywhere.
    refuses: /must be within/,
    gradBound: EXACT,
  },
  SplitV: {
    draw: (d) => {
      const shape = d.shape(d.int(1, 4));
      const axis = d.int(0, shape.length - 1);
      const sizes = Array.from({ length: d.int(1, 4) }, () => d.int(0, 4));
      shape[axis] = sizes.reduce((sum, size) => sum + size, 0);
      const x = d.anyTensor(shape);
      return {
        inputs: { x },
        attrs: { numOrSizeSplits: sizes, axis },
      };
    },
    bound: EXACT,
  },
  StridedSlice: {
    draw: (d) => {
      const shape = d.shape(d.int(1, 4));
      const whole = shape.map((size) => [
        d.int(-size - 2, size + 2),
        d.int(-size - 2, size + 2),
        d.pick([1, 1, 2, 3, -1, -2]),
      ]);
      const mask = () => d.chance(0.3) ? d.int(0, 2 ** shape.length - 1) : 0;
      return {
        inputs: { x: d.anyTensor(shape) },
        attrs: {
          begin: whole.map(([begin]) => begin),
          end: whole.map(([, end]) => end),
          strides: whole.map(([, , stride]) => stride),
          beginMask: mask(),
          endMask: mask(),
          ellipsisMask: 0,
          newAxisMask: 0,
          shrinkAxisMask: 0,
        },
      };
    },
    bound: EXACT,
  },
  Tile: {
    draw: (d) => {
      const shape = d.shape(d.int(0, 4), 6);
      const reps = shape.map(() => d.pick([1, 1, 2, 3, 0]));
      return { inputs: { x: d.anyTensor(shape) }, attrs: { reps } };
    },
    bound: EXACT,
    gradBound: { rtol: 1e-4, atol: 1e-5 },
  },
  Unpack: {
    draw: (d) => {
      const shape = d.shape(d.int(1, 4), 6);
      return {
        inputs: { value: d.anyTensor(shape) },
        attrs: { axis: d.axis(shape.length) },
      };
    },
    bound: EXACT,
  },
};
