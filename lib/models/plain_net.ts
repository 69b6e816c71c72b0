import type * as tf from "@tensorflow/tfjs";
import type { Activation } from "../ops/bias_activation.ts";
import type { BorderedConv2d, Layer } from "./layer.ts";

/**
 * A layer with float64 parameters, without TensorFlow.js: for what is computed
 * of a net, and not by it. An image is `[height, width, channels]`, row-major,
 * and a row of features `[features]`.
 */
export type PlainLayer =
  | {
    readonly kind: "conv2d";
    readonly name: string;
    /** `[filterHeight, filterWidth, inChannels, outChannels]`. */
    readonly shape: readonly number[];
    readonly filter: Float64Array;
    readonly bias: Float64Array;
    /** Zeros above and below, and to the left and right. */
    readonly pad: readonly [number, number];
    readonly stride: number;
  }
  | {
    readonly kind: "dense";
    readonly name: string;
    /** `[inFeatures, outFeatures]`. */
    readonly shape: readonly number[];
    readonly weights: Float64Array;
    readonly bias: Float64Array;
  }
  | {
    readonly kind: "batch-norm";
    readonly name: string;
    readonly scale: Float64Array;
    readonly offset: Float64Array;
    readonly mean: Float64Array;
    readonly variance: Float64Array;
    readonly epsilon: number;
  }
  | (BorderedConv2d<Float64Array> & {
    readonly kind: "bordered-conv2d";
    readonly name: string;
  })
  /** ReLU_α with one α, or one per channel; ReLU where `alpha` is null. */
  | { readonly kind: "activation"; readonly alpha: Float64Array | null }
  | { readonly kind: "max-pool"; readonly size: number }
  | { readonly kind: "flatten" };

/** A {@linkcode PlainLayer} of one kind. */
export type Plain<Kind extends PlainLayer["kind"]> = Extract<
  PlainLayer,
  { kind: Kind }
>;

/**
 * A net's layers as they are now, one after the other: activations that are
 * fused stand by themselves, and what does nothing is left out.
 *
 * @param layers each with a description
 * @returns the layers with float64 copies of their parameters
 * @throws {TypeError} for a layer without a description
 */
export function plainLayers(layers: readonly Layer[]): PlainLayer[] {
  return layers.flatMap(({ description: layer }): PlainLayer[] => {
    switch (layer?.kind) {
      case "sequential":
        return plainLayers(layer.layers);
      case "conv2d": {
        const { name, filter, bias, pad, stride, activation } = layer;
        return [{
          kind: "conv2d",
          name,
          shape: filter.shape,
          filter: values(filter),
          bias: values(bias),
          pad: [pad, pad],
          stride,
        }, ...plainActivation(activation)];
      }
      case "dense": {
        const { name, weights, bias, activation } = layer;
        return [{
          kind: "dense",
          name,
          shape: weights.shape,
          weights: values(weights),
          bias: values(bias),
        }, ...plainActivation(activation)];
      }
      case "batch-norm": {
        const { name, epsilon } = layer;
        return [{
          kind: "batch-norm",
          name,
          epsilon,
          scale: values(layer.scale),
          offset: values(layer.offset),
          mean: values(layer.mean),
          variance: values(layer.variance),
        }];
      }
      case "bordered-conv2d": {
        const { activation, pieces, ...rest } = layer;
        const plain = pieces.map((row) =>
          row.map((piece) => ({
            ...piece,
            filter: values(piece.filter),
            bias: values(piece.bias),
          }))
        );
        return [{ ...rest, pieces: plain }, ...plainActivation(activation)];
      }
      case "activation":
        return plainActivation(layer.activation);
      case "max-pool":
      case "flatten":
        return [layer];
      case "dropout":
        return [];
      case undefined:
        throw new TypeError(
          "Cannot read the net: each layer must say what it computes: got no description",
        );
    }
  });
}

function values(tensor: tf.Tensor): Float64Array {
  return Float64Array.from(tensor.dataSync());
}

function plainActivation(activation: Activation): PlainLayer[] {
  if (activation.kind === "linear") return [];
  const alpha = activation.kind === "relu" ? null : values(activation.alpha);
  return [{ kind: "activation", alpha }];
}

/**
 * The shape that leaves a layer.
 *
 * @param layer the layer
 * @param shape what enters it
 * @returns `[height, width, channels]`, or `[features]`
 */
export function outputShape(
  layer: PlainLayer,
  shape: readonly number[],
): number[] {
  switch (layer.kind) {
    case "conv2d": {
      const side = (axis: 0 | 1) =>
        Math.floor(
          (shape[axis]! + 2 * layer.pad[axis] - layer.shape[axis]!) /
            layer.stride,
        ) + 1;
      return [side(0), side(1), layer.shape[3]!];
    }
    case "bordered-conv2d":
      return [...layer.outShape];
    case "dense":
      return [layer.shape[1]!];
    case "max-pool": {
      const side = (axis: number) => Math.floor(shape[axis]! / layer.size);
      return [side(0), side(1), shape[2]!];
    }
    case "flatten":
      return [shape.reduce((product, side) => product * side, 1)];
    default:
      return [...shape];
  }
}

/**
 * The shapes between a net's layers.
 *
 * @param layers the net
 * @param shape of an image that enters it
 * @returns the image's shape, then what leaves each layer
 */
export function layerShapes(
  layers: readonly PlainLayer[],
  shape: readonly number[],
): number[][] {
  const shapes = [[...shape]];
  for (const layer of layers) shapes.push(outputShape(layer, shapes.at(-1)!));
  return shapes;
}

/**
 * The multiplications with a parameter that a layer makes of an image, those
 * with the zeros around it included; activations and pooling count none.
 *
 * @param layer the layer
 * @param shape what enters it
 */
export function multiplyAdds(
  layer: PlainLayer,
  shape: readonly number[],
): number {
  const product = (sides: readonly number[]) =>
    sides.reduce((product, side) => product * side, 1);
  switch (layer.kind) {
    case "conv2d":
      return product(outputShape(layer, shape).slice(0, 2)) *
        product(layer.shape);
    case "bordered-conv2d":
      return product([...layer.outShape, ...layer.window, shape[2]!]);
    case "dense":
      return product(layer.shape);
    case "batch-norm":
      return product(shape);
    default:
      return 0;
  }
}

/** The parameters of a layer, as they would be saved: numbers. */
export function countParameters(layer: PlainLayer): number {
  switch (layer.kind) {
    case "conv2d":
      return layer.filter.length + layer.bias.length;
    case "bordered-conv2d":
      return layer.pieces.flat().reduce(
        (sum, { filter, bias }) => sum + filter.length + bias.length,
        0,
      );
    case "dense":
      return layer.weights.length + layer.bias.length;
    case "batch-norm":
      return 4 * layer.scale.length;
    case "activation":
      return layer.alpha?.length ?? 0;
    default:
      return 0;
  }
}
