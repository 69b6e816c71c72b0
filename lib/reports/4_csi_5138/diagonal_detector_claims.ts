import type {
  Claim,
  ComparisonRow,
  ReportTable,
} from "../../reporting/report.ts";
import { formatPercent, formatSigned } from "../../base/format.ts";
import { mean } from "../../base/statistics.ts";
import {
  BOTH,
  type DiagonalImages,
  PLAIN,
} from "./diagonals/diagonal_images.ts";
import type { ExpectedPeaks } from "./diagonals/expected_peaks.ts";
import { labelOfPeaks } from "./diagonals/peak_rule.ts";

/** What the rule and the nets make of one class's images under a condition. */
export interface ConditionResult {
  readonly condition: string;
  /** 0 for class 1, one diagonal, and 1 for class 2, two. */
  readonly label: 0 | 1;
  readonly images: number;
  /** Images that the rule gets right, and how many it should, on average. */
  readonly right: number;
  readonly expectedRight: number;
  /** Peaks an image, and how many there should be, on average. */
  readonly peaks: number;
  readonly expectedPeaks: number;
  /** Images with as many peaks as diagonals, and with none at all. */
  readonly exact: number;
  readonly empty: number;
  /** Images that each net gets right, by its name. */
  readonly netsRight: Readonly<Record<string, number>>;
}

/**
 * Sums a condition's images up, by class.
 *
 * @param condition its name
 * @param images with their diagonals
 * @param peaks of each image
 * @param expected of each image
 * @param labels that each net gave to each image, by its name
 * @returns class 1, then class 2
 */
export function conditionResults(
  condition: string,
  images: DiagonalImages,
  peaks: Int32Array,
  expected: readonly ExpectedPeaks[],
  labels: Readonly<Record<string, readonly number[]>>,
): ConditionResult[] {
  return ([0, 1] as const).map((label) => {
    const own = [...images.labels.keys()].filter((i) =>
      images.labels[i] === label
    );
    const count = (holds: (i: number) => boolean) => own.filter(holds).length;
    return {
      condition,
      label,
      images: own.length,
      right: count((i) => labelOfPeaks(peaks[i]!) === label),
      expectedRight: own.reduce((sum, i) => {
        const { one } = expected[i]!;
        return sum + (label === 0 ? one : 1 - one);
      }, 0),
      peaks: mean(own.map((i) => peaks[i]!)),
      expectedPeaks: mean(own.map((i) => expected[i]!.mean)),
      exact: count((i) => peaks[i] === images.diagonals[i]!.length),
      empty: count((i) => peaks[i] === 0),
      netsRight: Object.fromEntries(
        Object.entries(labels).map(([net, given]) => [
          net,
          count((i) => given[i] === label),
        ]),
      ),
    };
  });
}

/** The rows of conditions.csv, one per condition and class. */
export function conditionRows(
  results: readonly ConditionResult[],
): Record<string, string | number>[] {
  return results.map((result) => ({
    condition: result.condition,
    class: result.label + 1,
    images: result.images,
    rule_accuracy: result.right / result.images,
    expected_accuracy: result.expectedRight / result.images,
    peaks: result.peaks,
    expected_peaks: result.expectedPeaks,
    as_many_peaks_as_diagonals: result.exact,
    ...Object.fromEntries(
      Object.entries(result.netsRight).map(([net, right]) => [
        `net_${net}_accuracy`,
        right / result.images,
      ]),
    ),
  }));
}

const count = (value: number) => value.toLocaleString("en");
const sumOf = <T>(items: readonly T[], value: (item: T) => number) =>
  items.reduce((sum, item) => sum + value(item), 0);

/** Results by condition: class 1 and class 2. */
function byCondition(results: readonly ConditionResult[]) {
  return [...Map.groupBy(results, ({ condition }) => condition)];
}

/**
 * Accuracy over both classes.
 *
 * @param results of one condition
 * @param right images that are right, of each class
 * @returns 0 to 1
 */
export function accuracyOf(
  results: readonly ConditionResult[],
  right: (result: ConditionResult) => number,
): number {
  return sumOf(results, right) / sumOf(results, ({ images }) => images);
}

/**
 * What question 3 of report 4 says of its rule beside what ours did, on plain
 * images.
 *
 * @param results of all conditions
 * @returns the rows
 */
export function detectorComparison(
  results: readonly ConditionResult[],
): ComparisonRow[] {
  const plain = results.filter(({ condition }) => condition === PLAIN);
  const nets = Object.keys(plain[0]!.netsRight);
  return [
    ...plain.map(({ label, peaks }) => ({
      quantity: `peaks an image, class ${label + 1}`,
      reported: String(label + 1),
      ours: peaks.toFixed(3),
      difference: formatSigned(peaks - label - 1, 3),
    })),
    {
      quantity: "accuracy of the rule",
      reported: "1 of 1",
      ours: formatPercent(accuracyOf(plain, ({ right }) => right)),
      difference: "",
    },
    ...nets.map((net) => ({
      quantity: `accuracy of net ${net}`,
      reported: "—",
      ours: formatPercent(
        accuracyOf(plain, ({ netsRight }) => netsRight[net]!),
      ),
      difference: "",
    })),
  ];
}

/** Two numbers per class: what was measured, and what should be. */
function classTable(
  title: string,
  results: readonly ConditionResult[],
  numbers: (result: ConditionResult) => readonly string[],
): ReportTable {
  return {
    title,
    columns: ["condition", "class 1", "expected", "class 2", "expected"],
    rows: byCondition(results).map(([condition, classes]) => [
      condition,
      ...classes.flatMap(numbers),
    ]),
  };
}

/** The rule's accuracy, by condition and class. */
export function ruleTable(results: readonly ConditionResult[]): ReportTable {
  return classTable(
    "Accuracy of the rule",
    results,
    ({ images, right, expectedRight }) => [
      formatPercent(right / images),
      formatPercent(expectedRight / images),
    ],
  );
}

/** The number of peaks, by condition and class. */
export function peaksTable(results: readonly ConditionResult[]): ReportTable {
  return classTable(
    "Peaks an image",
    results,
    ({ peaks, expectedPeaks }) => [peaks.toFixed(4), expectedPeaks.toFixed(4)],
  );
}

/** The nets' accuracy beside the rule's, over both classes. */
export function netTable(results: readonly ConditionResult[]): ReportTable {
  const nets = Object.keys(results[0]!.netsRight);
  return {
    title: "Accuracy of the rule and of the nets, by what they learned from",
    columns: ["condition", "rule", ...nets],
    rows: byCondition(results).map(([condition, classes]) => [
      condition,
      formatPercent(accuracyOf(classes, ({ right }) => right)),
      ...nets.map((net) =>
        formatPercent(accuracyOf(classes, ({ netsRight }) => netsRight[net]!))
      ),
    ]),
  };
}

/**
 * What question 3 of report 4 claims of its rule, and whether it held.
 *
 * @param results of all conditions
 * @param small plain images of the size that the report draws
 */
export function detectorClaims(
  results: readonly ConditionResult[],
  small: readonly ConditionResult[],
): Claim[] {
  const of = (name: string) =>
    results.filter(({ condition }) => condition === name);
  const claim = (
    text: string,
    tested: readonly ConditionResult[],
    value: (result: ConditionResult) => number,
    what: string,
  ): Claim => {
    const images = sumOf(tested, (result) => result.images);
    const holding = sumOf(tested, value);
    return {
      claim: text,
      verdict: holding === images ? "held" : "did not hold",
      measured: `${count(holding)} of ${count(images)} ${what}`,
    };
  };
  const plain = of(PLAIN);
  return [
    claim(
      "the map is 3 where three pixels of a diagonal match, and nowhere else; held: as many peaks as diagonals",
      plain,
      ({ exact }) => exact,
      "plain images",
    ),
    claim(
      "one peak is class 1, any other number class 2",
      plain,
      ({ right }) => right,
      "plain images right",
    ),
    claim(
      "the same applies to 20×20 as to 100×100 pixels",
      small,
      ({ right }) => right,
      "plain images of 20×20 right",
    ),
    claim(
      "the kernel highlights all diagonals, so falling ones too; held: as many peaks as diagonals",
      of(BOTH),
      ({ exact }) => exact,
      `images; ${count(sumOf(of(BOTH), ({ empty }) => empty))} have no peak`,
    ),
  ];
}

/** What the tables and figures need to be understood. */
export const DETECTOR_NOTES: readonly string[] = [
  "Noise p: each pixel of the background is lit with probability p. Flips p: " +
  "also, each pixel of a diagonal is dark with probability p. Both: each " +
  "diagonal rises, as the kernel's, or falls.",
  "Expected: exact for the diagonals that were drawn, by a Markov chain along " +
  "each rising line of the image. Noise makes a peak of a window of the " +
  "background with probability p³, and there are some 98² of them; of a window " +
  "with two pixels of a diagonal with p, of one with a single pixel with p², and " +
  "there are two of each: at p = 0.01, 0.0096 + 0.02 + 0.0002 peaks more.",
  "A falling diagonal has no peak, a rising one of length n has n − 2. Any two " +
  "rising ones have two peaks at least, however close they are, and from a " +
  "distance of 2 on no window adds another: the rule does not need a distance of 3.",
  "An image without a peak is class 2 by the rule. A net may say class 1, which " +
  "is the better guess, since one diagonal goes unseen more often than two: " +
  "hence its lead, where it has one, under flips and with both directions.",
  "A net's bias and filters are in units of a lit pixel; out is what a filter's " +
  "sum adds to the logit of class 2 less that of class 1.",
];
