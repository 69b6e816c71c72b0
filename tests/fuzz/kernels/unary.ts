import {
  type Bound,
  type Dtype,
  EXACT,
  type KernelCase,
  type KernelCases,
} from "../call.ts";
import type { Floats } from "../draw.ts";

/** Some units in the last place of float32's own functions. */
const ROUNDED: Bound = { rtol: 2 ** -20, atol: 2 ** -126 };

/** As ROUNDED, beside what is lost where the value itself crosses zero. */
const NEAR_ZERO: Bound = { rtol: 2 ** -20, atol: 2 ** -21 };

const GRADIENT: Bound = { rtol: 1e-4, atol: 1e-5 };

function unary(
  bound: Bound,
  options: {
    dtypes?: Dtype[];
    floats?: Floats;
    attrs?: Record<string, unknown>;
    grad?: Bound;
  } = {},
): KernelCase {
  const { dtypes = ["float32", "float32", "int32", "bool"], floats, attrs } =
    options;
  return {
    draw: (d) => {
      const shape = d.shape(d.int(0, 5));
      const x = d.tensor(shape, d.pick(dtypes), { special: true, ...floats });
      return { inputs: { x }, attrs: { ...attrs } };
    },
    bound,
    gradBound: options.grad,
  };
}

/** Kernels of one tensor, element by element. */
export const UNARY: KernelCases = {
  Abs: unary(EXACT, { grad: EXACT }),
  Acos: unary(NEAR_ZERO, { grad: GRADIENT, floats: { low: -1, high: 1 } }),
  Acosh: unary(NEAR_ZERO, { grad: GRADIENT, floats: { low: 1.5, high: 9 } }),
  Asin: unary(ROUNDED, { grad: GRADIENT, floats: { low: -1, high: 1 } }),
  Asinh: unary(ROUNDED, { grad: GRADIENT }),
  Atan: unary(ROUNDED, { grad: GRADIENT }),
  Atanh: unary(ROUNDED, { grad: GRADIENT, floats: { low: -0.9, high: 0.9 } }),
  Ceil: unary(EXACT, { grad: EXACT }),
  Cos: unary(NEAR_ZERO, { grad: GRADIENT }),
  Cosh: unary(ROUNDED, { grad: GRADIENT }),
  Elu: unary(NEAR_ZERO, { grad: GRADIENT }),
  Erf: unary(NEAR_ZERO, { grad: GRADIENT }),
  Exp: unary(ROUNDED, { grad: GRADIENT }),
  Expm1: unary(ROUNDED, { grad: GRADIENT }),
  Floor: unary(EXACT, { grad: EXACT }),
  Identity: unary(EXACT, { grad: EXACT }),
  IsFinite: unary(EXACT),
  IsInf: unary(EXACT),
  IsNan: unary(EXACT),
  LeakyRelu: {
    ...unary(ROUNDED),
    draw: (d) => ({
      inputs: {
        x: d.tensor(d.shape(d.int(0, 4)), d.dtype("float32", "int32"), {
          special: true,
        }),
      },
      attrs: { alpha: d.pick([0, 0.2, 1, -0.5, 1.5]) },
    }),
    gradBound: EXACT,
  },
  Log: unary(NEAR_ZERO, { grad: GRADIENT, floats: { low: 0.1, high: 9 } }),
  Log1p: unary(ROUNDED, { grad: GRADIENT, floats: { low: -0.9, high: 9 } }),
  LogicalNot: unary(EXACT, { dtypes: ["bool"] }),
  Neg: unary(EXACT, { grad: EXACT }),
  OnesLike: unary(EXACT, { grad: EXACT }),
  Reciprocal: unary(ROUNDED, { grad: GRADIENT }),
  Relu: unary(EXACT, { grad: EXACT }),
  Relu6: unary(EXACT, { grad: EXACT }),
  Round: unary(EXACT, { grad: EXACT }),
  Rsqrt: unary(ROUNDED, { grad: GRADIENT, floats: { low: 0.1, high: 9 } }),
  Selu: unary(NEAR_ZERO, { grad: GRADIENT }),
  Sigmoid: unary(NEAR_ZERO, { grad: GRADIENT }),
  Sign: unary(EXACT, { grad: EXACT }),
  Sin: unary(NEAR_ZERO, { grad: GRADIENT }),
  Sinh: unary(ROUNDED, { grad: GRADIENT }),
  Softplus: unary(NEAR_ZERO, { grad: GRADIENT }),
  Sqrt: unary(ROUNDED, { grad: GRADIENT, floats: { low: 0, high: 9 } }),
  Square: unary(ROUNDED, { grad: GRADIENT }),
  Step: {
    ...unary(EXACT, { grad: EXACT }),
    draw: (d) => ({
      inputs: {
        x: d.tensor(d.shape(d.int(0, 4)), d.dtype("float32", "int32", "bool"), {
          special: true,
        }),
      },
      attrs: { alpha: d.pick([0, 0.5, 1, -2]) },
    }),
  },
  Tan: unary(NEAR_ZERO, { grad: GRADIENT, floats: { low: -1.25, high: 1.25 } }),
  Tanh: unary(NEAR_ZERO, { grad: GRADIENT }),
  ZerosLike: unary(EXACT, { grad: EXACT }),
  Cast: {
    draw: (d) => ({
      inputs: {
        x: d.tensor(
          d.shape(d.int(0, 4)),
          d.dtype("float32", "float32", "int32", "bool"),
          { special: true, low: -300, high: 300 },
        ),
      },
      attrs: { dtype: d.pick(["float32", "int32", "bool"]) },
    }),
    bound: EXACT,
    gradBound: EXACT,
  },
  ClipByValue: {
    draw: (d) => {
      const [low, high] = [d.float(), d.float()].sort((a, b) => a - b);
      return {
        inputs: {
          x: d.tensor(
            d.shape(d.int(0, 4)),
            d.dtype("float32", "float32", "int32"),
            { special: true },
          ),
        },
        attrs: { clipValueMin: low, clipValueMax: high },
      };
    },
    bound: EXACT,
    gradBound: EXACT,
  },
  EluGrad: {
    draw: (d) => {
      const shape = d.shape(d.int(0, 4));
      return {
        inputs: { dy: d.tensor(shape), y: d.tensor(shape) },
        attrs: {},
      };
    },
    bound: ROUNDED,
  },
};
