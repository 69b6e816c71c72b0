import * as tf from "@tensorflow/tfjs";
import { reluAlpha, reluAlphaGrad } from "../../reference/relu_alpha.ts";
import type { Input, KernelCase, KernelCases, Tensors } from "../call.ts";
import type { Draw } from "../draw.ts";
import { floats, SUMMED } from "../oracle_values.ts";

/**
 * One pixel on each side: TF.js core computes an output's width by the height's
 * numbers where the padding is a number.
 */
const PADS: tf.backend_util.ExplicitPadding = [[0, 0], [1, 1], [1, 1], [0, 0]];

/** z behind the layer's activation. */
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

/** y, and z too where the backward pass cannot compute z from y. */
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
        d.size(3),
        height + d.int(0, 6),
        width + d.int(0, 6),
        inChannels,
      ]);
      const filter = d.tensor([height, width, inChannels, columns]);
      return { inputs: { x, filter }, columns };
    },
    {
      alpha,
      attrs: { strides: 1, pad: 1, dataFormat: "NHWC", dilations: 1 },
    },
    ({ x, filter }) =>
      tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, PADS),
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

/** Layers of one kernel each, and the gradient of their last step. */
export const FUSED: KernelCases = {
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
        tf.sum(dz, 0),
        dz,
        ...alpha ? [floats(dAlpha, [])] : [],
      ];
    },
  },
  Conv2DBiasActivation: convolved(false),
  Conv2DBiasReluAlpha: convolved(true),
  MatMulBiasActivation: multiplied(false),
  MatMulBiasReluAlpha: multiplied(true),
};
