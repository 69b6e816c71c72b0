import * as tf from "@tensorflow/tfjs";
import { type Dtype, EXACT, type KernelCases } from "../call.ts";
import type { Draw } from "../draw.ts";

const ANY: Dtype[] = ["float32", "float32", "int32", "bool"];

/** Words for an index that is not in its tensor. */
const OUTSIDE = /indices must be|index/i;

/** Rows of indices into a shape, some of them outside. */
function places(d: Draw, lengths: readonly number[], count: number[]) {
  const outside = d.chance(0.15) ? d.int(1, 30) : 0;
  const total = count.reduce((a, b) => a * b, 1);
  const row = () =>
    lengths.map((size) => d.int(-outside, Math.max(0, size - 1 + outside)));
  return {
    shape: [...count, lengths.length],
    dtype: "int32" as const,
    values: Array.from({ length: total }, row).flat(),
  };
}

/** A tensor's shape, places in it, and what belongs there. */
function scatter(d: Draw, dtype: Dtype) {
  const shape = Array.from({ length: d.int(1, 4) }, () => d.atLeast1(6));
  const depth = d.int(1, shape.length);
  const count = [d.size(9)];
  return {
    shape,
    indices: places(d, shape.slice(0, depth), count),
    updates: d.tensor([...count, ...shape.slice(depth)], dtype),
  };
}

function segments(d: Draw) {
  const rows = d.atLeast1(9);
  const count = d.size(9);
  const outside = d.chance(0.1) ? 3 : 0;
  const ids = d.ints(count, d.chance(0.05) ? -1 : 0, 5);
  if (d.chance(0.9)) ids.sort((a, b) => a - b);
  return {
    inputs: {
      data: d.tensor([rows, ...d.shape(d.int(0, 2), 5)]),
      indices: d.intTensor([count], -outside, rows - 1 + outside),
      segmentIds: { shape: [count], dtype: "int32" as const, values: ids },
    },
    attrs: {},
  };
}

/** Kernels that take their places from a tensor. */
export const SPARSE: KernelCases = {
  GatherNd: {
    draw: (d) => {
      const shape = Array.from({ length: d.int(1, 4) }, () => d.atLeast1(6));
      const depth = d.int(1, shape.length);
      return {
        inputs: {
          params: d.tensor(shape, d.pick(ANY)),
          indices: places(d, shape.slice(0, depth), d.shape(d.int(1, 2), 5)),
        },
        attrs: {},
      };
    },
    bound: EXACT,
    refuses: OUTSIDE,
  },
  GatherV2: {
    draw: (d) => {
      const shape = d.shape(d.int(1, 4), 6);
      const axis = d.int(0, shape.length - 1);
      const batchDims = d.int(0, axis);
      const outside = d.chance(0.1) ? 2 : 0;
      return {
        inputs: {
          x: d.tensor(shape, d.pick(ANY)),
          indices: d.intTensor(
            [...shape.slice(0, batchDims), ...d.shape(d.int(0, 2), 5)],
            -outside,
            Math.max(0, shape[axis]! - 1 + outside),
          ),
        },
        attrs: { axis, batchDims },
      };
    },
    bound: EXACT,
    gradBound: { rtol: 1e-5, atol: 1e-5 },
  },
  ScatterNd: {
    draw: (d) => {
      const { shape, indices, updates } = scatter(
        d,
        d.dtype("float32", "int32"),
      );
      return { inputs: { indices, updates }, attrs: { shape } };
    },
    bound: { rtol: 1e-5, atol: 1e-5 },
    refuses: OUTSIDE,
  },
  SparseToDense: {
    draw: (d) => {
      const shape = Array.from({ length: d.int(1, 3) }, () => d.atLeast1(6));
      const count = [d.size(9)];
      const dtype = d.pick(ANY);
      return {
        inputs: {
          sparseIndices: places(d, shape, count),
          sparseValues: d.tensor(d.chance(0.2) ? [] : count, dtype),
          defaultValue: d.tensor([], dtype),
        },
        attrs: { outputShape: shape },
      };
    },
    bound: EXACT,
    refuses: OUTSIDE,
  },
  TensorScatterUpdate: {
    draw: (d) => {
      const dtype = d.pick(ANY);
      const { shape, indices, updates } = scatter(d, dtype);
      return {
        inputs: { tensor: d.tensor(shape, dtype), indices, updates },
        attrs: {},
      };
    },
    bound: EXACT,
    refuses: OUTSIDE,
  },
  SparseFillEmptyRows: {
    draw: (d) => {
      const [rows, columns, count] = [d.size(6), d.int(1, 5), d.size(8)];
      const indices = places(d, [rows, columns], [count]);
      const order = Array.from({ length: count }, (_, i) => i)
        .sort((a, b) => indices.values[2 * a]! - indices.values[2 * b]!);
      const sorted = d.chance(0.5)
        ? order.flatMap((i) => indices.values.slice(2 * i, 2 * i + 2))
        : indices.values;
      const dtype = d.pick(ANY);
      return {
        inputs: {
          indices: { ...indices, values: sorted },
          values: d.tensor([count], dtype),
          denseShape: {
            shape: [2],
            dtype: "int32" as const,
            values: [rows, columns],
          },
          defaultValue: d.tensor([], dtype),
        },
        attrs: {},
      };
    },
    bound: EXACT,
  },
  SparseReshape: {
    draw: (d) => {
      const shape = Array.from({ length: d.int(1, 3) }, () => d.atLeast1(6));
      const target = d.permutation(shape.length).map((i) => shape[i]!);
      if (d.chance(0.3)) target[0] = -1;
      if (d.chance(0.1)) target.push(d.pick([-1, 1, 2, -3]));
      const vector = (values: number[]) => ({
        shape: [values.length],
        dtype: "int32" as const,
        values,
      });
      return {
        inputs: {
          inputIndices: d.intTensor([d.size(8), shape.length], 0, 0),
          inputShape: vector(shape),
          newShape: vector(target),
        },
        attrs: {},
      };
    },
    bound: EXACT,
  },
  UnsortedSegmentSum: {
    draw: (d) => {
      const shape = d.shape(d.int(1, 3), 9);
      return {
        inputs: {
          x: d.tensor(shape, d.dtype("float32", "int32")),
          segmentIds: d.intTensor(shape.slice(0, 1), d.chance(0.1) ? -2 : 0, 5),
        },
        attrs: { numSegments: d.int(1, 6) },
      };
    },
    bound: { rtol: 1e-5, atol: 1e-5 },
    // The cpu backend makes float32 of int32.
    oracle: (inputs, attrs) =>
      tf.cast(
        tf.engine().runKernel("UnsortedSegmentSum", inputs, attrs) as tf.Tensor,
        inputs.x!.dtype,
      ),
  },
  SparseSegmentMean: { draw: segments, bound: { rtol: 1e-5, atol: 1e-5 } },
  SparseSegmentSum: { draw: segments, bound: { rtol: 1e-5, atol: 1e-5 } },
};
