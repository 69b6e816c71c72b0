import * as tf from "@tensorflow/tfjs";
import * as batchNorm from "../../reference/batch_norm.ts";
import { staysInDropout } from "../../reference/dropout.ts";
import { multiclassHinge } from "../../reference/multiclass_hinge.ts";
import { reluAlpha, reluAlphaGrad } from "../../reference/relu_alpha.ts";
import { softmaxCrossEntropy } from "../../reference/softmax_cross_entropy.ts";
import {
  type Bound,
  type Call,
  EXACT,
  type Input,
  type KernelCase,
  type KernelCases,
  type Tensors,
} from "../call.ts";
import type { Draw } from "../draw.ts";

const ROUNDED: Bound = { rtol: 1e-5, atol: 1e-5 };

/** Sums of some hundreds of products of numbers up to 4. */
const SUMMED: Bound = { rtol: 1e-4, atol: 2e-3 };

const floats = (values: ArrayLike<number>, shape: number[]) =>
  tf.tensor(Float32Array.from(values), shape);

/** As a fused layer's activation does it. */
function activated(
  z: tf.Tensor,
  attrs: { activation: string },
  alpha?: tf.Tensor,
) {
  const kind = attrs.activation;
  const slope = kind === "linear" ? [0] : kind === "relu" ? [1] : undefined;
  const values = reluAlpha(z.dataSync(), slope ?? alpha!.dataSync());
  return floats(values, z.shape);
}

/** y, and z where the backward pass cannot take it from y. */
function activatedOutputs(
  z: tf.Tensor,
  attrs: { activation: string },
  alpha?: tf.Tensor,
): tf.Tensor[] {
  const y = activated(z, attrs, alpha);
  return alpha && 1 - alpha.dataSync()[0]! < 1e-3 ? [y, z] : [y];
}

function fusedLayer(
  draw: (d: Draw) => { inputs: Record<string, Input>; columns: number },
  options: { alpha: boolean; attrs?: Record<string, unknown> },
  sums: (inputs: Tensors) => tf.Tensor,
): KernelCase {
  return {
    draw: (d) => {
      const { inputs, columns } = draw(d);
      return {
        inputs: {
          ...inputs,
          bias: d.tensor([columns]),
          ...options.alpha && { alpha: d.tensor([]) },
        },
        attrs: {
          ...options.attrs,
          activation: options.alpha ? "relu-alpha" : d.pick(["linear", "relu"]),
        },
      };
    },
    bound: SUMMED,
    oracle: (inputs, attrs) =>
      activatedOutputs(
        tf.add(sums(inputs), inputs.bias!),
        attrs,
        inputs.alpha,
      ),
    refuses: /does not fit/,
  };
}

const convolved = (alpha: boolean) =>
  fusedLayer(
    (d) => {
      const [inChannels, columns] = [d.atLeast1(20), d.atLeast1(20)];
      const [height, width] = [d.int(1, 4), d.int(1, 4)];
      const x = d.tensor([
        ...[d.size(3), height + d.int(0, 6), width + d.int(0, 6), inChannels],
      ]);
      const filter = d.tensor([height, width, inChannels, columns]);
      return { inputs: { x, filter }, columns };
    },
    {
      alpha,
      attrs: { strides: 1, pad: 1, dataFormat: "NHWC", dilations: 1 },
    },
    ({ x, filter }) =>
      tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, [
        ...[[0, 0], [1, 1], [1, 1], [0, 0]] as [number, number][],
      ] as never),
  );

const multiplied = (alpha: boolean) =>
  fusedLayer(
    (d) => {
      const [inner, columns] = [d.atLeast1(70), d.atLeast1(70)];
      const x = d.tensor([d.size(), inner]);
      return { inputs: { x, weights: d.tensor([inner, columns]) }, columns };
    },
    { alpha },
    ({ x, weights }) => tf.matMul(x!, weights!),
  );

/** Logits, labels that may not be classes, and what else a loss takes. */
function losses(d: Draw, attrs: Record<string, unknown>): Call {
  const [rows, classes] = [d.size(), d.atLeast1(70)];
  const outside = d.chance(0.05) ? 1 : 0;
  return {
    inputs: {
      logits: d.tensor([rows, classes], "float32", { low: -20, high: 20 }),
      labels: d.intTensor([rows], -outside, classes - 1 + outside),
    },
    attrs,
  };
}

const REFUSED_LABELS = /labels must be from 0 to/;

/** Rows of logits, with their labels. */
function rowsOf({ logits, labels }: Tensors) {
  const values = logits!.dataSync(), classes = logits!.shape[1]!;
  return Array.from(labels!.dataSync(), (label, row) => ({
    label,
    scores: values.slice(row * classes, (row + 1) * classes),
  }));
}

/** Kernels that TF.js does not have, against float64 loops. */
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
        ...{ ...of, offset: offset!.dataSync(), epsilon },
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
        ...{ x: x.values, scale: scale.values, epsilon: 0.1 },
        offset: scale.values,
      });
      const vector = (values: ArrayLike<number>) => ({
        ...{ shape: [channels], dtype: "float32" as const },
        values: Array.from(values, Math.fround),
      });
      return {
        inputs: {
          ...{ x, dy: d.tensor(x.shape), scale, mean: vector(mean) },
          variance: vector(variance),
          meanRest: vector(mean.map((value) => value - Math.fround(value))),
        },
        attrs: { epsilon: 0.1 },
      };
    },
    bound: { rtol: 1e-4, atol: 1e-3 },
    oracle: ({ x, dy, scale }, { epsilon }: { epsilon: number }) => {
      const { dx, dScale, dOffset } = batchNorm.batchNormGrad({
        ...{ x: x!.dataSync(), scale: scale!.dataSync(), epsilon },
        offset: scale!.dataSync(),
      }, dy!.dataSync());
      return [
        floats(dx, x!.shape),
        ...[dScale, dOffset].map((v) => floats(v, scale!.shape)),
      ];
    },
  },
  BiasActivationGrad: {
    draw: (d) => {
      const shape = [d.size(), d.atLeast1(70)];
      const activation = d.pick(["linear", "relu", "relu-alpha"]);
      return {
        inputs: {
          dy: d.tensor(shape),
          ...activation !== "linear" && { reference: d.tensor(shape) },
          ...activation === "relu-alpha" && { alpha: d.tensor([]) },
        },
        attrs: { activation, keptZ: true },
      };
    },
    bound: SUMMED,
    oracle: ({ dy, reference, alpha }) => {
      if (!reference) return [tf.sum(dy!, 0)];
      const { dx, dAlpha } = reluAlphaGrad(
        reference.dataSync(),
        alpha?.dataSync() ?? [1],
        dy!.dataSync(),
      );
      const dz = floats(dx, dy!.shape);
      return [
        ...[tf.sum(dz, 0), dz],
        ...alpha ? [floats(dAlpha, [])] : [],
      ];
    },
  },
  Conv2DBiasActivation: convolved(false),
  Conv2DBiasReluAlpha: convolved(true),
  MatMulBiasActivation: multiplied(false),
  MatMulBiasReluAlpha: multiplied(true),
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
  MeanLoss: {
    draw: (d) => ({
      inputs: { perExampleLoss: d.tensor([d.atLeast1(70)]) },
      attrs: {},
    }),
    bound: ROUNDED,
    oracle: ({ perExampleLoss }) => tf.mean(perExampleLoss!),
  },
  MeanLossGrad: {
    draw: (d) => ({
      inputs: { dy: d.tensor([]) },
      attrs: { batchSize: d.atLeast1(70) },
    }),
    bound: ROUNDED,
    oracle: ({ dy }, { batchSize }: { batchSize: number }) =>
      tf.fill([batchSize], dy!.dataSync()[0]! / batchSize),
  },
  MulticlassHinge: {
    draw: (d) =>
      losses(d, {
        margin: d.pick([0, 0.5, 1]),
        reduction: d.pick(["sum", "max"]),
      }),
    bound: { rtol: 1e-4, atol: 1e-3 },
    refuses: REFUSED_LABELS,
    oracle: (
      inputs,
      attrs: { margin: number; reduction: "sum" | "max" },
    ) => {
      const rows = rowsOf(inputs).map(({ scores, label }) =>
        multiclassHinge(scores, label, attrs.margin, attrs.reduction)
      );
      return [
        floats(rows.map(({ loss }) => loss), [rows.length]),
        floats(
          rows.flatMap(({ gradient }) => Array.from(gradient)),
          inputs.logits!.shape,
        ),
      ];
    },
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
          ...{ x: d.tensor(shape), dy: d.tensor(shape) },
          alpha: d.tensor(d.chance(0.5) && columns > 0 ? [columns] : []),
        },
        attrs: {},
      };
    },
    bound: SUMMED,
    oracle: ({ x, alpha, dy }) => {
      const { dx, dAlpha } = reluAlphaGrad(
        ...[x!.dataSync(), alpha!.dataSync(), dy!.dataSync()] as const,
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
  SoftmaxCrossEntropy: {
    draw: (d) => losses(d, {}),
    bound: ROUNDED,
    refuses: REFUSED_LABELS,
    oracle: (inputs) => {
      const { logits, labels } = inputs;
      const { loss, dLogits } = softmaxCrossEntropy(
        ...[logits!.dataSync(), labels!.dataSync()] as const,
        logits!.shape[1]!,
      );
      return [floats(loss, labels!.shape), floats(dLogits, logits!.shape)];
    },
  },
};
