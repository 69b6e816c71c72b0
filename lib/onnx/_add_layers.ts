import * as tf from "@tensorflow/tfjs";
import type { Activation } from "../ops/bias_activation.ts";
import type { Layer, LayerDescription } from "../models/layers.ts";
import { addBorderedConv2d } from "./_add_bordered_conv2d.ts";
import type { OnnxGraph } from "./_onnx_graph.ts";

type Described<Kind> = Extract<LayerDescription, { kind: Kind }>;

/** What flows between two layers. */
interface Flow {
  /** Its name in the graph. */
  readonly value: string;
  /** The order of its axes; rows are `[batch, features]`. */
  readonly layout: "NHWC" | "NCHW" | "rows";
  /** The last layer that has a name; those without one are named after it. */
  readonly after: string;
}

/**
 * Adds layers to an ONNX graph. ONNX's convolution, pooling and normalization
 * take channels first, ours last: a Transpose stands before the first of them,
 * and one before the layer that makes rows, so that a dense layer's weights
 * stay as they are.
 *
 * @param input the graph's input, `[batch, height, width, channels]`
 * @throws {TypeError} for a layer without a description
 */
export function addLayers(
  graph: OnnxGraph,
  layers: readonly Layer[],
  input: string,
): void {
  const start: Flow = { value: input, layout: "NHWC", after: input };
  layers.reduce(
    (flow, layer, i) => addLayer(graph, flow, layer, `layers[${i}]`),
    start,
  );
}

/** `place` is where the net has the layer. */
function addLayer(
  graph: OnnxGraph,
  flow: Flow,
  { description: layer }: Layer,
  place: string,
): Flow {
  switch (layer?.kind) {
    case "sequential":
      return layer.layers.reduce(
        (flow, one, i) => addLayer(graph, flow, one, `${place}.layers[${i}]`),
        flow,
      );
    case "conv2d":
      return addConv2d(graph, arrange(graph, flow, "NCHW"), layer);
    case "bordered-conv2d":
      return addBordered(graph, arrange(graph, flow, "NCHW"), layer);
    case "dense":
      return addDense(graph, flow, layer);
    case "batch-norm":
      return addBatchNorm(graph, flow, layer);
    case "activation":
      return addActivation(graph, flow, layer.activation);
    case "max-pool":
      return addMaxPool(graph, arrange(graph, flow, "NCHW"), layer);
    case "flatten":
      return addFlatten(graph, flow);
    case "dropout":
      return flow; // it drops while training alone
    case undefined:
      throw new TypeError(
        `Cannot export the net: each layer must say what it computes: got no description of ${place}`,
      );
  }
}

/** The flow with its axes in that order. */
function arrange(graph: OnnxGraph, flow: Flow, layout: "NHWC" | "NCHW"): Flow {
  if (flow.layout === layout) return flow;
  const perm = layout === "NCHW" ? [0, 3, 1, 2] : [0, 2, 3, 1];
  const value = graph.node(
    "Transpose",
    layout === "NCHW" ? "channels_first" : "channels_last",
    [flow.value],
    { perm: { ints: perm } },
  );
  return { ...flow, value, layout };
}

function addConv2d(
  graph: OnnxGraph,
  flow: Flow,
  { name, filter, bias, pad, stride, activation }: Described<"conv2d">,
): Flow {
  const outFirst = tf.tidy(() => tf.transpose(filter, [3, 2, 0, 1]));
  const inputs = [flow.value, constant(graph, `${name}_filter`, outFirst)];
  outFirst.dispose();
  const value = graph.node(
    "Conv",
    name,
    [...inputs, constant(graph, `${name}_bias`, bias)],
    {
      kernel_shape: { ints: filter.shape.slice(0, 2) },
      pads: { ints: [pad, pad, pad, pad] },
      strides: { ints: [stride, stride] },
    },
  );
  return addActivation(graph, { ...flow, value, after: name }, activation);
}

function addBordered(
  graph: OnnxGraph,
  flow: Flow,
  layer: Described<"bordered-conv2d">,
): Flow {
  const value = addBorderedConv2d(graph, flow.value, layer);
  return addActivation(
    graph,
    { ...flow, value, after: layer.name },
    layer.activation,
  );
}

function addDense(
  graph: OnnxGraph,
  flow: Flow,
  { name, weights, bias, activation }: Described<"dense">,
): Flow {
  const value = graph.node("Gemm", name, [
    flow.value,
    constant(graph, `${name}_weights`, weights),
    constant(graph, `${name}_bias`, bias),
  ]);
  return addActivation(graph, { ...flow, value, after: name }, activation);
}

function addBatchNorm(
  graph: OnnxGraph,
  before: Flow,
  { name, epsilon, ...statistics }: Described<"batch-norm">,
): Flow {
  const flow = before.layout === "rows"
    ? before
    : arrange(graph, before, "NCHW");
  const inputs = (["scale", "offset", "mean", "variance"] as const)
    .map((which) => constant(graph, `${name}_${which}`, statistics[which]));
  const value = graph.node(
    "BatchNormalization",
    name,
    [flow.value, ...inputs],
    { epsilon: { float: epsilon } },
  );
  return { ...flow, value, after: name };
}

/** ReLU_α is PReLU with slope 1 − α, in float32 as our kernels have it. */
function addActivation(
  graph: OnnxGraph,
  flow: Flow,
  activation: Activation,
): Flow {
  const { value: x, after } = flow;
  if (activation.kind === "linear") return flow;
  if (activation.kind === "relu") {
    return { ...flow, value: graph.node("Relu", `${after}_relu`, [x]) };
  }
  const slopes = activation.alpha.dataSync<"float32">().map((a) => 1 - a);
  const slope = graph.constant(
    `${after}_slope`,
    slopes,
    // Channels come first, and rows and columns behind them are to share.
    flow.layout === "NCHW" && slopes.length > 1
      ? [slopes.length, 1, 1]
      : [slopes.length],
  );
  return {
    ...flow,
    value: graph.node("PRelu", `${after}_relu_alpha`, [x, slope]),
  };
}

function addMaxPool(
  graph: OnnxGraph,
  flow: Flow,
  { size }: Described<"max-pool">,
): Flow {
  const value = graph.node("MaxPool", `${flow.after}_pool`, [flow.value], {
    kernel_shape: { ints: [size, size] },
    strides: { ints: [size, size] },
  });
  return { ...flow, value };
}

function addFlatten(graph: OnnxGraph, before: Flow): Flow {
  if (before.layout === "rows") return before;
  const flow = arrange(graph, before, "NHWC");
  const value = graph.node("Flatten", "flatten", [flow.value], {
    axis: { int: 1 },
  });
  return { ...flow, value, layout: "rows" };
}

function constant(graph: OnnxGraph, name: string, tensor: tf.Tensor): string {
  return graph.constant(name, tensor.dataSync<"float32">(), tensor.shape);
}
