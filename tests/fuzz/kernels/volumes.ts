import {
  type Bound,
  type Call,
  EXACT,
  type Input,
  type KernelCase,
  type KernelCases,
} from "../call.ts";
import { atLeast0, drawWindow } from "../draw_window.ts";

const SUMS: Bound = {
  terms: ({ inputs }: Call) =>
    24 + Object.values(inputs as Record<string, Input>)
      .reduce((sum, { values }) => sum + values.length, 0),
};

/** Which of a convolution's tensors are inputs. */
function conv3d(names: ("x" | "filter" | "dy")[]): KernelCase {
  return {
    draw: (d) => {
      const window = drawWindow(d, {
        sides: 3,
        namedPads: true,
        dilated: names.length === 2,
      });
      const [batch, inChannels, outChannels] = [
        d.size(2),
        d.size(4),
        d.size(4),
      ];
      const shapes = {
        x: [batch, ...window.sides, inChannels],
        filter: [...window.filter, inChannels, outChannels],
        dy: [batch, ...atLeast0(window.outSides), outChannels],
      };
      const forward = !names.includes("dy");
      return {
        inputs: Object.fromEntries(
          names.map((name) => [name, d.tensor(shapes[name])]),
        ),
        attrs: {
          strides: window.strides,
          pad: window.pad,
          dataFormat: "NDHWC",
          dilations: forward ? window.dilations : [1, 1, 1],
          ...!names.includes("x") && { inputShape: shapes.x },
          ...!names.includes("filter") && { filterShape: shapes.filter },
        },
      };
    },
    bound: SUMS,
    gradBound: SUMS,
    refuses: /does not fit/,
  };
}

/** Of gradients, each of which has some dy as its terms. */
const FEW_SUMS: Bound = { rtol: 1e-5, atol: 1e-4 };

function pool3d(kind: "forward" | "gradient", bound: Bound): KernelCase {
  return {
    draw: (d): Call => {
      const window = drawWindow(d, { sides: 3, namedPads: true });
      const [batch, channels] = [d.size(2), d.size(5)];
      const input = d.tensor([batch, ...window.sides, channels]);
      const dy = d.tensor([batch, ...atLeast0(window.outSides), channels]);
      return {
        inputs: kind === "forward" ? { x: input } : { dy, input, output: dy },
        attrs: {
          filterSize: window.filter,
          strides: window.strides,
          pad: window.pad,
          dataFormat: "NDHWC",
        },
      };
    },
    bound,
    gradBound: FEW_SUMS,
    refuses: /does not fit/,
  };
}

function dilation2d(names: ("x" | "filter" | "dy")[]): KernelCase {
  return {
    draw: (d) => {
      const window = drawWindow(d, { namedPads: true, dilated: true });
      // The cpu backend's gradient of a window without a pixel goes to the
      // first.
      if (window.pad === "same") window.dilations.fill(1);
      const [batch, channels] = [d.size(3), d.size(5)];
      const shapes = {
        x: [batch, ...window.sides, channels],
        filter: [...window.filter, channels],
        dy: [batch, ...atLeast0(window.outSides), channels],
      };
      const dtype = d.dtype("float32", "float32", "int32");
      return {
        inputs: Object.fromEntries(
          names.map((name) => [name, d.tensor(shapes[name], dtype)]),
        ),
        attrs: {
          strides: window.strides,
          pad: window.pad,
          dilations: window.dilations,
        },
      };
    },
    bound: { rtol: 1e-5, atol: 1e-5 },
    gradBound: { rtol: 1e-5, atol: 1e-5 },
    refuses: /does not fit/,
  };
}

/** Three-dimensional kernels, and grayscale dilation. */
export const VOLUMES: KernelCases = {
  AvgPool3D: pool3d("forward", SUMS),
  AvgPool3DGrad: pool3d("gradient", FEW_SUMS),
  Conv3D: conv3d(["x", "filter"]),
  Conv3DBackpropFilterV2: conv3d(["x", "dy"]),
  Conv3DBackpropInputV2: conv3d(["dy", "filter"]),
  Dilation2D: dilation2d(["x", "filter"]),
  Dilation2DBackpropFilter: dilation2d(["x", "filter", "dy"]),
  Dilation2DBackpropInput: dilation2d(["x", "filter", "dy"]),
  MaxPool3D: pool3d("forward", EXACT),
  MaxPool3DGrad: pool3d("gradient", FEW_SUMS),
};
