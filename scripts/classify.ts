/**
 * Shows an image in the terminal, and what an ONNX model takes it for: the
 * probability of each class, the largest first.
 *
 *   deno task classify runs/fashion-alpha/net-relu.onnx 'fashion-mnist[0]'
 *   deno task classify runs/fashion-alpha/net-relu.onnx photo.png
 *
 * The first form takes an image of a data set's test part by its index, from 0,
 * and knows its true class; some shells want the quotes. Paths start from the
 * project's directory. `--onnx` of a training task writes such models; one of
 * another program must take float32 images `[batch, height, width, channels]`,
 * pixel / 255, and give logits `[batch, numClasses]`, for any batch or a batch
 * of 1.
 */
import { maxOf } from "../lib/base/statistics.ts";
import { barLines } from "../lib/charts/text_chart.ts";
import { explainIoError, UsageError } from "../lib/base/errors.ts";
import {
  booleanFlag,
  type FlagValues,
  positional,
  text,
} from "../lib/cli/flags.ts";
import { parseFlags } from "../lib/cli/command_line.ts";
import { runMain } from "../lib/cli/run_main.ts";
import { textColumns } from "../lib/base/terminal.ts";
import { wrapText } from "../lib/base/wrap_text.ts";
import { DATASET_NAMES, loadTestDataset } from "../lib/data/load_dataset.ts";
import {
  convertChannels,
  type RasterImage,
} from "../lib/images/raster_image.ts";
import { decodePng } from "../lib/images/png.ts";
import { imageMode } from "../lib/images/image_mode.ts";
import { imageText } from "../lib/images/image_text.ts";
import { resizeImage } from "../lib/images/raster_image.ts";
import {
  createOnnxClassifier,
  type OnnxClassifier,
} from "../lib/onnx/onnx_classifier.ts";

const MODEL = {
  ...text(),
  expected: "an ONNX file, as --onnx writes it",
};
const IMAGE = { ...text(), expected: "a PNG file or 'mnist[7]'" };

const FLAGS = {
  model: positional(MODEL, { describe: "net that classifies the image" }),
  image: positional(IMAGE, {
    describe: "image to classify; 'mnist[7]' is test image 7 of data set mnist",
  }),
  json: booleanFlag({
    describe: "print everything as one line of JSON instead",
  }),
};

type Config = FlagValues<typeof FLAGS>;

/** Columns of the picture, at most: it is enlarged by whole factors. */
const PICTURE_WIDTH = 72;

/** Lines of classes, at most. */
const MAX_CLASSES = 20;

/** An image to classify. */
interface Subject {
  readonly image: RasterImage;
  /** Its true class; null where nobody knows. */
  readonly label: string | null;
  /** What the user should know of its data. */
  readonly remarks: readonly string[];
}

const ofDataset = (image: string) => /^([\w-]+)\[(.*)\]$/.exec(image);

async function readFile(
  action: string,
  path: string,
  { expected }: { readonly expected: string },
): Promise<Uint8Array> {
  try {
    return await Deno.readFile(path);
  } catch (error) {
    const failure = explainIoError(`${action} ${path}`, error);
    if (error instanceof Deno.errors.NotFound) {
      failure.message += `: expected ${expected}`;
    }
    if (!(error instanceof Deno.errors.NotCapable)) throw failure;
    failure.message +=
      ": copy it there, or deno run --allow-read scripts/classify.ts MODEL IMAGE";
    throw failure;
  }
}

async function loadSubject(image: string): Promise<Subject> {
  const [, name, index] = ofDataset(image) ?? [];
  if (name === undefined) {
    const bytes = await readFile("read", image, IMAGE);
    return { image: decodePng(bytes, image), label: null, remarks: [] };
  }
  const { test, classNames, height, width, channels, remarks } =
    await loadTestDataset(DATASET_NAMES.find((one) => one === name)!);
  const at = Number(index);
  if (!/^\d+$/.test(index!) || at >= test.count) {
    throw new UsageError(
      `Cannot parse image: expected an index from 0 to ${
        test.count - 1
      }, of the test images of ${name}: got ${JSON.stringify(index)}`,
    );
  }
  const size = height * width * channels;
  const data = test.images.subarray(at * size, (at + 1) * size);
  return {
    image: { width, height, channels: channels === 1 ? 1 : 3, data },
    label: classNames[test.labels[at]!]!,
    remarks,
  };
}

/** The image as the model takes it, and what was done to it. */
function fit(image: RasterImage, model: OnnxClassifier, name: string) {
  const { width, height, channels } = model;
  const converted = convertChannels(image, channels === 1 ? 1 : 3);
  if (converted === null) {
    throw new Error(
      `Cannot classify ${name}: the model takes gray images: got one in colours`,
    );
  }
  const resized = resizeImage(converted, { width, height });
  const note = resized === converted
    ? null
    : `resized from ${sizeText(image)} to the model's ${sizeText(model)}`;
  return { fitted: resized, note };
}

const sizeText = ({ width, height }: { width: number; height: number }) =>
  `${width} × ${height}`;

function softmax(logits: Float32Array): number[] {
  const largest = maxOf(logits);
  const exponentials = Array.from(logits, (x) => Math.exp(x - largest));
  const sum = exponentials.reduce((sum, x) => sum + x, 0);
  return exponentials.map((x) => x / sum);
}

function parseConfig(): Config {
  const config = parseFlags(
    "classify",
    "Shows an image and what an ONNX model takes it for.",
    FLAGS,
    Deno.args,
  );
  const [, name] = ofDataset(config.image) ?? [];
  if (name !== undefined && !DATASET_NAMES.some((one) => one === name)) {
    throw new UsageError(
      `Cannot parse image: expected one of ${
        DATASET_NAMES.join(", ")
      } before the index: got ${JSON.stringify(name)}`,
    );
  }
  return config;
}

/** What the model takes an image for, all classes in the model's order. */
async function classesOf(model: OnnxClassifier, image: RasterImage) {
  const logits = await model.logits(image.data);
  await model.close();
  const probabilities = softmax(logits);
  return probabilities.map((share, i) => ({
    name: model.classNames?.[i] ?? `class ${i}`,
    share,
    logit: logits[i]!,
  }));
}

/** Prints the image, and the classes by their probabilities. */
async function printClasses(
  image: RasterImage,
  sorted: readonly { readonly name: string; readonly share: number }[],
  label: string | null,
) {
  const room = Math.min(PICTURE_WIDTH, textColumns());
  const factor = Math.max(1, Math.floor(room / image.width));
  const width = Math.min(room, factor * image.width);
  console.log(`\n${imageText(image, { width, mode: await imageMode() })}\n`);
  console.log(barLines(sorted.slice(0, MAX_CLASSES), textColumns()).join("\n"));
  const left = sorted.length - MAX_CLASSES;
  if (left > 0) console.log(`and ${left} more: --json prints all`);
  const best = sorted[0]!.name;
  const verdict = label === null
    ? ""
    : best === label
    ? ", which is right"
    : `, where ${label} is right`;
  console.log(`\ntaken for ${best}${verdict}`);
}

async function main() {
  const { model: path, image: source, json } = parseConfig();
  const bytes = await readFile("load model", path, MODEL);
  const model = await createOnnxClassifier(bytes, path);
  const { image, label, remarks } = await loadSubject(source);
  const { fitted, note } = fit(image, model, source);
  const classes = await classesOf(model, fitted);
  const odd = classes.find(({ logit }) => !Number.isFinite(logit));
  if (odd !== undefined) {
    throw new Error(
      `Cannot classify ${source}: the model must give finite logits: got ${odd.logit}`,
    );
  }
  const sorted = classes.toSorted((a, b) => b.share - a.share);
  if (json) {
    console.log(JSON.stringify({
      task: "classify",
      model: path,
      image: source,
      label,
      predicted: sorted[0]!.name,
      note,
      remarks,
      classes: classes.map(({ name, share: probability, logit }) => ({
        name,
        probability,
        logit,
      })),
    }));
    return;
  }
  const kind = model.channels === 1 ? "gray" : "RGB";
  const facts = [`${path} takes ${kind} images of ${sizeText(model)}`];
  console.log(`${source}${label === null ? "" : `: ${label}`}`);
  for (const fact of [...facts, ...remarks, ...note === null ? [] : [note]]) {
    console.log(wrapText(fact));
  }
  await printClasses(fitted, sorted, label);
}

if (import.meta.main) await runMain(main);
