import * as tf from "@tensorflow/tfjs";
import * as batchNorm from "../../reference/batch_norm.ts";
import { staysInDropout } from "../../reference/dropout.ts";
import { reluAlpha, reluAlphaGrad } from "../../reference/relu_alpha.ts";
import { EXACT, type KernelCases } from "../call.ts";
import { floats, ROUNDED, SUMMED } from "../oracle_values.ts";

/** The other kernels that TF.js does not have, against float64 loops. */
export const OWN: KernelCases = {
  BatchNormTraining: {
    draw: (d) => {
      const channels = d.atLeast1(20);
      return {
        inputs: {
          x: d.tensor([
            ...Array.from({ length: d.int(1, 3) }, () => d.atLeast1()),
            channels,
          ]),
          scale: d.tensor([channels]),
          offset: d.tensor([channels]),
        },
        attrs: { epsilon: 0.1 },
      };
    },
    bound: { rtol: 1e-4, atol: 1e-4 },
    oracle: ({ x, scale, offset }, { epsilon }: { epsilon: number }) => {
      const of = { x: x!.dataSync(), scale: scale!.dataSync() };
      const { y, mean, variance } = batchNorm.batchNorm({
        ...of,
        offset: offset!.dataSync(),
        epsilon,
      });
      const rest = mean.map((value) => value - Math.fround(value));
      return [
        floats(y, x!.shape),
        ...[mean, variance, rest].map((v) => floats(v, scale!.shape)),
      ];
    },
  },
  BatchNormTrainingGrad: {
    draw: (d) => {
      const channels = d.atLeast1(20);
      const x = d.tensor([d.atLeast1(), d.atLeast1(), channels]);
      const scale = d.tensor([channels]);
      const { mean, variance } = batchNorm.batchNorm({
        x: x.values,
        scale: scale.values,
        epsilon: 0.1,
        offset: scale.values,
      });
      const vector = (values: ArrayLike<number>) => ({
        shape: [channels],
        dtype: "float32" as const,
        values: Array.from(values, Math.fround),
      });
      return {
        inputs: {
          x,
          dy: d.tensor(x.shape),
          scale,
          mean: vector(mean),
          variance: vector(variance),
          meanRest: vector(mean.map((value) => value - Math.fround(value))),
        },
        attrs: { epsilon: 0.1 },
      };
    },
    bound: { rtol: 1e-4, atol: 1e-3 },
    oracle: ({ x, dy, scale }, { epsilon }: { epsilon: number }) => {
      const { dx, dScale, dOffset } = batchNorm.batchNormGrad({
        x: x!.dataSync(),
        scale: scale!.dataSync(),
        epsilon,
        offset: scale!.dataSync(),
      }, dy!.dataSync());
      return [
        floats(dx, x!.shape),
        ...[dScale, dOffset].map((v) => floats(v, scale!.shape)),
      ];
    },
  },
  Dropout: {
    draw: (d) => ({
      inputs: { x: d.tensor(d.shape(d.int(0, 3))) },
      attrs: { rate: d.pick([0, 0.25, 0.5, 0.9]), key: d.int(0, 2 ** 32 - 1) },
    }),
    bound: ROUNDED,
    oracle: ({ x }, { rate, key }: { rate: number; key: number }) =>
      floats(
        Float64Array.from(
          x!.dataSync(),
          (value, i) => staysInDropout(i, rate, key) ? value / (1 - rate) : 0,
        ),
        x!.shape,
      ),
  },
  PixelTensor: {
    draw: (d) => {
      const shape = d.shape(4);
      const size = shape.reduce((a, b) => a * b, 1);
      return {
        inputs: {},
        attrs: { pixels: Uint8Array.from(d.ints(size, 0, 255)), shape },
      };
    },
    bound: EXACT,
    oracle: (_, { pixels, shape }: { pixels: Uint8Array; shape: number[] }) =>
      floats(Float32Array.from(pixels, (pixel) => pixel / 255), shape),
  },
  ReluAlpha: {
    draw: (d) => {
      const shape = d.shape(d.int(1, 4));
      const columns = shape.at(-1)!;
      return {
        inputs: {
          x: d.tensor(shape, "float32", { special: true }),
          alpha: d.tensor(d.chance(0.5) && columns > 0 ? [columns] : []),
        },
        attrs: {},
      };
    },
    bound: ROUNDED,
    oracle: ({ x, alpha }) =>
      floats(reluAlpha(x!.dataSync(), alpha!.dataSync()), x!.shape),
  },
  ReluAlphaGrad: {
    draw: (d) => {
      const shape = d.shape(d.int(1, 4));
      const columns = shape.at(-1)!;
      return {
        inputs: {
          x: d.tensor(shape),
          dy: d.tensor(shape),
          alpha: d.tensor(d.chance(0.5) && columns > 0 ? [columns] : []),
        },
        attrs: {},
      };
    },
    bound: SUMMED,
    oracle: ({ x, alpha, dy }) => {
      const { dx, dAlpha } = reluAlphaGrad(
        x!.dataSync(),
        alpha!.dataSync(),
        dy!.dataSync(),
      );
      return [floats(dx, x!.shape), floats(dAlpha, alpha!.shape)];
    },
  },
  ScaleRows: {
    draw: (d) => {
      const rows = d.size();
      return {
        inputs: { x: d.tensor([rows, d.size()]), scales: d.tensor([rows]) },
        attrs: {},
      };
    },
    bound: ROUNDED,
    oracle: ({ x, scales }) => tf.mul(x!, tf.expandDims(scales!, 1)),
  },
};
