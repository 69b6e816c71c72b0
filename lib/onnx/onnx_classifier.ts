import * as ort from "onnxruntime-web";
import type { ImageShape } from "../train/evaluate.ts";
import { readOnnxMetadata } from "./export_onnx.ts";

/** Images at a time, of any batch; decides memory, and nothing else. */
const BATCH_SIZE = 100;

/** onnxruntime-web's size of a dimension that has neither a size nor a name. */
const UNNAMED = 2 ** 32 - 1;

/** An ONNX model of images in onnxruntime. */
export interface OnnxClassifier extends Readonly<ImageShape> {
  /** Logits per image. */
  readonly numClasses: number;
  /** What each logit stands for; null where the file does not say it. */
  readonly classNames: readonly string[] | null;
  /**
   * Runs the model.
   *
   * @param images pixels 0 to 255, `[count, height, width, channels]`
   * @returns float32 `[count, numClasses]`, row-major
   * @throws {RangeError} where the pixels are no whole images
   * @throws {Error} where onnxruntime refuses the model at work, or the model
   *   does not give one row per image
   */
  logits(images: Uint8Array): Promise<Float32Array>;
  /** Frees its memory. */
  close(): Promise<void>;
}

/**
 * Loads an ONNX model for onnxruntime-web: float32 images `[batch, height,
 * width, channels]`, pixel / 255, to logits `[batch, numClasses]`, as
 * `exportOnnx` writes them. The batch must be free, named or not, or 1; a model
 * with batch 1 is run image by image.
 *
 * The runtime is its WebAssembly provider on one thread, since its threads want
 * classic workers, which Deno lacks. Deno takes the package's entry for Node,
 * which reads its .wasm file beside itself in node_modules: leave to read the
 * project is all it needs.
 *
 * @param bytes the file
 * @param name the file's name, for errors
 * @returns the model, which keeps its memory until it is closed
 * @throws {Error} `Cannot load model <name>: …` for a file that is damaged, no
 *   ONNX model, or one of other inputs or outputs
 *
 * @example
 * ```ts
 * import { createOnnxClassifier } from "alphalab/onnx";
 * import { rejects } from "node:assert/strict";
 *
 * await rejects(
 *   createOnnxClassifier(new Uint8Array([1, 2, 3]), "net.onnx"),
 *   /^Error: Cannot load model net.onnx: it must be an ONNX model: got other/,
 * );
 * ```
 */
export async function createOnnxClassifier(
  bytes: Uint8Array,
  name: string,
): Promise<OnnxClassifier> {
  let session: ort.InferenceSession | undefined;
  try {
    const { classNames } = readOnnxMetadata(bytes);
    ort.env.wasm.numThreads = 1;
    session = await ort.InferenceSession.create(bytes, {
      executionProviders: ["wasm"],
      logSeverityLevel: 4, // what fails is thrown; stderr is the caller's
    });
    const shape = shapeOf(session);
    if (classNames !== null && classNames.length !== shape.numClasses) {
      throw new Error(
        `its class_names must be ${shape.numClasses}: got ${classNames.length}`,
      );
    }
    return classifier(session, { ...shape, classNames }, shape.batchSize);
  } catch (error) {
    await session?.release();
    throw failure(`load model ${name}`, error);
  }
}

type Shape = ImageShape & Pick<OnnxClassifier, "numClasses" | "classNames">;

function classifier(
  session: ort.InferenceSession,
  shape: Shape,
  batchSize: number,
): OnnxClassifier {
  const { height, width, channels, numClasses, classNames } = shape;
  const [input, output] = [session.inputNames[0]!, session.outputNames[0]!];
  const imageSize = height * width * channels;
  return {
    height,
    width,
    channels,
    numClasses,
    classNames,
    async logits(images: Uint8Array) {
      const count = images.length / imageSize;
      if (!Number.isInteger(count)) {
        throw new RangeError(
          `Cannot run the model: images must be of [${height},${width},${channels}] pixels: got ${images.length} in all`,
        );
      }
      const logits = new Float32Array(count * numClasses);
      for (let first = 0; first < count; first += batchSize) {
        const last = Math.min(first + batchSize, count);
        const pixels = images.subarray(first * imageSize, last * imageSize);
        const values = new Float32Array(pixels); // from() takes 20 times longer
        for (let i = 0; i < values.length; i++) values[i]! /= 255;
        const x = new ort.Tensor(
          "float32",
          values,
          [last - first, height, width, channels],
        );
        const results = await session.run({ [input]: x }).catch((error) => {
          throw failure("run the model", error);
        });
        const y = results[output]!;
        const shape = [last - first, numClasses];
        if (`${y.dims}` !== `${shape}`) {
          throw new Error(
            `Cannot run the model: logits must be [${shape}]: got [${y.dims}]`,
          );
        }
        logits.set(y.data as Float32Array, first * numClasses);
        y.dispose();
      }
      return logits;
    },
    close: () => session.release(),
  };
}

/** What goes in and comes out, as far as it is what this module runs. */
function shapeOf({ inputMetadata, outputMetadata }: ort.InferenceSession) {
  const [images, logits] = [inputMetadata, outputMetadata].map((values) =>
    values.map((value) => {
      if (!value.isTensor) return value.name;
      const sizes = value.shape.map((size) => size === UNNAMED ? "?" : size);
      return `${value.type} [${sizes.join(", ")}]`;
    }).join(" and ")
  );
  const { batch, sizes: [height, width, channels] } = sizesOf(inputMetadata, 3);
  const { batch: rows, sizes: [numClasses] } = sizesOf(outputMetadata, 1);
  if (channels !== 1 && channels !== 3) {
    throw new Error(
      `its input must be float32 [batch, height, width, 1 or 3], for any batch or 1: got ${images}`,
    );
  }
  if (numClasses === undefined || rows !== null && rows !== batch) {
    throw new Error(
      `its output must be float32 [batch, numClasses], for the input's batch: got ${logits}`,
    );
  }
  const batchSize = batch ?? BATCH_SIZE;
  return { height: height!, width: width!, channels, numClasses, batchSize };
}

type ValueMetadata = ort.InferenceSession["inputMetadata"][number];

/**
 * The batch, null for any, and the sizes behind it; none where the values are
 * something else.
 */
function sizesOf(
  values: readonly ValueMetadata[],
  count: number,
): { batch: number | null; sizes: number[] } {
  const [value] = values;
  const none = { batch: null, sizes: [] };
  if (values.length !== 1 || !value?.isTensor) return none;
  const [first, ...sizes] = value.shape;
  const batch = isFree(first!) ? null : first as number;
  const fits = value.type === "float32" && sizes.length === count &&
    sizes.every((size) => !isFree(size) && Number(size) > 0) &&
    (batch === null || batch === 1);
  return fits ? { batch, sizes: sizes as number[] } : none;
}

function isFree(size: number | string): boolean {
  return typeof size === "string" || size === UNNAMED;
}

/** An error without onnxruntime's codes and places in its source. */
function failure(action: string, error: unknown): Error {
  const message = error instanceof Error ? error.message : String(error);
  const reason = message
    .replace(/^.*ERROR_MESSAGE: (?:\S+:\d+ [^)]*\) )?/s, "")
    .trim();
  return new Error(`Cannot ${action}: ${reason}`, { cause: error });
}
