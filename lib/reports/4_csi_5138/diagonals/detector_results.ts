import { formatPercent } from "../../../base/format.ts";
import type { Figure } from "../../../charts/figure.ts";
import type { Output } from "../../../cli/output.ts";
import type { RunDirectory } from "../../../run/run_directory.ts";
import type { ReportTable } from "../../../reporting/report.ts";
import { predict } from "../../../train/evaluate.ts";
import type { Net } from "../../../models/classifier.ts";
import {
  accuracyOf,
  type ConditionResult,
  conditionResults,
} from "../diagonal_detector_claims.ts";
import {
  detectorConditions,
  type DiagonalCondition,
  type DiagonalImages,
  IMAGE_SHAPE,
  picturedConditions,
  PLAIN_CONDITION,
  seededImages,
  SIZE,
} from "./diagonal_images.ts";
import {
  exampleFigures,
  exampleFile,
  exampleImages,
} from "./detector_figure.ts";
import { expectedPeaksOf } from "./expected_peaks.ts";
import { filterFile, learnedFigure } from "./filter_figure.ts";
import {
  countPeaks,
  patternEvidence,
  patternPeaks,
  patternTable,
} from "./peak_rule.ts";

/** Lets each net of a run do something, and has what came of it by name. */
export type WithNets = <T>(
  use: (net: Net) => T,
) => Promise<Record<string, T>>;

/** Images at a time; decides memory, and nothing else. */
const BATCH_SIZE = 100;

/**
 * Puts the report's rule and the nets to the test images of each condition.
 *
 * @param config the flags of these names
 * @param withNets lets each net do something, by the net's name
 * @param output is told how each condition went
 * @returns two results a condition, one for each class
 */
export async function measureDetectors(
  { noise, seed, testSize }: {
    readonly noise: readonly number[];
    readonly seed: number;
    readonly testSize: number;
  },
  withNets: WithNets,
  output: Pick<Output, "log">,
): Promise<ConditionResult[]> {
  const all: ConditionResult[] = [];
  for (const condition of detectorConditions(noise)) {
    const images = seededImages(condition, "test", { seed, count: testSize });
    const labels = await withNets((net) =>
      predict(net, images, IMAGE_SHAPE, { batchSize: BATCH_SIZE })
        .map(({ label }) => label)
    );
    const results = measure(condition, images, SIZE, labels);
    const right = accuracyOf(results, ({ right }) => right);
    output.log(`${condition.name}: rule ${formatPercent(right, 1)}`);
    for (const result of results) all.push(result);
  }
  return all;
}

/** What the rule makes of plain images of the report's example's size. */
export function measureExamples(seed: number): ConditionResult[] {
  const images = exampleImages(PLAIN_CONDITION, seed);
  return measure(PLAIN_CONDITION, images, images.size, {});
}

/** What the nets, and the rule, make of single patterns of lit pixels. */
export async function measurePatterns(
  withNets: WithNets,
): Promise<ReportTable> {
  const evidence = await withNets((net) =>
    patternEvidence((images) => net.logits(images, false), SIZE)
  );
  return patternTable(patternPeaks(SIZE), evidence);
}

/** The files of {@linkcode detectorFigures}. */
export function detectorFigureFiles(
  plans: readonly { readonly name: string }[],
  noise: readonly number[],
): string[] {
  return [
    ...picturedConditions(noise).map(exampleFile),
    ...plans.map(filterFile),
  ];
}

/** An example of each pictured condition, and what the nets learned. */
export function detectorFigures(
  run: Pick<RunDirectory, "file">,
  plans: readonly { readonly name: string }[],
  { noise, seed }: { readonly noise: readonly number[]; readonly seed: number },
): Figure[] {
  return [
    ...exampleFigures(picturedConditions(noise), seed),
    ...plans.map((plan) => learnedFigure(run, plan)),
  ];
}

/** What the rule makes of images, beside the labels that nets gave them. */
function measure(
  condition: DiagonalCondition,
  images: DiagonalImages,
  size: number,
  labels: Readonly<Record<string, readonly number[]>>,
): ConditionResult[] {
  const peaks = countPeaks(images, size);
  const expected = images.diagonals.map(expectedPeaksOf(condition, size));
  return conditionResults(condition.name, images, peaks, expected, labels);
}
