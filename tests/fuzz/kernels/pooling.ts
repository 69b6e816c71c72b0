import * as tf from "@tensorflow/tfjs";
import {
  type Bound,
  type Call,
  EXACT,
  type Input,
  type KernelCase,
  type KernelCases,
  type Tensors,
} from "../call.ts";
import {
  atLeast0,
  drawWindow,
  exactPads,
  type Window,
} from "../draw_window.ts";

const SUMS: Bound = {
  terms: ({ inputs }: Call) =>
    24 + Object.values(inputs as Record<string, Input>)
      .reduce((sum, { values }) => sum + values.length, 0),
};

/** Of gradients, each of which has some dy as its terms. */
const FEW_SUMS: Bound = { rtol: 1e-5, atol: 1e-4 };

/**
 * The cpu backend's own, by explicit pads: TF.js core computes a width by the
 * height's numbers where the padding is a number, and the cpu backend's
 * gradients know of no rounding.
 */
const onCpu = (kernel: string) => (inputs: Tensors, attrs: never) => {
  const { pad, dimRoundingMode, ...rest } = attrs as {
    pad: Window["pad"];
    dimRoundingMode: Window["dimRoundingMode"];
    filterSize: number[];
    strides: number[];
  };
  const image = (inputs.x ?? inputs.input)!;
  const side = (i: number) =>
    exactPads({
      size: image.shape[1 + i]!,
      filter: rest.filterSize[i]!,
      stride: rest.strides[i]!,
      pad: Array.isArray(pad) ? pad[1 + i]! : [pad as number, pad as number],
    }, dimRoundingMode);
  const explicit = typeof pad === "string"
    ? pad
    : [[0, 0], side(0), side(1), [0, 0]];
  return tf.engine().runKernel(
    kernel,
    inputs,
    { ...rest, pad: explicit } as never,
  ) as tf.Tensor;
};

function pool(
  kernel: string,
  kind: "forward" | "gradient",
  bound: Bound,
): KernelCase {
  return {
    draw: (d): Call => {
      const window = drawWindow(d);
      const [batch, channels] = [d.size(3), d.size(20)];
      const input = d.tensor([batch, ...window.sides, channels]);
      const dy = d.tensor([batch, ...atLeast0(window.outSides), channels]);
      const { filter, strides, pad, dimRoundingMode } = window;
      return {
        inputs: kind === "forward"
          ? { x: input }
          : kernel === "MaxPoolGrad"
          ? { dy, input, output: dy }
          : { dy, input },
        attrs: {
          filterSize: filter,
          strides,
          pad,
          ...dimRoundingMode && { dimRoundingMode },
        },
      };
    },
    bound,
    gradBound: FEW_SUMS,
    refuses: /does not fit/,
    oracle: onCpu(kernel),
  };
}

/** Two-dimensional pools, and normalization over neighbouring channels. */
export const POOLING: KernelCases = {
  AvgPool: pool("AvgPool", "forward", SUMS),
  AvgPoolGrad: pool("AvgPoolGrad", "gradient", FEW_SUMS),
  MaxPool: pool("MaxPool", "forward", EXACT),
  MaxPoolGrad: pool("MaxPoolGrad", "gradient", FEW_SUMS),
  MaxPoolWithArgmax: {
    draw: (d) => {
      const { sides, filter, strides, pad } = drawWindow(d, {
        namedPads: true,
      });
      strides.fill(d.chance(0.5) ? 1 : strides[0]!);
      return {
        inputs: {
          x: d.tensor(
            [d.size(3), ...sides, d.size(5)],
            d.dtype("float32", "int32"),
          ),
        },
        attrs: {
          filterSize: filter,
          strides,
          pad,
          includeBatchInIndex: d.chance(0.5),
        },
      };
    },
    bound: EXACT,
    refuses: /does not fit/,
  },
  LRN: {
    draw: (d) => ({
      inputs: { x: d.tensor(d.shape(4)) },
      attrs: {
        depthRadius: d.int(0, 5),
        bias: d.pick([1, 0.5, 2]),
        alpha: d.pick([1, 0.25]),
        beta: d.pick([0.5, 0.75, 1]),
      },
    }),
    bound: { rtol: 1e-5, atol: 1e-6 },
    gradBound: { rtol: 1e-4, atol: 1e-5 },
  },
  LRNGrad: {
    draw: (d) => {
      const shape = d.shape(4);
      const tensor = () => d.tensor(shape);
      return {
        inputs: { x: tensor(), y: tensor(), dy: tensor() },
        attrs: {
          depthRadius: d.int(0, 5),
          bias: d.pick([1, 0.5, 2]),
          alpha: d.pick([1, 0.25]),
          beta: d.pick([0.5, 0.75, 1]),
        },
      };
    },
    bound: { rtol: 1e-3, atol: 1e-3 },
  },
};
