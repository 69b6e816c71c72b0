import { maxOf } from "../../base/statistics.ts";
import { formatPercent } from "../../base/format.ts";
import type { ImageDataset } from "../../data/image_dataset.ts";
import type { Claim } from "../../reporting/report.ts";
import type { SvmPoint } from "./train_svm.ts";
import type { SvmResult } from "./train_svms.ts";
import {
  accuracyText,
  combinationText,
  type SvmResults,
} from "./cifar_svm_results.ts";
import {
  BEST_COMBINATION,
  REPORTED_ACCURACY,
  SVM_COMBINATIONS,
} from "./reported.ts";

/** Of a curve's fall, what must be over after half of the steps. */
const EARLY_FALL = 0.9;

/** Training above validation accuracy: two standard errors of 1,000 images. */
const OVERFITTING = 0.03;

/**
 * Which classes' weights the report sees in one colour (§5.3), and where it
 * says so; the index is the channel's: red, green, blue.
 */
const COLOURED = [
  { name: "airplane", report: "plane", channel: 2, where: "all" },
  { name: "automobile", report: "car", channel: 0, where: "centre" },
  { name: "deer", report: "deer", channel: 1, where: "all" },
  { name: "frog", report: "frog", channel: 1, where: "centre" },
  { name: "ship", report: "ship", channel: 2, where: "all" },
] as const;

const CHANNELS = ["red", "green", "blue"] as const;

/**
 * What report 5 claims, and whether it held; where it has no number the claim
 * names the bound within which it counts as held.
 *
 * @param results of a run
 * @param dataset the images' shape and the classes' names
 * @returns the claims in the order of the report, and what the search set out
 *   to do
 */
export function svmClaims(
  results: SvmResults,
  dataset: Pick<ImageDataset, "height" | "width" | "channels" | "classNames">,
): Claim[] {
  const { first, final, tuned, search, comparable } = results;
  const needs = comparable ? "" : "; needs all of CIFAR-10";
  const claim = (
    claim: string,
    holds: boolean | undefined,
    measured: string,
  ): Claim => ({
    claim,
    verdict: holds === undefined
      ? "could not be tested"
      : holds
      ? "held"
      : "did not hold",
    measured,
  });
  const falls = (words: string, result: SvmResult): Claim => {
    const fall = earlyFall(result);
    return claim(
      `${words}; held: 90 % of its fall in the first half of the steps`,
      fall === undefined ? undefined : fall >= EARLY_FALL,
      result.parameters === null
        ? "diverged"
        : fall === undefined
        ? "needs four points of the curve"
        : `${formatPercent(fall, 1)}: ${curveText(result.curve)}`,
    );
  };
  const gap = final.parameters && final.trainAccuracy! -
      final.validationAccuracy!;
  const best = tuned?.findIndex((result) => result === final);
  const reported = combinationText(SVM_COMBINATIONS[BEST_COMBINATION]!);
  return [
    falls(
      "the first run's validation loss falls sharply, then levels off (figure 2)",
      first,
    ),
    claim(
      `of the eight combinations ${reported} has the best validation accuracy (§4.2)`,
      tuned ? best === BEST_COMBINATION : undefined,
      tuned
        ? `${final.plan.hinge}: ${combinationText(final.plan)}, ${
          accuracyText(final.validationAccuracy)
        }`
        : "needs --tune",
    ),
    falls(
      "the final classifier's validation loss falls sharply at first (figure 3)",
      final,
    ),
    claim(
      "the final classifier does not overfit (§5.1); held: training accuracy at most 3 points above validation accuracy",
      // With fewer images a classifier overfits more.
      comparable && gap !== null ? gap <= OVERFITTING : undefined,
      gap === null
        ? "diverged"
        : `training ${accuracyText(final.trainAccuracy)}, validation ${
          accuracyText(final.validationAccuracy)
        }${needs}`,
    ),
    ...COLOURED.map(({ name, report, channel, where }) => {
      const label = dataset.classNames.indexOf(name);
      const means = dataset.channels === 3 && label >= 0 && final.parameters
        ? channelMeans(final.parameters.weights, label, dataset, where)
        : undefined;
      return claim(
        `the ${report} weights are ${CHANNELS[channel]}${
          where === "centre" ? " in the centre" : ""
        } (figure 4); held: the largest mean of the channels`,
        means && maxOf(means) === means[channel],
        final.parameters === null
          ? "diverged"
          : means === undefined
          ? "needs CIFAR-10's classes"
          : means.map((mean, k) => `${CHANNELS[k]} ${mean.toExponential(1)}`)
            .join(", "),
      );
    }),
    claim(
      "the other weights show hints of sky (bird), mixed colours (cat), no clear pattern (dog), two heads (horse), a truck's body (figure 4)",
      undefined,
      "these words have no measure; templates.svg shows the weights",
    ),
    ...search === null ? [] : [
      claim(
        "a random search goes beyond the report's 39.2 % on validation images (no claim of the report)",
        comparable && search.winner
          ? search.winner.validationAccuracy! > REPORTED_ACCURACY.validation
          : undefined,
        search.winner === null
          ? "all candidates diverged"
          : `${
            accuracyText(search.winner.validationAccuracy)
          } after ${search.winner.epochs} epochs with ${
            combinationText(search.winner.plan)
          }${needs}`,
      ),
    ],
  ];
}

/**
 * The part of a validation loss's fall in the first half of its curve: 0 where
 * it does not fall, or diverges; undefined where the curve is too short to say.
 */
function earlyFall({ parameters, curve }: SvmResult): number | undefined {
  if (parameters === null) return 0;
  if (curve.length < 4) return undefined;
  const losses = curve.map(({ validationLoss }) => validationLoss);
  const [start, end] = [losses[0]!, losses.at(-1)!];
  const half = losses[halfOf(curve)]!;
  return start > end ? (start - half) / (start - end) : 0;
}

/** The last point of a curve's first half. */
function halfOf({ length }: readonly SvmPoint[]): number {
  return Math.floor((length - 1) / 2);
}

function curveText(curve: readonly SvmPoint[]): string {
  const at = [0, halfOf(curve), curve.length - 1];
  return at.map((i) => curve[i]!).map(({ step, validationLoss }) =>
    `${validationLoss.toFixed(2)} at step ${step}`
  ).join(", ");
}

/** The mean weight of each channel, over all pixels or the inner quarter. */
function channelMeans(
  weights: Float32Array,
  label: number,
  { height, width, channels, classNames }: Pick<
    ImageDataset,
    "height" | "width" | "channels" | "classNames"
  >,
  where: "all" | "centre",
): number[] {
  const sums = new Array<number>(channels).fill(0);
  const [insetX, insetY] = where === "all"
    ? [0, 0]
    : [Math.floor(width / 4), Math.floor(height / 4)];
  let count = 0;
  for (let y = insetY; y < height - insetY; y++) {
    for (let x = insetX; x < width - insetX; x++) {
      count++;
      for (let k = 0; k < channels; k++) {
        const pixel = (y * width + x) * channels + k;
        sums[k]! += weights[pixel * classNames.length + label]!;
      }
    }
  }
  return sums.map((sum) => sum / count);
}
