import * as tf from "@tensorflow/tfjs";
import type { Bound, Call, Input, KernelCases } from "../call.ts";
import { type Draw, FUSED_ACTIVATIONS } from "../draw.ts";

const SUMS: Bound = {
  terms: ({ inputs }: Call) =>
    Math.max(
      ...Object.values(inputs as Record<string, Input>)
        .flatMap(({ shape }) => shape),
    ) + 24,
};

function factors(d: Draw, batches: [number[], number[]]) {
  const [rows, inner, columns] = [d.size(), d.size(), d.size()];
  const [transposeA, transposeB] = [d.chance(0.5), d.chance(0.5)];
  return {
    shapes: [
      [...batches[0], ...transposeA ? [inner, rows] : [rows, inner]],
      [...batches[1], ...transposeB ? [columns, inner] : [inner, columns]],
    ] as const,
    columns,
    attrs: { transposeA, transposeB },
  };
}

/** Matrix products, and batch normalization with given moments. */
export const PRODUCTS: KernelCases = {
  BatchMatMul: {
    draw: (d) => {
      const whole = d.shape(d.int(0, 2), 4);
      const one = (size: number) => d.chance(0.15) ? 1 : size;
      const batches: [number[], number[]] = [whole.map(one), whole.map(one)];
      const { shapes, attrs } = factors(d, batches);
      const dtype = d.dtype("float32", "float32", "float32", "int32");
      return {
        inputs: {
          a: d.tensor(shapes[0], dtype),
          b: d.tensor(shapes[1], dtype),
        },
        attrs,
      };
    },
    bound: SUMS,
    // The cpu backend is wrong where both are broadcast.
    oracle: ({ a, b }, attrs) => {
      const [first, second] = [a!.shape.slice(0, -2), b!.shape.slice(0, -2)];
      const whole = tf.broadcast_util.assertAndGetBroadcastShape(first, second);
      const spread = (x: tf.Tensor) =>
        tf.broadcastTo(x, [...whole, ...x.shape.slice(-2)]);
      const factors = { a: spread(a!), b: spread(b!) };
      return tf.engine().runKernel("BatchMatMul", factors, attrs) as tf.Tensor;
    },
    gradBound: SUMS,
    refuses: /^Error in gradient for op BatchMatMul/, // TF.js core's own limit
  },
  _FusedMatMul: {
    draw: (d) => {
      const batch = d.chance(0.6) ? [1] : [d.size(4)];
      const { shapes, columns, attrs } = factors(d, [
        batch,
        d.chance(0.2) ? [1] : batch,
      ]);
      const activation = d.pick(FUSED_ACTIVATIONS);
      return {
        inputs: {
          a: d.tensor(shapes[0]),
          b: d.tensor(shapes[1]),
          ...d.chance(0.6) && { bias: d.tensor([columns]) },
          ...activation === "prelu" && {
            preluActivationWeights: d.tensor(d.chance(0.5) ? [columns] : []),
          },
        },
        attrs: { ...attrs, activation, leakyreluAlpha: 0.25 },
      };
    },
    bound: { rtol: 1e-4, atol: 2e-3 },
  },
  Einsum: {
    draw: (d) => {
      const [i, j, k, b] = [d.size(9), d.size(9), d.size(9), d.size(5)];
      const [equation, ...shapes] = d.pick<[string, ...number[][]]>([
        ["ij,jk->ik", [i, j], [j, k]],
        ["bij,bjk->bik", [b, i, j], [b, j, k]],
        ["ij,kj->ki", [i, j], [k, j]],
        ["i,j->ij", [i], [j]],
        ["ij,ij->", [i, j], [i, j]],
        ["bij->bji", [b, i, j]],
        ["ij->j", [i, j]],
      ]);
      return {
        inputs: shapes.map((shape) => d.tensor(shape)),
        attrs: { equation },
      };
    },
    bound: { rtol: 1e-4, atol: 2e-3 },
    gradBound: { rtol: 1e-4, atol: 2e-3 },
  },
  FusedBatchNorm: {
    draw: (d) => {
      const shape = d.shape(4);
      const whole = d.chance(0.2);
      const of = (low: number) =>
        d.tensor(whole ? shape : shape.slice(-1), "float32", { low, high: 4 });
      return {
        inputs: {
          x: d.tensor(shape),
          mean: of(-4),
          variance: of(0),
          ...d.chance(0.5) && { offset: of(-4) },
          scale: of(-4), // its gradient cannot be without
        },
        attrs: { varianceEpsilon: 0.01 },
      };
    },
    bound: { rtol: 1e-5, atol: 1e-5 },
    gradBound: { rtol: 1e-3, atol: 1e-2 },
  },
  Multinomial: {
    draw: (d) => {
      // One event has all of the probability: no generator decides.
      const [rows, events] = [d.size(5), d.int(2, 9)];
      const sure = Array.from({ length: rows }, () => d.int(0, events - 1));
      const normalized = d.chance(0.5);
      const [yes, no] = normalized ? [1, 0] : [0, -1e4];
      return {
        inputs: {
          logits: {
            shape: [rows, events],
            dtype: "float32",
            values: sure.flatMap((event) =>
              Array.from({ length: events }, (_, i) => i === event ? yes : no)
            ),
          },
        },
        attrs: { numSamples: d.size(9), seed: d.int(1, 99), normalized },
      };
    },
    bound: { rtol: 0, atol: 0 },
  },
};
