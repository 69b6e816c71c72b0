import * as tf from "@tensorflow/tfjs";
import {
  type Bound,
  type Call,
  type Dtype,
  EXACT,
  type Input,
  type KernelCase,
  type KernelCases,
  type Tensors,
} from "../call.ts";
import type { Floats } from "../draw.ts";

const size = (call: Call, name: string): number =>
  (call.inputs as Record<string, Input>)[name]!.values.length;

/** No sum has more terms than its tensor has elements. */
const sumsOf = (name: string): Bound => ({ terms: (call) => size(call, name) });

function reduction(
  bound: Bound,
  options: {
    dtypes?: Dtype[];
    floats?: Floats;
    axisName?: string;
    grad?: Bound;
  } = {},
): KernelCase {
  const { dtypes = ["float32"], axisName = "axis", floats } = options;
  return {
    draw: (d) => {
      const shape = d.shape(d.int(0, 5));
      const x = d.tensor(shape, d.pick(dtypes), floats);
      return {
        inputs: { x },
        attrs: { [axisName]: d.axes(shape.length), keepDims: d.chance(0.3) },
      };
    },
    bound,
    gradBound: options.grad,
  };
}

function alongAxis(
  bound: Bound,
  options: { dtypes: Dtype[]; floats?: Floats; grad?: Bound },
  attrs: (flags: [boolean, boolean]) => Record<string, unknown> = () => ({}),
): KernelCase {
  return {
    draw: (d) => {
      const shape = d.shape(d.int(1, 5));
      return {
        inputs: { x: d.tensor(shape, d.pick(options.dtypes), options.floats) },
        attrs: {
          axis: d.int(0, shape.length - 1),
          ...attrs([d.chance(0.5), d.chance(0.5)]),
        },
      };
    },
    bound,
    gradBound: options.grad,
  };
}

const NUMBERS: Dtype[] = ["float32", "float32", "int32"];
const SPECIAL: Floats = { special: true };
const scan = ([exclusive, reverse]: [boolean, boolean]) => ({
  exclusive,
  reverse,
});

/** numpy's value of nothing, where the cpu backend has another. */
const orOf = (kernel: string, ofNothing: number) =>
(
  inputs: Tensors,
  attrs: never,
): tf.Tensor => {
  const y = tf.engine().runKernel(kernel, inputs, attrs) as tf.Tensor;
  return inputs.x!.size > 0 ? y : tf.fill(y.shape, ofNothing, y.dtype);
};

/** Kernels along axes. */
export const REDUCTIONS: KernelCases = {
  All: { ...reduction(EXACT, { dtypes: ["bool"] }), oracle: orOf("All", 1) },
  Any: reduction(EXACT, { dtypes: ["bool"] }),
  ArgMax: alongAxis(EXACT, { dtypes: ["float32", "int32", "bool"] }),
  ArgMin: alongAxis(EXACT, { dtypes: ["float32", "int32", "bool"] }),
  Max: reduction(EXACT, {
    dtypes: [...NUMBERS, "bool"],
    axisName: "reductionIndices",
    floats: SPECIAL,
    grad: EXACT,
  }),
  Min: reduction(EXACT, {
    dtypes: [...NUMBERS, "bool"],
    floats: SPECIAL,
    grad: EXACT,
  }),
  Mean: {
    ...reduction(sumsOf("x"), { dtypes: NUMBERS, grad: sumsOf("x") }),
    oracle: orOf("Mean", NaN),
  },
  Prod: reduction({ rtol: 1e-3, atol: 1e-30 }, {
    dtypes: ["float32"],
    floats: { low: -1.25, high: 1.25 },
    grad: { rtol: 1e-3, atol: 1e-4 },
  }),
  Sum: reduction(sumsOf("x"), { dtypes: NUMBERS, grad: sumsOf("x") }),
  Cumprod: alongAxis({ rtol: 1e-3, atol: 1e-30 }, {
    dtypes: ["float32"],
    floats: { low: -1.25, high: 1.25 },
  }, scan),
  Cumsum: alongAxis(sumsOf("x"), { dtypes: NUMBERS, grad: sumsOf("x") }, scan),
  Softmax: {
    draw: (d) => {
      const shape = d.shape(d.int(1, 4));
      return {
        inputs: { logits: d.tensor(shape, "float32", { low: -20, high: 20 }) },
        attrs: { dim: shape.length - 1 },
      };
    },
    bound: { rtol: 1e-5, atol: 2 ** -126 },
    gradBound: { rtol: 1e-4, atol: 1e-5 },
  },
  TopK: {
    draw: (d) => {
      const shape = d.shape(d.int(1, 4));
      const k = d.int(0, shape.at(-1)!);
      return {
        inputs: { x: d.tensor(shape, d.dtype("float32", "int32")) },
        attrs: { k, sorted: true },
      };
    },
    bound: EXACT,
  },
  Unique: {
    draw: (d) => {
      const shape = d.shape(d.int(1, 3));
      return {
        inputs: { x: d.tensor(shape, d.dtype("float32", "int32", "bool")) },
        attrs: { axis: d.axis(shape.length) },
      };
    },
    bound: EXACT,
  },
  SearchSorted: {
    draw: (d) => {
      const batch = d.size(5);
      const dtype = d.dtype("float32", "int32");
      const sorted = d.tensor([batch, d.size()], dtype);
      const width = sorted.shape[1]!;
      for (let row = 0; row < batch; row++) {
        const values = sorted.values.slice(row * width, (row + 1) * width);
        values.sort((a, b) => a - b)
          .forEach((value, i) => sorted.values[row * width + i] = value);
      }
      return {
        inputs: {
          sortedSequence: sorted,
          values: d.tensor([batch, d.size()], dtype),
        },
        attrs: { side: d.pick(["left", "right"]) },
      };
    },
    bound: EXACT,
  },
  Bincount: {
    draw: (d) => {
      const length = d.size();
      const x = d.intTensor([length], d.chance(0.1) ? -2 : 0, 9);
      return {
        inputs: {
          x,
          weights: d.chance(0.5)
            ? d.tensor([0], "float32")
            : d.tensor([length], d.dtype("float32", "int32")),
        },
        attrs: { size: d.int(0, 12) },
      };
    },
    bound: { rtol: 1e-5, atol: 1e-5 },
  },
  DenseBincount: {
    draw: (d) => {
      const shape = d.shape(d.int(1, 2), 12);
      return {
        inputs: {
          x: d.intTensor(shape, d.chance(0.1) ? -2 : 0, 9),
          weights: d.chance(0.5)
            ? d.tensor([0], "float32")
            : d.tensor(shape, d.dtype("float32", "int32")),
        },
        attrs: { size: d.int(0, 12), binaryOutput: d.chance(0.3) },
      };
    },
    bound: { rtol: 1e-5, atol: 1e-5 },
    // The cpu backend counts a vector, where binaryOutput asks for 0 or 1.
    oracle: ({ x, weights }, attrs: { size: number }) => {
      const [rows, width] = x!.rank === 1 ? [1, x!.size] : x!.shape;
      const counts = tf.engine().runKernel("DenseBincount", {
        x: tf.reshape(x!, [rows!, width!]),
        weights: weights!.size > 0
          ? tf.reshape(weights!, [rows!, width!])
          : weights!,
      }, attrs) as tf.Tensor;
      return x!.rank === 1 ? tf.reshape(counts, [attrs.size]) : counts;
    },
  },
};
