import { minusSigns } from "../base/format.ts";
import type { Output } from "../cli/output.ts";
import type { ImageDataset } from "../data/image_dataset.ts";
import { createRandom, type Random } from "../base/random.ts";
import type { Layer } from "../models/layers.ts";
import { netLogits } from "../train/net_logits.ts";
import type { RunDirectory } from "../run/run_directory.ts";
import {
  netFile,
  type NetPlan,
  type TrainableNet,
} from "../train/train_nets.ts";
import { withTrainedNet } from "../train/with_trained_net.ts";
import { writeAtomically } from "../base/write_atomically.ts";
import { compareLogits, type LogitAgreement } from "./compare_logits.ts";
import { exportOnnx } from "./export_onnx.ts";
import { createOnnxClassifier } from "./onnx_classifier.ts";

/**
 * The most that two programs' logits of one net may differ: they add the same
 * float32 terms in other orders. Report 1's trained nets stay below 2e-5.
 */
const TOLERANCE = 1e-4;

/** Images at a time. */
const BATCH_SIZE = 100;

/** What came of one net. */
export interface OnnxExport extends LogitAgreement {
  /** The net's. */
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
 * @returns one row a plan
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
