import { type Dtype, EXACT, type KernelCases } from "../call.ts";
import type { Draw } from "../draw.ts";

const ANY: Dtype[] = ["float32", "int32", "bool"];

/** A tensor of any dtype, with special values in some. */
const any = (d: Draw, shape: readonly number[]) =>
  d.tensor(shape, d.pick(ANY), { special: true });

function paddings(d: Draw, shape: readonly number[], most = 3) {
  return shape.map(() =>
    d.chance(0.4) ? [0, 0] : [d.int(0, most), d.int(0, most)]
  );
}

/** Tensors of one shape but for one axis. */
function alike(d: Draw, shape: readonly number[], axis: number | undefined) {
  const dtype = d.pick(ANY);
  return Array.from({ length: d.int(1, 4) }, () =>
    d.tensor(
      shape.map((size, i) => i === axis ? d.size(5) : size),
      dtype,
      { special: true },
    ));
}

/** Kernels that move values and compute none. */
export const SHAPES: KernelCases = {
  BatchToSpaceND: {
    draw: (d) => {
      const block = [d.int(1, 3), d.int(1, 3)].slice(0, d.int(1, 2));
      const product = block.reduce((a, b) => a * b, 1);
      const sides = block.map(() => d.int(1, 4));
      const shape = [product * d.int(0, 2), ...sides, ...d.shape(d.int(0, 2))];
      const crops = block.map((size, i) => {
        const first = d.int(0, Math.min(2, size * sides[i]!));
        return [first, d.int(0, Math.min(2, size * sides[i]! - first))];
      });
      return {
        inputs: { x: d.tensor(shape, d.pick(ANY)) },
        attrs: { blockShape: block, crops },
      };
    },
    bound: EXACT,
    gradBound: EXACT,
  },
  SpaceToBatchND: {
    draw: (d) => {
      const block = [d.int(1, 3), d.int(1, 3)].slice(0, d.int(1, 2));
      const sides = block.map(() => d.int(1, 6));
      const pads = block.map((size, i) => {
        const first = d.int(0, 2);
        const rest = (sides[i]! + first) % size;
        return [first, (size - rest) % size + size * d.int(0, 1)];
      });
      const shape = [d.size(3), ...sides, ...d.shape(d.int(0, 2))];
      return {
        inputs: { x: d.tensor(shape, d.pick(ANY)) },
        attrs: { blockShape: block, paddings: pads },
      };
    },
    bound: EXACT,
    gradBound: EXACT,
  },
  BroadcastArgs: {
    draw: (d) => {
      const [a, b] = d.broadcastable();
      const vector = (values: number[]) => ({
        ...{ shape: [values.length], dtype: "int32" as const, values },
      });
      return { inputs: { s0: vector(a), s1: vector(b) }, attrs: {} };
    },
    bound: EXACT,
  },
  Concat: {
    draw: (d) => {
      const shape = d.shape(d.int(1, 4));
      const axis = d.int(0, shape.length - 1);
      return { inputs: alike(d, shape, axis), attrs: { axis } };
    },
    bound: EXACT,
    gradBound: EXACT,
  },
  DepthToSpace: {
    draw: (d) => {
      const [blockSize, nhwc] = [d.int(2, 3), d.chance(0.5)];
      const [batch, height, width] = [d.size(4), d.size(5), d.size(5)];
      const depth = blockSize ** 2 * d.int(1, 3);
      const shape = nhwc
        ? [batch, height, width, depth]
        : [batch, depth, height, width];
      return {
        inputs: { x: any(d, shape) },
        attrs: { blockSize, dataFormat: nhwc ? "NHWC" : "NCHW" },
      };
    },
    bound: EXACT,
  },
  Diag: {
    draw: (d) => ({
      inputs: { x: any(d, d.shape(d.int(1, 3), 4)) },
      attrs: {},
    }),
    bound: EXACT,
  },
  ExpandDims: {
    draw: (d) => {
      const shape = d.shape(d.int(0, 4));
      const dim = d.int(-shape.length - 1, shape.length);
      return { inputs: { input: any(d, shape) }, attrs: { dim } };
    },
    bound: EXACT,
    gradBound: EXACT,
  },
  Fill: {
    draw: (d) => {
      const dtype = d.pick(ANY);
      const value = dtype === "float32"
        ? d.pick([0.5, -1, NaN, Infinity, 1e-40])
        : d.int(0, 1);
      return {
        inputs: {},
        attrs: { shape: d.shape(d.int(0, 4)), value, dtype },
      };
    },
    bound: EXACT,
  },
  FlipLeftRight: {
    draw: (d) => ({
      inputs: { image: any(d, d.shape(4)) },
      attrs: {},
    }),
    bound: EXACT,
  },
  LinSpace: {
    draw: (d) => ({
      inputs: {},
      attrs: { start: d.float(), stop: d.float(), num: d.int(1, 70) },
    }),
    bound: { rtol: 1e-4, atol: 1e-5 },
  },
  MirrorPad: {
    draw: (d) => {
      const shape = Array.from({ length: d.int(1, 4) }, () => d.atLeast1());
      const mode = d.pick(["reflect", "symmetric"]);
      const most = (size: number) =>
        Math.min(3, mode === "reflect" ? size - 1 : size);
      const pads = shape.map((size) => [
        d.int(0, most(size)),
        d.int(0, most(size)),
      ]);
      return { inputs: { x: any(d, shape) }, attrs: { paddings: pads, mode } };
    },
    bound: EXACT,
  },
  OneHot: {
    draw: (d) => {
      const outside = d.chance(0.3) ? 4 : 0;
      const depth = d.int(1, 9);
      return {
        inputs: {
          indices: d.intTensor(
            d.shape(d.int(0, 3)),
            -outside,
            depth - 1 + outside,
          ),
        },
        attrs: {
          ...{ depth, dtype: d.pick(ANY) },
          ...{ onValue: d.int(0, 1), offValue: d.int(0, 1) },
        },
      };
    },
    bound: EXACT,
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
  PadV2: {
    draw: (d) => {
      const shape = d.shape(d.int(1, 5));
      const x = any(d, shape);
      return {
        inputs: { x },
        attrs: {
          paddings: paddings(d, shape),
          constantValue: x.dtype === "float32" ? d.float() : d.int(0, 1),
        },
      };
    },
    bound: EXACT,
    gradBound: EXACT,
  },
  Range: {
    draw: (d) => ({
      inputs: {},
      attrs: {
        ...{ start: d.int(-9, 9), stop: d.int(-9, 9) },
        ...{
          step: d.pick([1, 2, -1, -3]),
          dtype: d.pick(["float32", "int32"]),
        },
      },
    }),
    bound: EXACT,
  },
  Reshape: {
    draw: (d) => {
      const shape = d.shape(d.int(0, 5));
      const x = any(d, shape);
      const order = d.permutation(shape.length).map((axis) => shape[axis]!);
      const target = d.chance(0.5) ? order : [x.values.length];
      return { inputs: { x }, attrs: { shape: target } };
    },
    bound: EXACT,
    gradBound: EXACT,
  },
  Reverse: {
    draw: (d) => {
      const shape = d.shape(d.int(0, 5));
      const dims = d.axes(shape.length);
      return { inputs: { x: any(d, shape) }, attrs: { dims } };
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
        inputs: { x: any(d, shape) },
        attrs: { begin, size: sizes },
      };
    },
    bound: EXACT,
    refuses: /must be within/, // the cpu backend lets empty slices begin anywhere
    gradBound: EXACT,
  },
  SplitV: {
    draw: (d) => {
      const shape = d.shape(d.int(1, 4));
      const axis = d.int(0, shape.length - 1);
      const sizes = Array.from({ length: d.int(1, 4) }, () => d.int(0, 4));
      shape[axis] = sizes.reduce((sum, size) => sum + size, 0);
      const x = any(d, shape);
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
        ...[d.int(-size - 2, size + 2), d.int(-size - 2, size + 2)],
        d.pick([1, 1, 2, 3, -1, -2]),
      ]);
      const mask = () => d.chance(0.3) ? d.int(0, 2 ** shape.length - 1) : 0;
      return {
        inputs: { x: any(d, shape) },
        attrs: {
          begin: whole.map(([begin]) => begin),
          end: whole.map(([, end]) => end),
          strides: whole.map(([, , stride]) => stride),
          ...{ beginMask: mask(), endMask: mask(), ellipsisMask: 0 },
          ...{ newAxisMask: 0, shrinkAxisMask: 0 },
        },
      };
    },
    bound: EXACT,
  },
  Tile: {
    draw: (d) => {
      const shape = d.shape(d.int(0, 4), 6);
      const reps = shape.map(() => d.pick([1, 1, 2, 3, 0]));
      return { inputs: { x: any(d, shape) }, attrs: { reps } };
    },
    bound: EXACT,
    gradBound: { rtol: 1e-4, atol: 1e-5 },
  },
  Transpose: {
    draw: (d) => {
      const shape = d.shape(d.int(0, 6));
      const perm = d.permutation(shape.length);
      return { inputs: { x: any(d, shape) }, attrs: { perm } };
    },
    bound: EXACT,
    gradBound: EXACT,
  },
  Unpack: {
    draw: (d) => {
      const shape = d.shape(d.int(1, 4), 6);
      return {
        inputs: { value: any(d, shape) },
        attrs: { axis: d.axis(shape.length) },
      };
    },
    bound: EXACT,
  },
};
