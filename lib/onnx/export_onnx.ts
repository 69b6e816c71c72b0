import * as tf from "@tensorflow/tfjs";
import onnxProto, { type onnx } from "onnx-proto";
import { type Layer, sequential } from "../models/layers.ts";
import type { ImageShape } from "../train/evaluate.ts";
import { addLayers } from "./_add_layers.ts";
import { createOnnxGraph } from "./_onnx_graph.ts";
import { metadataProps, PIXEL_SCALE } from "./_onnx_metadata.ts";

/** Of the default operator set: old enough for the tools of 2020. */
const OPSET = 13;

/** The one that came with it (onnx/onnx, docs/Versioning.md). */
const IR_VERSION = 7;

/**
 * A net as an ONNX file. Its input `images` is float32 `[batch, height, width,
 * channels]`, pixel / 255, its output `logits` float32 `[batch, numClasses]`,
 * both for any batch. Operator set 13, IR version 7; names are the layers';
 * ReLU_α is PRelu with slope 1 − α. `metadata_props` have the class names, the
 * pixels' scale and the graph's SHA-256.
 *
 * @param layers the net, each with a description; a backend must run
 * @param options.name the graph's
 * @param options.classNames what each logit stands for
 * @returns the file's bytes, the same for equal nets
 * @throws {TypeError} for a layer without a description
 * @throws {RangeError} if the layers do not give one logit per class
 *
 * @example
 * ```ts
 * import { startBackend } from "alphalab";
 * import { dense, flatten } from "alphalab/models";
 * import { createOnnxClassifier, exportOnnx } from "alphalab/onnx";
 * import { createRandom } from "alphalab/random";
 *
 * const backend = await startBackend({ threads: 1 });
 * const size = { inFeatures: 4, outFeatures: 2 };
 * const layers = [flatten(), dense("fc1", size, createRandom(0))];
 * const bytes = exportOnnx(layers, {
 *   name: "small",
 *   height: 2,
 *   width: 2,
 *   channels: 1,
 *   classNames: ["cat", "dog"],
 * });
 * const model = await createOnnxClassifier(bytes, "small.onnx");
 * console.log(await model.logits(new Uint8Array(4))); // the two biases
 * await model.close();
 * backend.stop();
 * ```
 */
export function exportOnnx(
  layers: readonly Layer[],
  options: ImageShape & {
    readonly name: string;
    readonly classNames: readonly string[];
  },
): Uint8Array {
  const { name, height, width, channels, classNames } = options;
  const imageShape = [height, width, channels];
  const numClasses = classNames.length;
  const [, ...outShape] = tf.tidy(() =>
    sequential(layers).apply(tf.zeros([1, ...imageShape]), false).shape
  );
  const graph = createOnnxGraph(["images", "logits"]);
  addLayers(graph, layers, "images");
  if (`${outShape}` !== `${numClasses}`) {
    throw new RangeError(
      `Cannot export ${name}: the net must give ${numClasses} logits, one per class: got [${outShape}] per image`,
    );
  }
  graph.renameOutput("logits");
  const graphProto: onnx.IGraphProto = {
    name,
    node: [...graph.nodes],
    initializer: [...graph.initializers],
    input: [floats("images", imageShape)],
    output: [floats("logits", [numClasses])],
  };
  const bytes = onnxProto.onnx.ModelProto.encode({
    irVersion: IR_VERSION,
    opsetImport: [{ domain: "", version: OPSET }],
    producerName: "alphalab",
    docString:
      `${name}: float32 images [batch, height, width, channels], ${PIXEL_SCALE}, to logits`,
    graph: graphProto,
    metadataProps: metadataProps(classNames, graphProto),
  }).finish();
  return new Uint8Array(bytes); // not a Buffer, whose slices share its memory
}

/** float32 of that shape, for any batch. */
function floats(name: string, shape: readonly number[]): onnx.IValueInfoProto {
  return {
    name,
    type: {
      tensorType: {
        elemType: onnxProto.onnx.TensorProto.DataType.FLOAT,
        shape: {
          dim: [
            { dimParam: "batch" },
            ...shape.map((dimValue) => ({ dimValue })),
          ],
        },
      },
    },
  };
}
