import { DTYPES, EXACT, type KernelCases } from "../call.ts";

/** Kernels that make a tensor of numbers, of places or of a diagonal. */
export const FILLINGS: KernelCases = {
  BroadcastArgs: {
    draw: (d) => {
      const [a, b] = d.broadcastable();
      const vector = (values: number[]) => ({
        shape: [values.length],
        dtype: "int32" as const,
        values,
      });
      return { inputs: { s0: vector(a), s1: vector(b) }, attrs: {} };
    },
    bound: EXACT,
  },
  Diag: {
    draw: (d) => ({
      inputs: { x: d.anyTensor(d.shape(d.int(1, 3), 4)) },
      attrs: {},
    }),
    bound: EXACT,
  },
  Fill: {
    draw: (d) => {
      const dtype = d.pick(DTYPES);
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
  LinSpace: {
    draw: (d) => ({
      inputs: {},
      attrs: { start: d.float(), stop: d.float(), num: d.int(1, 70) },
    }),
    bound: { rtol: 1e-4, atol: 1e-5 },
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
          depth,
          dtype: d.pick(DTYPES),
          onValue: d.int(0, 1),
          offValue: d.int(0, 1),
        },
      };
    },
    bound: EXACT,
  },
  Range: {
    draw: (d) => ({
      inputs: {},
      attrs: {
        start: d.int(-9, 9),
        stop: d.int(-9, 9),
        step: d.pick([1, 2, -1, -3]),
        dtype: d.pick(["float32", "int32"]),
      },
    }),
    bound: EXACT,
  },
};
