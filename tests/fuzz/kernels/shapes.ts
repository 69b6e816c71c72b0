import { DTYPES, EXACT, type KernelCases } from "../call.ts";
import type { Draw } from "../draw.ts";

function paddings(d: Draw, shape: readonly number[], most = 3) {
  return shape.map(() =>
    d.chance(0.4) ? [0, 0] : [d.int(0, most), d.int(0, most)]
  );
}

/** Kernels that give values another place or shape, and compute none. */
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
        inputs: { x: d.tensor(shape, d.pick(DTYPES)) },
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
        inputs: { x: d.tensor(shape, d.pick(DTYPES)) },
        attrs: { blockShape: block, paddings: pads },
      };
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
        inputs: { x: d.anyTensor(shape) },
        attrs: { blockSize, dataFormat: nhwc ? "NHWC" : "NCHW" },
      };
    },
    bound: EXACT,
  },
  ExpandDims: {
    draw: (d) => {
      const shape = d.shape(d.int(0, 4));
      const dim = d.int(-shape.length - 1, shape.length);
      return { inputs: { input: d.anyTensor(shape) }, attrs: { dim } };
    },
    bound: EXACT,
    gradBound: EXACT,
  },
  FlipLeftRight: {
    draw: (d) => ({
      inputs: { image: d.anyTensor(d.shape(4)) },
      attrs: {},
    }),
    bound: EXACT,
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
      return {
        inputs: { x: d.anyTensor(shape) },
        attrs: { paddings: pads, mode },
      };
    },
    bound: EXACT,
  },
  PadV2: {
    draw: (d) => {
      const shape = d.shape(d.int(1, 5));
      const x = d.anyTensor(shape);
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
  Reshape: {
    draw: (d) => {
      const shape = d.shape(d.int(0, 5));
      const x = d.anyTensor(shape);
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
      return { inputs: { x: d.anyTensor(shape) }, attrs: { dims } };
    },
    bound: EXACT,
    gradBound: EXACT,
  },
  Transpose: {
    draw: (d) => {
      const shape = d.shape(d.int(0, 6));
      const perm = d.permutation(shape.length);
      return { inputs: { x: d.anyTensor(shape) }, attrs: { perm } };
    },
    bound: EXACT,
    gradBound: EXACT,
  },
};
