import { minusSigns } from "../base/format.ts";
import type { Output } from "../cli/output.ts";
import type { ImageDataset } from "../data/image_dataset.ts";
import { createRandom, type Random } from "../base/random.ts";
import type { Layer } from "../models/layers.ts";
import type { TrainableNet } from "../models/classifier.ts";
import { countCorrect, netLogits } from "../train/evaluate.ts";
import type { RunDirectory } from "../run/run_directory.ts";
import type { NetPlan } from "../train/train_nets.ts";
import { netFile, withTrainedNet } from "../train/net_files.ts";
import { writeAtomically } from "../base/write_atomically.ts";
import { exportOnnx } from "./export_onnx.ts";
import { createOnnxClassifier } from "./onnx_classifier.ts";

/**
 * The most that two programs' logits of one net may differ: they add the same
 * float32 terms in other orders. Trained nets of three layers stay below 2e-5.
 */
const TOLERANCE = 1e-4;

/** Images at a time. */
const BATCH_SIZE = 100;

/** How far two nets' logits agree on the same images. */
export interface LogitAgreement {
  /** Of the absolute differences; NaN where a logit is no number. */
  readonly largestDifference: number;
  /** Images that the first net classifies right. */
  readonly correct: number;
  /** Images that the second net classifies right. */
  readonly otherCorrect: number;
}

/** One net's file, and how far two programs agree on its logits. */
export interface OnnxExport extends LogitAgreement {
  /** The net's name. */
  readonly name: string;
  /** In the run's directory. */
  readonly file: string;
}

/** The file in which a trained net is left for other programs. */
export function onnxFile(plan: NetPlan): string {
  return `net-${plan.name}.onnx`;
}

/**
 * Writes the trained nets of a run as ONNX files beside them, and lets
 * onnxruntime and the nets themselves classify the test images: prints how far
 * they agree.
 *
 * @param options.run has each plan's `netFile` and has declared its `onnxFile`
 * @param options.createNet makes a net of the plan's shape, with any parameters
 * @returns one row per plan
 * @throws {Error} when all files are written, if a net's logits differ by more
 *   than 1e-4 or the count of right images does
 */
export async function exportNets<
  P extends NetPlan,
  N extends TrainableNet & { readonly layers: readonly Layer[] },
>(options: {
  readonly run: RunDirectory;
  readonly plans: readonly P[];
  createNet(plan: P, random: Random): N;
  readonly dataset: ImageDataset;
  readonly output: Output;
}): Promise<OnnxExport[]> {
  const { run, plans, createNet, dataset, output } = options;
  const { test } = dataset;
  output.log(`ONNX files, ${test.count} test images here and in onnxruntime:`);
  const rows: OnnxExport[] = [];
  for (const plan of plans) {
    const { name } = plan;
    const file = onnxFile(plan);
    const { bytes, logits } = await withTrainedNet(
      run.file(netFile(plan)),
      () => createNet(plan, createRandom(0)),
      (net) => ({
        bytes: exportOnnx(net.layers, { ...dataset, name }),
        logits: netLogits(net, test, dataset, { batchSize: BATCH_SIZE }),
      }),
    );
    writeAtomically(run.file(file), bytes);
    const model = await createOnnxClassifier(bytes, file);
    const others = await model.logits(test.images);
    await model.close();
    const row = { name, file, ...compareLogits(logits, others, test.labels) };
    rows.push(row);
    output.log(`  ${file}\n    ${agreementLine(row)}`);
  }
  const worst = rows.find((row) => !agrees(row));
  if (worst === undefined) return rows;
  throw new Error(
    `Cannot vouch for ${worst.file}: logits must differ by ${TOLERANCE} at most, and as many images be right: got ${
      agreementLine(worst)
    }`,
  );
}

function agrees({ largestDifference, correct, otherCorrect }: LogitAgreement) {
  return largestDifference <= TOLERANCE && correct === otherCorrect;
}

function agreementLine(row: LogitAgreement): string {
  const { largestDifference, correct, otherCorrect } = row;
  return `${correct} and ${otherCorrect} right, logits differ by ${
    minusSigns(largestDifference.toExponential(1))
  } at most`;
}

/**
 * Compares the logits that two nets give the same images.
 *
 * @param logits float32 `[count, numClasses]`
 * @param others of the other net, the same shape
 * @param labels int32 `[count]`
 * @throws {RangeError} where their lengths differ
 *
 * @example
 * ```ts
 * import { compareLogits } from "#lib/onnx/export_nets.ts";
 *
 * const [a, b] = [new Float32Array([1, 2]), new Float32Array([1, 0.5])];
 * console.log(compareLogits(a, b, new Int32Array([1])));
 * // { largestDifference: 1.5, correct: 1, otherCorrect: 0 }
 * ```
 */
export function compareLogits(
  logits: Float32Array,
  others: Float32Array,
  labels: Int32Array,
): LogitAgreement {
  if (logits.length !== others.length) {
    throw new RangeError(
      `Cannot compare logits: there must be ${logits.length} of both nets: got ${others.length}`,
    );
  }
  const largestDifference = logits.reduce(
    (largest, logit, i) => Math.max(largest, Math.abs(logit - others[i]!)),
    0,
  );
  return {
    largestDifference,
    correct: countCorrect(logits, labels),
    otherCorrect: countCorrect(others, labels),
  };
}
