import { createHash } from "node:crypto";
import * as tf from "@tensorflow/tfjs";
import onnxProto, { type onnx } from "onnx-proto";
import { type Layer, sequential } from "../models/layers.ts";
import type { ImageShape } from "../train/evaluate.ts";
import { addLayers } from "./_add_layers.ts";
import { createOnnxGraph } from "./_onnx_graph.ts";

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

/** What our ONNX files say of themselves, beside the graph. */
export interface OnnxMetadata {
  /** What each logit stands for; null where the file does not say it. */
  readonly classNames: readonly string[] | null;
}

/** How pixels become what the net takes. */
export const PIXEL_SCALE = "pixel / 255";

const CLASS_NAMES_KEY = "class_names";
const PIXEL_SCALE_KEY = "pixel_scale";
const DIGEST_KEY = "graph_sha256";

/** The entries of a model's `metadata_props`. */
export function metadataProps(
  classNames: readonly string[],
  graph: onnx.IGraphProto,
): onnx.IStringStringEntryProto[] {
  return [
    { key: CLASS_NAMES_KEY, value: JSON.stringify(classNames) },
    { key: PIXEL_SCALE_KEY, value: PIXEL_SCALE },
    { key: DIGEST_KEY, value: digestOf(graph) },
  ];
}

/**
 * Reads the metadata of an ONNX file and, where it has the graph's SHA-256,
 * holds the graph against it: ONNX itself has no checksum.
 *
 * @param bytes the whole file
 * @throws {Error} with the reason, if the file is no ONNX model, is damaged, or
 *   wants pixels scaled in another way
 */
export function readOnnxMetadata(bytes: Uint8Array): OnnxMetadata {
  const model = decode(bytes);
  if (!model?.graph?.node?.length) {
    throw new Error("it must be an ONNX model: got other or damaged content");
  }
  const properties = new Map(
    model.metadataProps.map(({ key, value }) => [key, value]),
  );
  const digest = properties.get(DIGEST_KEY);
  if (digest !== undefined && digest !== digestOf(model.graph)) {
    throw new Error(
      "its graph must match the SHA-256 in its metadata: got an altered or damaged one",
    );
  }
  const scale = properties.get(PIXEL_SCALE_KEY) ?? PIXEL_SCALE;
  if (scale !== PIXEL_SCALE) {
    throw new Error(`its pixel_scale must be ${PIXEL_SCALE}: got ${scale}`);
  }
  const names = properties.get(CLASS_NAMES_KEY);
  return { classNames: names === undefined ? null : parseNames(names!) };
}

function decode(bytes: Uint8Array): onnx.ModelProto | null {
  try {
    return onnxProto.onnx.ModelProto.decode(bytes);
  } catch {
    return null; // whatever protobufjs says of it
  }
}

function digestOf(graph: onnx.IGraphProto): string {
  const bytes = onnxProto.onnx.GraphProto.encode(graph).finish();
  return createHash("sha256").update(bytes).digest("hex");
}

function parseNames(text: string): string[] {
  let names: unknown;
  try {
    names = JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  if (Array.isArray(names) && names.every((one) => typeof one === "string")) {
    return names;
  }
  throw new Error(`its class_names must be a JSON list of texts: got ${text}`);
}
