import * as tf from "@tensorflow/tfjs";
import { maxOf } from "../../base/statistics.ts";
import type { TestDataset } from "../../data/image_dataset.ts";
import { layersFromPlain } from "../../models/from_plain.ts";
import { sequential } from "../../models/layers.ts";
import type { PlainLayer } from "../../models/plain_net.ts";
import { forwardPlain } from "../../models/plain_passes.ts";
import { exportOnnx } from "../../onnx/export_onnx.ts";
import {
  createOnnxClassifier,
  type OnnxClassifier,
} from "../../onnx/onnx_classifier.ts";
import { pixelTensor } from "../../ops/pixel_tensor.ts";
import { classesOf, countCorrect, netLogits } from "../../train/evaluate.ts";
import type { Fold } from "./fold_nets.ts";

/** Images at a time where all are classified. */
const BATCH_SIZE = 100;

/** Test images that go through both nets in float64. */
const REFERENCE_IMAGES = 100;

/** How far two nets agree on the test images. */
export interface Agreement {
  /** Images that they take for different classes. */
  readonly changed: number;
  /** Of the absolute differences of their logits. */
  readonly largestDifference: number;
}

/** What a fold changes, and what not. */
export interface FoldProof {
  readonly images: number;
  /** Images right before the fold, as trained, and after it. */
  readonly correctBefore: number;
  readonly correctAfter: number;
  /** By setting α to 0. */
  readonly snapping: Agreement;
  /** By the fold alone, in float32. */
  readonly folding: Agreement;
  /** The folded net here and in onnxruntime. */
  readonly onnx: Agreement;
  /** The largest absolute logit. */
  readonly largestLogit: number;
  /** Largest absolute differences of logits beside float64. */
  readonly reference: {
    readonly images: number;
    /** Between both nets in float64: what the arithmetic of the fold loses. */
    readonly fold: number;
    /** Of the net before the fold, and of the folded one, in float32. */
    readonly before: number;
    readonly after: number;
  };
}

/** A net's file for other programs, and the proof. */
export interface ProvenFold extends Fold {
  readonly onnxBefore: Uint8Array;
  readonly onnxAfter: Uint8Array;
  readonly proof: FoldProof;
}

/**
 * Lets the nets before and after a fold classify all test images.
 *
 * @param fold of a net for the data set's images; a backend must run
 * @param progress called with the part that is done, 0 to 1
 * @returns the fold, with both ONNX files
 */
export async function proveFold(
  fold: Fold,
  dataset: TestDataset,
  progress: (part: number) => void,
): Promise<ProvenFold> {
  const { test } = dataset;
  const { trained, snapped, folded: { layers } } = fold;
  const steps = 4;
  let step = 0;
  const run = (plain: readonly PlainLayer[]) => {
    const begun = step++;
    return plainLogits(
      plain,
      dataset,
      (images) => progress((begun + images / test.count) / steps),
    );
  };
  const asTrained = run(trained);
  const before = run(snapped), after = run(layers);
  const [onnxBefore, onnxAfter] = [snapped, layers].map((plain) => {
    using made = layersFromPlain(plain);
    return exportOnnx(made.layers, { ...dataset, name: fold.name });
  }) as [Uint8Array, Uint8Array];
  const model = await createOnnxClassifier(onnxAfter, fold.name);
  const others = await model.logits(test.images);
  await model.close();
  const { labels } = test;
  const proof = {
    images: test.count,
    correctBefore: countCorrect(asTrained, labels),
    correctAfter: countCorrect(after, labels),
    snapping: compare(asTrained, before, dataset),
    folding: compare(before, after, dataset),
    onnx: compare(after, others, dataset),
    largestLogit: maxOf(before.map(Math.abs)),
    reference: referenceOf(fold, dataset, before, after),
  };
  progress(1);
  return { ...fold, onnxBefore, onnxAfter, proof };
}

function plainLogits(
  plain: readonly PlainLayer[],
  dataset: TestDataset,
  progress: (images: number) => void,
): Float32Array {
  using made = layersFromPlain(plain);
  const net = sequential(made.layers);
  return netLogits(
    {
      variables: [],
      logits: (images) => net.apply(images, false) as tf.Tensor2D,
      loss: () => tf.scalar(0),
    },
    dataset.test,
    dataset,
    { batchSize: BATCH_SIZE, progress },
  );
}

function compare(
  a: Float32Array,
  b: Float32Array,
  { test: { count } }: TestDataset,
): Agreement {
  const classes = classesOf(b, count);
  const changed = classesOf(a, count)
    .filter((one, row) => one !== classes[row]).length;
  return { changed, largestDifference: difference(a, b) };
}

function difference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return maxOf(Array.from(a, (value, i) => Math.abs(value - b[i]!)));
}

/** Both nets in float64, for images at equal distances. */
function referenceOf(
  { snapped, folded, shape }: Fold,
  { test, height, width, channels, numClasses }: TestDataset,
  before: Float32Array,
  after: Float32Array,
): FoldProof["reference"] {
  const images = Math.min(REFERENCE_IMAGES, test.count);
  const size = height * width * channels;
  const largest = { fold: 0, before: 0, after: 0 };
  for (let i = 0; i < images; i++) {
    const at = Math.floor(i * test.count / images);
    const x = Float64Array.from(
      test.images.subarray(at * size, (at + 1) * size),
      (pixel) => pixel / 255,
    );
    const exact = forwardPlain(snapped, x, shape);
    const rowOf = (logits: Float32Array) =>
      logits.subarray(at * numClasses, (at + 1) * numClasses);
    const others = {
      fold: forwardPlain(folded.layers, x, shape),
      before: rowOf(before),
      after: rowOf(after),
    };
    for (const which of ["fold", "before", "after"] as const) {
      const off = difference(exact, others[which]);
      largest[which] = Math.max(largest[which], off);
    }
  }
  return { images, ...largest };
}

/** How long a net takes before and after a fold, in pairs. */
export interface PairedTimes {
  readonly program: "alphalab" | "onnxruntime-web";
  readonly batchSize: number;
  readonly pairs: number;
  /** Medians, ms, from pixels to logits. */
  readonly before: number;
  readonly after: number;
  /** Of the pairs' before / after: median, lower and upper quartile. */
  readonly ratios: readonly [number, number, number];
}

/** Milliseconds for the pairs of one program and batch size. */
const TIME_FOR_PAIRS = 1500;
/** Pairs, where the nets are slow and where they are fast. */
const MIN_PAIRS = 5, MAX_PAIRS = 201;

/**
 * Times both nets in turn, the order reversed in each pair, for one image and
 * for a batch of 100, by our backend and by onnxruntime-web on one thread.
 *
 * @param fold with both files; a backend must run
 */
export async function timeFold(
  fold: Pick<ProvenFold, "snapped" | "folded" | "onnxBefore" | "onnxAfter">,
  { test, height, width, channels }: TestDataset,
): Promise<PairedTimes[]> {
  using before = layersFromPlain(fold.snapped);
  using after = layersFromPlain(fold.folded.layers);
  const ours = [before, after].map(({ layers }) => {
    const net = sequential(layers);
    return (pixels: Uint8Array, count: number) => {
      tf.tidy(() =>
        net.apply(pixelTensor(pixels, [count, height, width, channels]), false)
          .dataSync()
      );
    };
  });
  const models: OnnxClassifier[] = [];
  for (const bytes of [fold.onnxBefore, fold.onnxAfter]) {
    models.push(await createOnnxClassifier(bytes, "net.onnx"));
  }
  const theirs = models.map((model) => async (pixels: Uint8Array) => {
    await model.logits(pixels);
  });
  const times: PairedTimes[] = [];
  for (const batchSize of [1, 100]) {
    const count = Math.min(batchSize, test.count);
    const pixels = test.images.subarray(0, count * height * width * channels);
    for (
      const [program, nets] of [
        ["alphalab", ours],
        ["onnxruntime-web", theirs],
      ] as const
    ) {
      const pairs = await timePairs(
        nets.map((net) => () => net(pixels, count)),
      );
      times.push({ program, batchSize: count, ...pairs });
    }
  }
  for (const model of models) await model.close();
  return times;
}

async function timePairs(
  calls: readonly (() => void | Promise<void>)[],
): Promise<Omit<PairedTimes, "program" | "batchSize">> {
  const times: [number[], number[]] = [[], []];
  const measure = async (which: 0 | 1) => {
    const start = performance.now();
    await calls[which]!();
    return performance.now() - start;
  };
  for (const which of [0, 1, 0, 1] as const) await measure(which); // warm up
  const begun = performance.now();
  for (let pair = 0; pair < MAX_PAIRS; pair++) {
    const order = pair % 2 === 0 ? [0, 1] as const : [1, 0] as const;
    for (const which of order) times[which].push(await measure(which));
    const spent = performance.now() - begun;
    if (pair + 1 >= MIN_PAIRS && spent > TIME_FOR_PAIRS) break;
  }
  const [before, after] = times;
  const ratios = before.map((time, i) => time / after[i]!);
  return {
    pairs: before.length,
    before: quantile(before, 0.5),
    after: quantile(after, 0.5),
    ratios: [
      quantile(ratios, 0.5),
      quantile(ratios, 0.25),
      quantile(ratios, 0.75),
    ],
  };
}

/** Between the values that stand at that part of all of them, in order. */
function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const place = part * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(place)]!, sorted[Math.ceil(place)]!];
  return low + (high - low) * (place - Math.floor(place));
}
