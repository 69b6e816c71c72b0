import * as tf from "@tensorflow/tfjs";
import type { Activation } from "../ops/bias_activation.ts";
import { fusedConv2d } from "../ops/fused_conv2d.ts";
import { fusedDense } from "../ops/fused_dense.ts";
import { reluAlpha } from "../ops/relu_alpha.ts";
import type { BorderedConv2d, Layer, LayerDescription } from "./layer.ts";
import { flatten, maxPool } from "./layers.ts";
import type { Plain, PlainLayer } from "./plain_net.ts";

/** Layers with tensors of their own, until they are disposed of. */
export interface LayersFromPlain extends Disposable {
  /** They take part in no training. */
  readonly layers: readonly Layer[];
}

/**
 * Layers that compute what plain ones say, in float32, by the kernels of the
 * nets that are trained: an activation behind a convolution or a dense layer is
 * fused with it, unless each channel has an α of its own.
 *
 * @param plain the net; a backend must run
 * @returns the layers, each with a description
 */
export function layersFromPlain(
  plain: readonly PlainLayer[],
): LayersFromPlain {
  const tensors: tf.Tensor[] = [];
  const tensor = (values: Float64Array, shape: readonly number[]) => {
    const made = tf.tensor(Float32Array.from(values), [...shape]);
    tensors.push(made);
    return made;
  };
  const layers: Layer[] = [];
  for (let i = 0; i < plain.length; i++) {
    const layer = plain[i]!;
    const next = plain[i + 1];
    const isFused = hasEpilogue(layer) && next?.kind === "activation" &&
      (next.alpha?.length ?? 1) === 1;
    const after = isFused ? activationOf(next, tensor) : LINEAR;
    layers.push(layerFrom(layer, after, tensor));
    if (isFused) i++;
  }
  return {
    layers,
    [Symbol.dispose]() {
      tf.dispose(tensors);
    },
  };
}

type MakeTensor = (
  values: Float64Array,
  shape: readonly number[],
) => tf.Tensor;

const LINEAR: Activation = { kind: "linear" };

const hasEpilogue = ({ kind }: PlainLayer) =>
  kind === "conv2d" || kind === "dense" || kind === "bordered-conv2d";

/** A single α is a scalar, several are `[channels]`. */
function activationOf(
  { alpha }: Plain<"activation">,
  tensor: MakeTensor,
): Activation {
  return alpha === null ? { kind: "relu" } : {
    kind: "relu-alpha",
    alpha: tensor(alpha, alpha.length === 1 ? [] : [alpha.length]),
  };
}

function layerFrom(
  layer: PlainLayer,
  activation: Activation,
  tensor: MakeTensor,
): Layer {
  switch (layer.kind) {
    case "conv2d": {
      const { name, shape, pad: [pad, beside], stride } = layer;
      const filter = tensor(layer.filter, shape) as tf.Tensor4D;
      const bias = tensor(layer.bias, [shape[3]!]) as tf.Tensor1D;
      if (pad !== beside) {
        throw new RangeError(
          `Cannot make ${name}: it must have as many zeros above as beside: got ${pad} and ${beside}`,
        );
      }
      const options = { pad, stride, activation };
      return described(
        { kind: "conv2d", name, filter, bias, ...options },
        (x) => fusedConv2d(x as tf.Tensor4D, filter, bias, options),
      );
    }
    case "bordered-conv2d": {
      const pieces = layer.pieces.map((row) =>
        row.map((piece) => ({
          ...piece,
          filter: tensor(piece.filter, piece.shape),
          bias: tensor(piece.bias, [piece.shape[3]!]),
        }))
      );
      const bordered = { ...layer, pieces, activation };
      return described(
        bordered,
        (x) => borderedConv2d(x as tf.Tensor4D, bordered, activation),
      );
    }
    case "dense": {
      const { name, shape } = layer;
      const weights = tensor(layer.weights, shape) as tf.Tensor2D;
      const bias = tensor(layer.bias, [shape[1]!]) as tf.Tensor1D;
      return described(
        { kind: "dense", name, weights, bias, activation },
        (x) => fusedDense(x as tf.Tensor2D, weights, bias, { activation }),
      );
    }
    case "batch-norm": {
      const { name, epsilon } = layer;
      const vector = (values: Float64Array) =>
        tensor(values, [values.length]) as tf.Tensor1D;
      const [scale, offset, mean, variance] = [
        vector(layer.scale),
        vector(layer.offset),
        vector(layer.mean),
        vector(layer.variance),
      ];
      return described(
        { kind: "batch-norm", name, scale, offset, mean, variance, epsilon },
        (x) =>
          tf.batchNorm(
            x as tf.Tensor4D,
            mean,
            variance,
            offset,
            scale,
            epsilon,
          ),
      );
    }
    case "activation": {
      const f = activationOf(layer, tensor);
      return described(
        { kind: "activation", activation: f },
        (x) =>
          f.kind === "relu-alpha"
            ? reluAlpha(x, f.alpha as tf.Scalar)
            : tf.relu(x),
      );
    }
    case "max-pool":
      return maxPool(layer.size);
    case "flatten":
      return flatten();
  }
}

function described(
  description: LayerDescription,
  apply: (x: tf.Tensor) => tf.Tensor,
): Layer {
  return { variables: [], description, apply: (x) => tf.tidy(() => apply(x)) };
}

/**
 * Convolves the pieces and puts them together. Channels stand with the columns
 * where parts are taken: TF.js copies along the last axis, which is 3 times as
 * fast for gray images as pixel by pixel.
 *
 * @param x float32 `[batch, height, width, inChannels]`
 * @returns float32 `[batch, outHeight, outWidth, outChannels]`
 */
function borderedConv2d(
  x: tf.Tensor4D,
  { pads: [above, below, before, after], stride, outShape, pieces }:
    BorderedConv2d,
  activation: Activation,
): tf.Tensor {
  const [batch, height, width, channels] = x.shape;
  const lines = tf.reshape(x, [batch, height, width * channels]);
  const across = withZeros(lines, 2, before * channels, after * channels);
  const padded = withZeros(across, 1, above, below);
  const rows = pieces.map((row) => {
    const parts = row.map((piece) => {
      const part = tf.slice(
        padded,
        [0, piece.top, piece.left * channels],
        [batch, piece.height, piece.width * channels],
      );
      const y = fusedConv2d(
        tf.reshape(part, [batch, piece.height, piece.width, channels]),
        piece.filter as tf.Tensor4D,
        piece.bias as tf.Tensor1D,
        { stride, activation },
      );
      const [, down, across] = y.shape;
      const { rows, columns } = piece;
      if (rows * columns === 1) return y;
      // Where rows are in the channels there is one down, and so for columns.
      const apart = rows > 1 && across > 1
        ? tf.transpose(
          tf.reshape(y, [batch, across, rows, outShape[2]]),
          [0, 2, 1, 3],
        )
        : y;
      return tf.reshape(
        apart,
        [batch, down * rows, across * columns, outShape[2]],
      ) as tf.Tensor4D;
    });
    return parts.length === 1 ? parts[0]! : tf.concat(parts, 2);
  });
  return rows.length === 1 ? rows[0]! : tf.concat(rows, 1);
}

/** Zeros before and after; TF.js's pad takes 5 times as long for one image. */
function withZeros(
  x: tf.Tensor,
  axis: number,
  before: number,
  after: number,
): tf.Tensor {
  const zeros = (count: number) =>
    tf.zeros(x.shape.map((side, i) => i === axis ? count : side));
  return tf.concat(
    [
      before > 0 ? [zeros(before)] : [],
      [x],
      after > 0 ? [zeros(after)] : [],
    ].flat(),
    axis,
  );
}
