import type { Claim, ComparisonRow } from "../../reporting/report.ts";
import { formatPercent, formatSigned } from "../../base/format.ts";
import { formatSpread, mean } from "../../base/statistics.ts";
import {
  type AlphaNet,
  netsByLambda,
  percentAtZero,
  ZERO,
} from "./alpha_net.ts";
import type { AlphaClustering } from "./cluster_alphas.ts";

/** The smallest final α that counts as gone to one: 0.05 away, as for zero. */
const ONE = 0.95;

/** By λ, the percentage of α at zero in each data set of the report. */
export type ReportedZeros = ReadonlyMap<number, readonly number[]>;

/**
 * Reads the rows of data/reported/alpha_to_zero.csv.
 *
 * @param rows fields by column: `lambda`, then one for each data set
 * @returns the percentages by λ
 */
export function reportedZeros(
  rows: readonly Readonly<Record<string, string>>[],
): ReportedZeros {
  return new Map(rows.map(({ lambda, ...percents }) => [
    Number(lambda),
    Object.values(percents).map(Number),
  ]));
}

/** One percentage for each subset that has nets, in the subsets' order. */
function percentPerSubset(nets: readonly AlphaNet[]): number[] {
  return [...Map.groupBy(nets, ({ subset }) => subset)]
    .sort(([a], [b]) => a - b)
    .map(([, nets]) => percentAtZero(nets));
}

/** A percentage, 0 to 100, as text. */
const percent = (value: number, digits = 1) =>
  formatPercent(value / 100, digits);

/**
 * Report 2's figure 1 as numbers beside ours: mean and standard deviation over
 * the subsets, for each λ.
 *
 * @param nets those of the sweep that trained
 * @param reported the report's percentages
 * @returns a row per λ in ascending order, and one for the test accuracy
 */
export function alphaSweepComparison(
  nets: readonly AlphaNet[],
  reported: ReportedZeros,
): ComparisonRow[] {
  const rows = [...netsByLambda(nets)].map(([lambda, nets]) => {
    const theirs = reported.get(lambda);
    const ours = percentPerSubset(nets);
    return {
      quantity: `α at zero, λ = ${lambda}`,
      reported: theirs ? formatSpread(theirs, percent) : "not given",
      ours: formatSpread(ours, percent),
      difference: theirs
        ? `${formatSigned(mean(ours) - mean(theirs), 1)} points`
        : "",
    };
  });
  if (nets.length === 0) return rows;
  return [...rows, {
    quantity: "test accuracy, all nets",
    reported: "not given",
    ours: formatSpread(
      nets.map(({ testAccuracy }) => 100 * testAccuracy),
      percent,
    ),
    difference: "",
  }];
}

/**
 * What report 2 claims (section 4), and whether it held. Each claim names the
 * bound within which it counts as held, where the report's words leave it open.
 *
 * @param nets those of the sweep that trained
 * @param clusterings of their final α
 * @returns the claims in the order of the report; "could not be tested" where
 *   the sweep lacks the λ, or has too few nets
 */
export function alphaSweepClaims(
  nets: readonly AlphaNet[],
  clusterings: readonly AlphaClustering[],
): Claim[] {
  const groups = netsByLambda(nets);
  const zeros = [...groups].map(([lambda, nets]) =>
    [lambda, percentAtZero(nets)] as const
  );
  const claim = (
    claim: string,
    holds: boolean | undefined,
    measured: () => string,
  ): Claim =>
    holds === undefined
      ? { claim, verdict: "could not be tested", measured: "" }
      : {
        claim,
        verdict: holds ? "held" : "did not hold",
        measured: measured(),
      };
  const pairs = zeros.flatMap(([, low], i) =>
    zeros.slice(i + 1).map(([, high]) => high >= low)
  );
  const growing = pairs.filter(Boolean).length;
  const last = zeros.filter(([lambda]) => lambda >= 0.045);
  const [before, after] = [0.02, 0.025].map((lambda) =>
    percentPerSubset(groups.get(lambda) ?? [])
  ) as [number[], number[]];
  const comparable = before.length > 0 && before.length === after.length;
  const falling = before.filter((value, i) => after[i]! < value).length;
  const layer = (i: number, nets: readonly AlphaNet[]) =>
    nets.map(({ alphaFinal }) => alphaFinal[i]!);
  const ones = (alphas: readonly number[]) =>
    alphas.filter((alpha) => alpha >= ONE).length;
  const third = layer(2, nets);
  const early = layer(0, nets.filter(({ lambda }) => lambda <= 0.005));
  const late = layer(0, nets.filter(({ lambda }) => lambda > 0.005));
  const between = nets.flatMap(({ lambda, alphaFinal }) =>
    alphaFinal.filter((alpha) => alpha > ZERO && alpha < ONE)
      .map(() => lambda)
  );
  const share = between.length / (3 * nets.length);
  const best = clusterings.toSorted((a, b) => b.silhouette - a.silhouette)[0];
  return [
    claim(
      "the higher λ, the more α go to zero; held: not fewer in 90 % of the pairs of λ, and more at the largest than at the smallest",
      pairs.length === 0
        ? undefined
        : growing >= 0.9 * pairs.length && zeros.at(-1)![1] > zeros[0]![1],
      () =>
        `${growing} of ${pairs.length} pairs; ` +
        [zeros[0]!, zeros.at(-1)!].map(([lambda, value]) =>
          `λ ${lambda}: ${percent(value, 0)}`
        ).join(", "),
    ),
    claim(
      "from λ = 0.045 on every α goes to zero (figure 1)",
      last.length === 0 ? undefined : last.every(([, value]) => value === 100),
      () =>
        last.map(([lambda, value]) => `λ ${lambda}: ${percent(value)}`)
          .join(", "),
    ),
    claim(
      "fewer α go to zero at λ = 0.025 than at 0.02, on every data set",
      comparable ? falling === before.length : undefined,
      () =>
        `on ${falling} of ${before.length} subsets; ` +
        `${percent(mean(before))}, then ${percent(mean(after))}`,
    ),
    claim(
      "α₁ settles at 1 for λ = 0 and 0.005 only, and rarely; held: at most 10 % reach 0.95 there, and none beyond",
      early.length === 0 || late.length === 0
        ? undefined
        : ones(late) === 0 && ones(early) <= 0.1 * early.length,
      () =>
        `${ones(early)} of ${early.length} up to λ = 0.005, ` +
        `${ones(late)} of ${late.length} beyond`,
    ),
    claim(
      "α₃ never goes to 1; held: none reaches 0.95",
      third.length === 0 ? undefined : ones(third) === 0,
      () =>
        `${ones(third)} of ${third.length}; largest ${
          third.reduce((a, b) => Math.max(a, b)).toFixed(3)
        }`,
    ),
    claim(
      "α seldom ends between 0 and 1, and for the smaller λ; held: at most 10 % in 0.05 to 0.95",
      nets.length === 0 ? undefined : share <= 0.1,
      () =>
        `${formatPercent(share, 1)}` +
        (between.length > 0
          ? `, at λ up to ${between.reduce((a, b) => Math.max(a, b))}`
          : ""),
    ),
    claim(
      "the final α form no clear clusters (figure 4); held: no silhouette above 0.5",
      best && best.silhouette <= 0.5,
      () => `${best!.silhouette.toFixed(2)} with ${best!.k} clusters`,
    ),
  ];
}
