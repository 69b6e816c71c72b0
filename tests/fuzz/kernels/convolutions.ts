import * as tf from "@tensorflow/tfjs";
import type {
  Bound,
  Call,
  Input,
  KernelCase,
  KernelCases,
  Tensors,
} from "../call.ts";
import { type Draw, FUSED_ACTIVATIONS } from "../draw.ts";
import { atLeast0, drawWindow, type Window } from "../draw_window.ts";

/** All elements of the operands: more than any sum has, Winograd's loss too. */
const SUMS: Bound = {
  terms: ({ inputs }: Call) =>
    24 + Object.values(inputs as Record<string, Input>)
      .reduce((sum, { values }) => sum + values.length, 0),
};

/** What has no place in its image, or no size. */
const REFUSES = /does not fit|must fit|must be .*got/;

type Layout = "NHWC" | "NCHW";

const image = (
  layout: Layout,
  [batch, channels]: [number, number],
  sides: readonly number[],
) =>
  layout === "NHWC"
    ? [batch, ...atLeast0(sides), channels]
    : [batch, channels, ...atLeast0(sides)];

function attrsOf(d: Draw, window: Window, layout: Layout) {
  const { strides, dilations, pad, dimRoundingMode } = window;
  const [height, width] = strides as [number, number];
  const explicit = Array.isArray(pad) && layout === "NCHW"
    ? [pad[0], pad[3], pad[1], pad[2]]
    : pad;
  return {
    strides: height === width && d.chance(0.3) ? height : [height, width],
    dilations: dilations[0] === dilations[1] && d.chance(0.3)
      ? dilations[0]
      : dilations,
    pad: explicit,
    dataFormat: layout,
    ...dimRoundingMode && { dimRoundingMode },
  };
}

/**
 * TF.js core computes an output's width by the height's numbers where the
 * padding is a number; explicit pads of that number say the same and are right.
 */
function withExplicitPad(attrs: Record<string, unknown>) {
  const { pad } = attrs;
  if (typeof pad !== "number") return attrs;
  const sides = [[pad, pad], [pad, pad]], none = [[0, 0]];
  return {
    ...attrs,
    pad: attrs.dataFormat === "NCHW"
      ? [none, none, sides].flat()
      : [none, sides, none].flat(),
  };
}

/** A kernel of the cpu backend, with explicit pads. */
const onCpu = (kernel: string) => (inputs: Tensors, attrs: never) =>
  tf.engine().runKernel(
    kernel,
    inputs,
    withExplicitPad(attrs) as never,
  ) as tf.Tensor;

interface Drawn {
  d: Draw;
  window: Window;
  layout: Layout;
  batch: number;
  inChannels: number;
  outChannels: number;
  attrs: Record<string, unknown>;
}

function convolution(
  kernel: string,
  inputs: (drawn: Drawn) => Call,
  options: { dilated?: boolean; nchw?: boolean; depthwise?: boolean } = {},
): KernelCase {
  return {
    draw: (d) => {
      const window = drawWindow(d, { dilated: options.dilated });
      const layout = options.nchw && d.chance(0.25) ? "NCHW" : "NHWC";
      return inputs({
        d,
        window,
        layout,
        batch: d.size(3),
        inChannels: d.size(20),
        outChannels: d.size(20),
        attrs: attrsOf(d, window, layout),
      });
    },
    bound: SUMS,
    gradBound: SUMS,
    refuses: REFUSES,
    oracle: onCpu(kernel),
  };
}

/** Bias, activation and its slopes, for a fused kernel. */
function epilogue(d: Draw, channels: number) {
  const activation = d.pick(FUSED_ACTIVATIONS);
  return {
    inputs: {
      ...d.chance(0.6) && { bias: d.tensor([channels]) },
      ...activation === "prelu" && {
        preluActivationWeights: d.tensor(d.chance(0.5) ? [channels] : []),
      },
    },
    attrs: { activation, leakyreluAlpha: 0.25 },
  };
}

const FILTERED = ({ d, window, layout, ...drawn }: Drawn): Call => ({
  inputs: {
    x: d.tensor(
      image(layout, [drawn.batch, drawn.inChannels], window.sides),
    ),
    filter: d.tensor([
      ...window.filter,
      drawn.inChannels,
      drawn.outChannels,
    ]),
  },
  attrs: drawn.attrs,
});

const DEPTHWISE = ({ d, window, layout, ...drawn }: Drawn): Call => {
  const channels = Math.min(9, drawn.inChannels);
  return {
    inputs: {
      x: d.tensor(image(layout, [drawn.batch, channels], window.sides)),
      filter: d.tensor([...window.filter, channels, d.int(1, 3)]),
    },
    attrs: drawn.attrs,
  };
};

/** A convolution with what its fused kernel adds. */
const fused = (draw: (drawn: Drawn) => Call) => (drawn: Drawn): Call => {
  const call = draw(drawn);
  const { filter } = call.inputs as Record<string, Input>;
  const channels = draw === DEPTHWISE
    ? filter!.shape[2]! * filter!.shape[3]!
    : filter!.shape[3]!;
  const added = epilogue(drawn.d, channels);
  return {
    inputs: { ...call.inputs, ...added.inputs },
    attrs: { ...call.attrs, ...added.attrs },
  };
};

/** The sums by one kernel, bias and activation by operations of their own. */
const fusedOnCpu =
  (kernel: string) => (inputs: Tensors, attrs: never): tf.Tensor => {
    const { bias, preluActivationWeights, x, filter } = inputs;
    const { activation, leakyreluAlpha, ...rest } = attrs as {
      activation: string;
      leakyreluAlpha: number;
    };
    const sums = onCpu(kernel)({ x, filter } as never, rest as never);
    const y = bias ? tf.add(sums, bias) : sums;
    switch (activation) {
      case "relu":
        return tf.relu(y);
      case "relu6":
        return tf.relu6(y);
      case "prelu":
        return tf.prelu(y, preluActivationWeights!);
      case "leakyrelu":
        return tf.leakyRelu(y, leakyreluAlpha);
      case "sigmoid":
        return tf.sigmoid(y);
      case "elu":
        return tf.elu(y);
      default:
        return y;
    }
  };

/** A fused kernel's sums have 8 · 2⁻²⁴ · 16 more to lose in sigmoid and elu. */
function fusedCase(
  kernel: string,
  sums: string,
  draw: (drawn: Drawn) => Call,
): KernelCase {
  return {
    ...convolution(kernel, fused(draw), { dilated: true }),
    bound: { rtol: 1e-4, atol: 2e-3 },
    gradBound: undefined,
    oracle: fusedOnCpu(sums),
  };
}

/** Two-dimensional convolutions, their gradients, and fused ones. */
export const CONVOLUTIONS: KernelCases = {
  Conv2D: convolution("Conv2D", FILTERED, { dilated: true, nchw: true }),
  Conv2DBackpropFilter: convolution(
    "Conv2DBackpropFilter",
    ({ d, window, layout, batch, inChannels, outChannels, attrs }) => ({
      inputs: {
        x: d.tensor(image(layout, [batch, inChannels], window.sides)),
        dy: d.tensor(image(layout, [batch, outChannels], window.outSides)),
      },
      attrs: {
        ...attrs,
        dilations: 1,
        filterShape: [...window.filter, inChannels, outChannels],
      },
    }),
    { nchw: true },
  ),
  Conv2DBackpropInput: convolution(
    "Conv2DBackpropInput",
    ({ d, window, layout, batch, inChannels, outChannels, attrs }) => ({
      inputs: {
        dy: d.tensor(image(layout, [batch, outChannels], window.outSides)),
        filter: d.tensor([...window.filter, inChannels, outChannels]),
      },
      attrs: {
        ...attrs,
        dilations: 1,
        inputShape: image(layout, [batch, inChannels], window.sides),
      },
    }),
    { nchw: true },
  ),
  DepthwiseConv2dNative: convolution("DepthwiseConv2dNative", DEPTHWISE, {
    dilated: true,
  }),
  DepthwiseConv2dNativeBackpropFilter: convolution(
    "DepthwiseConv2dNativeBackpropFilter",
    ({ d, window, layout, batch, inChannels, attrs }) => {
      const [channels, multiplier] = [Math.min(9, inChannels), d.int(1, 3)];
      const out: [number, number] = [batch, channels * multiplier];
      return {
        inputs: {
          x: d.tensor(image(layout, [batch, channels], window.sides)),
          dy: d.tensor(image(layout, out, window.outSides)),
        },
        attrs: {
          ...attrs,
          filterShape: [...window.filter, channels, multiplier],
        },
      };
    },
    // The cpu backend's know of no dilations.
    {},
  ),
  DepthwiseConv2dNativeBackpropInput: convolution(
    "DepthwiseConv2dNativeBackpropInput",
    ({ d, window, layout, batch, inChannels, attrs }) => {
      const [channels, multiplier] = [Math.min(9, inChannels), d.int(1, 3)];
      const out: [number, number] = [batch, channels * multiplier];
      return {
        inputs: {
          dy: d.tensor(image(layout, out, window.outSides)),
          filter: d.tensor([...window.filter, channels, multiplier]),
        },
        attrs: {
          ...attrs,
          inputShape: image(layout, [batch, channels], window.sides),
        },
      };
    },
    // The cpu backend's know of no dilations.
    {},
  ),
  FusedConv2D: fusedCase("FusedConv2D", "Conv2D", FILTERED),
  FusedDepthwiseConv2D: fusedCase(
    "FusedDepthwiseConv2D",
    "DepthwiseConv2dNative",
    DEPTHWISE,
  ),
};
