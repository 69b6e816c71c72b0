import { createHash } from "node:crypto";
import onnxProto, { type onnx } from "onnx-proto";

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
