import { type Figure, lineFigure } from "../../charts/figure.ts";
import type { Claim, ComparisonRow } from "../../reporting/report.ts";
import {
  formatFixed,
  formatPercent,
  formatPoints,
  formatSigned,
} from "../../base/format.ts";
import { formatSpread, mean } from "../../base/statistics.ts";
import { penaltyText, REPORTED } from "./fashion_net.ts";
import type { FashionPlan, NamedFashionPlan } from "./fashion_plans.ts";

type Row = Readonly<Record<string, string>>;

/** By net, the rows of metrics.csv of its last epoch, one per seed. */
export type FashionResults = ReadonlyMap<string, readonly Row[]>;

/**
 * The last epoch of each net and seed.
 *
 * @param metrics rows of metrics.csv, in their order
 */
export function fashionResults(metrics: readonly Row[]): FashionResults {
  const last = new Map(metrics.map((row) => [`${row.net} ${row.seed}`, row]));
  return Map.groupBy(last.values(), ({ net }) => net!);
}

const fixed = (value: number) => formatFixed(value, 3);
const numbers = (rows: readonly Row[], column: string) =>
  rows.map((row) => Number(row[column]));

/** Accuracy less that of ReLU, one value per seed; null where a net lacks. */
function lessRelu(results: FashionResults, net: string): number[] | null {
  const relu = results.get("relu");
  const rows = results.get(net);
  if (!relu || !rows) return null;
  const ours = numbers(rows, "test_accuracy");
  return numbers(relu, "test_accuracy").map((accuracy, i) =>
    ours[i]! - accuracy
  );
}

/** Whether a difference is at most its bound, however float64 rounds it. */
function isWithin(bound: number, difference: number): boolean {
  return Math.abs(difference) <= bound + 1e-9;
}

function isDiscarded(plans: readonly FashionPlan[]): boolean {
  return plans[0]!.architecture === "batch-norm-pool";
}

/**
 * What report 1 says of its nets (captions of figures 1 and 2, section 6)
 * beside what ours did.
 *
 * @param plans the nets of a run
 * @param results of all of them, in the order of the table
 * @returns the rows, `mean ± s.d.` where there are several seeds
 */
export function fashionComparison(
  plans: readonly FashionPlan[],
  results: FashionResults,
): ComparisonRow[] {
  const rows: ComparisonRow[] = [];
  for (const [net, seeds] of results) {
    rows.push({
      quantity: `test accuracy, ${net}`,
      reported: "in figures",
      ours: formatSpread(numbers(seeds, "test_accuracy"), formatPercent),
      difference: "",
    });
  }
  const compare = (net: string, quantity: string, reported: number) => {
    const ours = lessRelu(results, net);
    if (ours === null) return;
    rows.push({
      quantity,
      reported: formatPoints(reported),
      ours: formatSpread(ours, formatPoints),
      difference: formatPoints(mean(ours) - reported),
    });
  };
  if (isDiscarded(plans)) {
    compare(
      "linear",
      "linear less relu (§3)",
      REPORTED.discardedLinearLessRelu,
    );
    return rows;
  }
  compare("linear", "linear less relu", REPORTED.linearLessRelu);
  const [low, high] = REPORTED.firstAlpha;
  for (const [net, seeds] of results) {
    if (seeds[0]!.activation !== "relu-alpha") continue;
    compare(net, `${net} less relu`, REPORTED.reluAlphaLessRelu);
    ["₁", "₂", "₃"].forEach((index, i) => {
      const ours = numbers(seeds, `alpha_${i + 1}`);
      const present = mean(ours);
      const isRange = i === 0;
      const nearest = isRange
        ? Math.min(high, Math.max(low, present))
        : REPORTED.laterAlphas;
      rows.push({
        quantity: `α${index}, ${net}`,
        reported: isRange ? `${low} to ${high}` : `${REPORTED.laterAlphas}`,
        ours: formatSpread(ours, fixed),
        difference: isRange && present === nearest
          ? "in range"
          : formatSigned(present - nearest, 3),
      });
    });
  }
  return rows;
}

/**
 * What report 1 claims (figure 2, sections 3 and 6), for the loss as written
 * and as varied, and whether it held for the means over the seeds. Each claim
 * names the bounds within which it counts as held; the report has no spread.
 *
 * @param plans the nets of a run
 * @param results of all of them
 * @returns the claims, those about the loss once per variant of it
 */
export function fashionClaims(
  plans: readonly FashionPlan[],
  results: FashionResults,
): Claim[] {
  const claims: Claim[] = [];
  const verdict = (holds: boolean) => holds ? "held" : "did not hold";
  const linear = lessRelu(results, "linear");
  if (linear !== null) {
    const drop = mean(linear);
    const discarded = isDiscarded(plans);
    claims.push({
      claim: discarded
        ? "no difference without activation under batch norm and max pool (§3); held: within 1 point"
        : "7.5 points less without activation (figure 2); held: 5.5 to 9.5",
      verdict: verdict(
        discarded
          ? isWithin(0.01, drop - REPORTED.discardedLinearLessRelu)
          : isWithin(0.02, drop - REPORTED.linearLessRelu),
      ),
      measured: formatSpread(linear, formatPoints),
    });
  }
  // Section 6 speaks of the plain net only.
  if (isDiscarded(plans)) return claims;
  const variants = Map.groupBy(
    plans.filter(({ lambda, seed }) =>
      lambda !== null && seed === plans[0]!.seed
    ),
    ({ penalty, clampAlpha }) =>
      penaltyText(penalty) + (clampAlpha ? ", α clamped" : ""),
  );
  for (const [variant, nets] of variants) {
    const claim = (
      text: string,
      valuesOf: (net: string) => number[] | null,
      format: (value: number) => string,
      holds: (value: number) => boolean,
    ) => {
      const values = nets.map(({ net }) => valuesOf(net));
      if (values.includes(null)) return;
      const means = (values as number[][]).map(mean);
      claims.push({
        claim: `${text}; ${variant}`,
        verdict: verdict(means.every(holds)),
        measured: nets.map(({ lambda, epochs }, i) =>
          `λ ${lambda}${
            epochs === nets[0]!.epochs ? "" : ` (${epochs} epochs)`
          }: ${format(means[i]!)}`
        ).join("; "),
      });
    };
    const alpha = (i: number) => (net: string) =>
      numbers(results.get(net)!, `alpha_${i}`);
    claim(
      "accuracy as ReLU's (§6); held: within 1 point",
      (net) => lessRelu(results, net),
      formatPoints,
      (difference) => isWithin(0.01, difference - REPORTED.reluAlphaLessRelu),
    );
    for (const [index, i] of [["₂", 2], ["₃", 3]] as const) {
      claim(
        `α${index} goes to 1 (§6); held: within 0.05`,
        alpha(i),
        fixed,
        (value) => Math.abs(value - REPORTED.laterAlphas) <= 0.05,
      );
    }
    const [low, high] = REPORTED.firstAlpha;
    claim(
      `α₁ settles in ${low} to ${high} (§6)`,
      alpha(1),
      fixed,
      (value) => value >= low && value <= high,
    );
  }
  return claims;
}

/** Columns of metrics.csv that hold no numbers. */
const TEXT_COLUMNS = new Set(["net", "activation"]);

/**
 * The nets' results as numbers, for `--json`.
 *
 * @returns for each plan the net's name and the fields that hold a number
 */
export function fashionNumbers(
  plans: readonly Pick<FashionPlan, "net" | "seed">[],
  results: FashionResults,
): Record<string, string | number>[] {
  return plans.map(({ net, seed }) => {
    const row = results.get(net)!.find((row) => Number(row.seed) === seed)!;
    const fields = Object.entries(row)
      .filter(([name, value]) => !TEXT_COLUMNS.has(name) && value !== "")
      .map(([name, value]) => [name, Number(value)] as const);
    return { net, ...Object.fromEntries(fields) };
  });
}

const curvesFile = ({ name }: NamedFashionPlan) => `curves-${name}.svg`;
const alphaFile = ({ name }: NamedFashionPlan) => `alpha-${name}.svg`;

/** The files of `fashionFigures`. */
export function fashionFigureFiles(
  plans: readonly NamedFashionPlan[],
): string[] {
  return plans.flatMap((plan) =>
    plan.lambda === null
      ? [curvesFile(plan)]
      : [curvesFile(plan), alphaFile(plan)]
  );
}

/**
 * Figures 1 to 14 of report 1: loss and accuracy of every net at each step,
 * then α, if it has ReLU_α.
 *
 * @param plans the nets to draw
 * @param steps rows of steps.csv
 * @returns one or two figures per net, in the order of `plans`
 */
export function fashionFigures(
  plans: readonly NamedFashionPlan[],
  steps: readonly Readonly<Record<string, string>>[],
): Figure[] {
  const byNet = Map.groupBy(steps, ({ net, seed }) => `${net} ${seed}`);
  return plans.flatMap((plan) => {
    const rows = byNet.get(`${plan.net} ${plan.seed}`) ?? [];
    const series = (name: string, column: string) => ({
      name,
      values: rows.map((row) => Number(row[column])),
    });
    const curves = lineFigure(curvesFile(plan), {
      title: `Loss and accuracy of ${plan.name}, training batches`,
      xLabel: "step",
      yLabel: "loss; accuracy, 0 to 1",
      series: [series("loss", "loss"), series("accuracy", "accuracy")],
    });
    if (plan.lambda === null) return [curves];
    return [
      curves,
      lineFigure(alphaFile(plan), {
        title: `α of ${plan.name}`,
        xLabel: "step",
        yLabel: "α",
        series: ["₁", "₂", "₃"].map((index, i) =>
          series(`α${index}`, `alpha_${i + 1}`)
        ),
      }),
    ];
  });
}
