import * as tf from "@tensorflow/tfjs";
import {
  type Bound,
  type Dtype,
  EXACT,
  type KernelCase,
  type KernelCases,
} from "../call.ts";
import type { Floats } from "../draw.ts";

const ROUNDED: Bound = { rtol: 2 ** -22, atol: 2 ** -126 };

/** Sums over what was broadcast. */
const GRADIENT = { rtol: 1e-4, atol: 1e-4 };

function binary(
  bound: Bound,
  options: {
    dtypes?: Dtype[];
    floats?: Floats;
    grad?: typeof GRADIENT;
    names?: [string, string];
  } = {},
): KernelCase {
  const { dtypes = ["float32", "float32", "int32"], floats } = options;
  const [first, second] = options.names ?? ["a", "b"];
  return {
    draw: (d) => {
      const [a, b] = d.broadcastable(d.chance(0.1) ? 6 : 4);
      const dtype = d.pick(dtypes);
      const all = { special: true, ...floats };
      return {
        inputs: {
          [first]: d.tensor(a, dtype, all),
          [second]: d.tensor(b, dtype, all),
        },
        attrs: {},
      };
    },
    bound,
    gradBound: options.grad && { ...options.grad, broadcast: true },
  };
}

const COMPARED: Dtype[] = ["float32", "int32", "bool"];
const LOGICAL: Dtype[] = ["bool"];

/** Kernels of two tensors that broadcast to each other. */
export const BINARY: KernelCases = {
  Add: binary(EXACT, { grad: GRADIENT }),
  Atan2: binary(ROUNDED, {
    dtypes: ["float32"],
    grad: GRADIENT,
    floats: { special: false },
  }),
  BitwiseAnd: binary(EXACT, { dtypes: ["int32"] }),
  Equal: binary(EXACT, { dtypes: COMPARED }),
  FloorDiv: {
    ...binary(EXACT),
    // The cpu backend makes int32 of floats too, and 0 of ∞.
    oracle: ({ a, b }) =>
      a!.dtype === "float32" ? tf.floor(tf.div(a!, b!)) : tf.floorDiv(a!, b!),
  },
  Greater: binary(EXACT, { dtypes: COMPARED }),
  GreaterEqual: binary(EXACT, { dtypes: COMPARED }),
  Less: binary(EXACT, { dtypes: COMPARED }),
  LessEqual: binary(EXACT, { dtypes: COMPARED }),
  LogicalAnd: binary(EXACT, { dtypes: LOGICAL }),
  LogicalOr: binary(EXACT, { dtypes: LOGICAL }),
  LogicalXor: {
    ...binary(EXACT, { dtypes: LOGICAL }),
    // The cpu backend has no kernel of that name.
    oracle: ({ a, b }) => tf.logicalXor(a!, b!),
  },
  Maximum: binary(EXACT, { grad: GRADIENT }),
  Minimum: binary(EXACT, { grad: GRADIENT }),
  // What it adds to a negative remainder rounds: no large values.
  Mod: binary({ rtol: 2 ** -22, atol: 2 ** -20 }, {
    grad: GRADIENT,
    floats: { special: false },
  }),
  Multiply: binary(ROUNDED, { grad: GRADIENT }),
  NotEqual: binary(EXACT, { dtypes: COMPARED }),
  // IEEE 754's pow(1, NaN) is 1, JavaScript's is NaN: no special values.
  Pow: binary({ rtol: 2 ** -19, atol: 2 ** -126 }, {
    grad: GRADIENT,
    floats: { low: -3, high: 3, special: false },
  }),
  Prelu: {
    ...binary(ROUNDED, { names: ["x", "alpha"], grad: GRADIENT }),
    draw: (d) => {
      const shape = d.shape(d.int(0, 4));
      const slopes = shape.map((size) => d.chance(0.4) ? 1 : size)
        .slice(d.chance(0.3) ? d.int(0, shape.length) : 0);
      return {
        inputs: { x: d.tensor(shape), alpha: d.tensor(slopes) },
        attrs: {},
      };
    },
  },
  PreluGrad: {
    draw: (d) => {
      const shape = d.shape(d.int(0, 4));
      const slopes = shape.map((size) => d.chance(0.4) ? 1 : size)
        .slice(d.chance(0.3) ? d.int(0, shape.length) : 0);
      return {
        inputs: {
          x: d.tensor(shape),
          dy: d.tensor(shape),
          alpha: d.tensor(slopes),
        },
        attrs: {},
      };
    },
    bound: GRADIENT,
    // Where x is 0, dx is alpha · dy: the kernel's own choice.
    oracle: ({ x, alpha, dy }) => {
      const positive = tf.greater(x!, 0);
      const axes = tf.broadcast_util.getReductionAxes(alpha!.shape, x!.shape);
      const terms = tf.where(positive, tf.zerosLike(x!), tf.mul(x!, dy!));
      return [
        tf.where(positive, dy!, tf.mul(dy!, alpha!)),
        tf.reshape(tf.sum(terms, axes), alpha!.shape),
      ];
    },
  },
  RealDiv: binary(ROUNDED, { dtypes: ["float32"], grad: GRADIENT }),
  SquaredDifference: binary(ROUNDED, { grad: GRADIENT }),
  Sub: binary(EXACT, { grad: GRADIENT }),
  AddN: {
    draw: (d) => {
      const shape = d.shape(d.int(0, 4));
      const dtype = d.dtype("float32", "float32", "int32");
      return {
        inputs: Array.from(
          { length: d.int(1, 5) },
          () => d.tensor(shape, dtype),
        ),
        attrs: {},
      };
    },
    bound: { rtol: 2 ** -21, atol: 2 ** -20 },
    gradBound: EXACT,
  },
  Select: {
    draw: (d) => {
      const shape = d.shape(d.int(0, 4));
      const dtype = d.dtype("float32", "float32", "int32", "bool");
      return {
        inputs: {
          condition: d.tensor(shape, "bool"),
          t: d.tensor(shape, dtype, { special: true }),
          e: d.tensor(shape, dtype, { special: true }),
        },
        attrs: {},
      };
    },
    bound: EXACT,
    gradBound: EXACT,
  },
};
