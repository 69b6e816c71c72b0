import {
  engine,
  getBackend,
  type NamedAttrMap,
  type Tensor,
} from "@tensorflow/tfjs";
import type { GradConfig } from "@tensorflow/tfjs-core";

/**
 * Gradients of `Conv2D`, `Conv2DBackpropInput` and `DepthwiseConv2dNative` in
 * the place of TF.js's, which lose `dimRoundingMode` or `dataFormat` on the way
 * to the kernels, and refuse dilations: so does this one of depthwise
 * convolutions, as TF.js's own specs want it.
 */
export const conv2dGradients: GradConfig[] = [
  {
    kernelName: "Conv2D",
    inputsToSave: ["x", "filter"],
    gradFunc: (dy, saved, attrs) => {
      const [x, filter] = saved as [Tensor, Tensor];
      return {
        x: () =>
          run("Conv2DBackpropInput", { dy: one(dy), filter }, {
            ...attrs,
            inputShape: x.shape,
          }),
        filter: () =>
          run("Conv2DBackpropFilter", { x, dy: one(dy) }, {
            ...attrs,
            filterShape: filter.shape,
          }),
      };
    },
  },
  {
    kernelName: "Conv2DBackpropInput",
    inputsToSave: ["dy", "filter"],
    gradFunc: (ddx, saved, attrs) => {
      const [dy, filter] = saved as [Tensor, Tensor];
      return {
        dy: () => run("Conv2D", { x: one(ddx), filter }, attrs),
        filter: () =>
          run("Conv2DBackpropFilter", { x: one(ddx), dy }, {
            ...attrs,
            filterShape: filter.shape,
          }),
      };
    },
  },
  {
    kernelName: "DepthwiseConv2dNative",
    inputsToSave: ["x", "filter"],
    gradFunc: (dy, saved, attrs) => {
      const [x, filter] = saved as [Tensor, Tensor];
      checkDense("depthwiseConv2d's gradient", attrs);
      return {
        x: () =>
          run("DepthwiseConv2dNativeBackpropInput", { dy: one(dy), filter }, {
            ...attrs,
            inputShape: x.shape,
          }),
        filter: () =>
          run("DepthwiseConv2dNativeBackpropFilter", { x, dy: one(dy) }, {
            ...attrs,
            filterShape: filter.shape,
          }),
      };
    },
  },
];

/** The gradient of a kernel with one output. */
function one(dy: Tensor | Tensor[]): Tensor {
  return [dy].flat()[0]!;
}

function run(
  kernel: string,
  inputs: Record<string, Tensor>,
  attrs: NamedAttrMap,
): Tensor {
  if (getBackend() !== "wasm") {
    // The gradient kernels of other backends take no notice of dilations.
    checkDense(`${kernel} on backend ${getBackend()}`, attrs);
  }
  return engine().runKernel(kernel, inputs, attrs) as Tensor;
}

/** @throws RangeError if there are holes in the filter */
function checkDense(action: string, attrs: NamedAttrMap) {
  const dilations = [attrs.dilations ?? 1].flat();
  if (dilations.every((dilation) => dilation === 1)) return;
  throw new RangeError(
    `Cannot compute ${action}: dilation rates greater than 1 are not yet supported: got ${dilations}`,
  );
}
