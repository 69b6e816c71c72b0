import { maxOf } from "../../base/statistics.ts";
import type {
  Claim,
  ComparisonRow,
  ReportTable,
} from "../../reporting/report.ts";
import { formatFixed, minusSigns } from "../../base/format.ts";
import { matrixRank } from "../../matrices/matrix.ts";
import type { FamilyCheck } from "./families/check_families.ts";
import {
  centeredColumns,
  neededInnerDimension,
} from "./families/hypotheses.ts";
import type { Descent } from "./families/train_family.ts";

/** softmax((A + B) C x) with one inner dimension. */
export interface FactoredResult {
  /** r. */
  readonly inner: number;
  readonly check: FamilyCheck;
  readonly descent: Descent;
}

/** Both families for one K and m. */
export interface ShapeResult {
  /** K. */
  readonly classes: number;
  /** m. */
  readonly inputs: number;
  /** softmax(W x). */
  readonly direct: Descent;
  /** One an inner dimension, from 1 to K. */
  readonly factored: readonly FactoredResult[];
}

/** Up to which two results count as equal. */
export const TOLERANCES = {
  /**
   * Probabilities in float64, some tens of roundings of 2⁻⁵³ away from scores
   * near 10.
   */
  probability: 1e-12,
  /** Losses of descents that have converged. */
  loss: 1e-9,
} as const;

/** Entries of a trained W below it are leftovers of the descent, not rank. */
const RANK_TOLERANCE = 1e-6;

/** Its last loss. */
export const lossOf = ({ losses }: Descent) => losses.at(-1)!;
/** How many steps it took. */
export const stepsOf = ({ losses }: Descent) => losses.length - 1;
/** The rank of P W at the end of a descent. */
export const rankOf = ({ product }: Descent) =>
  matrixRank(centeredColumns(product), RANK_TOLERANCE);

/** The inner dimension from which on H₂ is H₁. */
export const neededBy = ({ classes, inputs }: ShapeResult) =>
  neededInnerDimension(classes, inputs);
/** H₂ as the report has it, r = K. */
const whole = ({ factored }: ShapeResult) => factored.at(-1)!;
const above = (shape: ShapeResult, { descent }: FactoredResult) =>
  lossOf(descent) - lossOf(shape.direct);
/** `K = 4, m = 6`. */
export const nameOf = ({ classes, inputs }: ShapeResult) =>
  `K = ${classes}, m = ${inputs}`;

const text = (error: number) =>
  error === 0 ? "0" : minusSigns(error.toExponential(1));
/** A difference of losses, in digits where it is more than rounding. */
const excessText = (excess: number) =>
  Math.abs(excess) <= TOLERANCES.loss ? text(excess) : formatFixed(excess, 4);

/**
 * What the report says of the two families beside what was measured.
 *
 * @param shapes of a run
 * @returns two rows of probabilities and one of losses for each
 */
export function familiesComparison(
  shapes: readonly ShapeResult[],
): ComparisonRow[] {
  return shapes.flatMap((shape) => {
    const row = (quantity: string, error: number, tolerance: number) => ({
      quantity: `${nameOf(shape)}: ${quantity}`,
      reported: "equal",
      ours: `off by ${text(Math.abs(error))}`,
      difference: Math.abs(error) <= tolerance ? "none" : text(Math.abs(error)),
    });
    const { check } = whole(shape);
    return [
      row("A, B, C from W", check.toFactored!, TOLERANCES.probability),
      row("W from A, B, C", check.toDirect, TOLERANCES.probability),
      row("trained loss", above(shape, whole(shape)), TOLERANCES.loss),
    ];
  });
}

/**
 * W and each inner dimension, built and trained.
 *
 * @param shape the models of one K and m
 * @returns a row per model
 */
export function innerTable(shape: ShapeResult): ReportTable {
  const trained = (
    descent: Descent,
    excess: string,
  ) => [
    String(rankOf(descent)),
    lossOf(descent).toFixed(6),
    excess,
    text(descent.gradient),
    String(stepsOf(descent)),
  ];
  return {
    title: `${nameOf(shape)}: W, and (A + B) C by its inner dimension r`,
    // deno-fmt-ignore
    columns: [
      "model", "built from W", "rank", "loss", "above W's", "max |dW|", "steps",
    ],
    rows: [
      ["W", "—", ...trained(shape.direct, "—")],
      ...shape.factored.map((one) => {
        const { inner, check, descent } = one;
        return [
          `r = ${inner}`,
          check.toFactored === null
            ? `rank ${check.factoredRank} of ${check.directRank}`
            : `off by ${text(check.toFactored)}`,
          ...trained(descent, excessText(above(shape, one))),
        ];
      }),
    ],
  };
}

/** How far apart two W are as hypotheses: the largest entry of P (W − W′). */
function hypothesesApart(one: Descent, other: Descent): number {
  const { values } = centeredColumns(other.product);
  return centeredColumns(one.product).values.reduce(
    (most, entry, i) => Math.max(most, Math.abs(entry - values[i]!)),
    0,
  );
}

/**
 * What report 4 says in question 2, what may be thought to end it, and whether
 * it holds.
 *
 * @param shapes of a run
 * @returns the claims
 */
export function familiesClaims(shapes: readonly ShapeResult[]): Claim[] {
  const judge = (
    claim: string,
    tested: readonly unknown[],
    holds: boolean,
    measured: () => string,
    without = "no such sizes",
  ): Claim =>
    tested.length === 0
      ? { claim, verdict: "could not be tested", measured: without }
      : {
        claim,
        verdict: holds ? "held" : "did not hold",
        measured: measured(),
      };
  const checks = shapes.map((shape) => whole(shape).check);
  const trials = checks.reduce((sum, { trials }) => sum + trials, 0);
  const most = (errors: readonly number[]) => maxOf(errors.map(Math.abs));
  const toFactored = most(checks.map(({ toFactored }) => toFactored!));
  const toDirect = most(checks.map(({ toDirect }) => toDirect));
  const trained = (group: readonly ShapeResult[]) => ({
    losses: group.map((shape) => above(shape, whole(shape))),
    ends: group.map((shape) =>
      hypothesesApart(shape.direct, whole(shape).descent)
    ),
  });
  const trainedClaim = (claim: string, group: readonly ShapeResult[]) => {
    const { losses, ends } = trained(group);
    return judge(
      claim,
      group,
      most(losses) <= TOLERANCES.loss,
      () =>
        `losses differ by ${text(most(losses))}, P W by ${text(most(ends))}; ${
          group.map((shape) =>
            `${stepsOf(shape.direct)} and ${stepsOf(whole(shape).descent)}`
          ).join(", ")
        } steps`,
    );
  };
  const inner = (isIn: (shape: ShapeResult, inner: number) => boolean) =>
    shapes.flatMap((shape) =>
      shape.factored.filter((one) => isIn(shape, one.inner))
        .map((one) => ({
          name: `${nameOf(shape)}, r = ${one.inner}`,
          excess: above(shape, one),
        }))
    );
  const isSmaller = ({ excess }: { excess: number }) =>
    excess > TOLERANCES.loss;
  const below = inner((shape, inner) => inner < shape.classes);
  const tooSmall = inner((shape, inner) => inner < neededBy(shape));
  const listText = (group: { name: string; excess: number }[]) =>
    group.map(({ name, excess }) => `${name}: ${excessText(excess)}`)
      .join("; ");
  return [
    judge(
      "Every hypothesis of H₁ is one of H₂, for some A, B, C",
      checks,
      toFactored <= TOLERANCES.probability,
      () =>
        `A = I, B = 0, C = W: probabilities off by ${
          text(toFactored)
        } for ${trials} random W`,
    ),
    judge(
      "Every hypothesis of H₂ is one of H₁, for some W",
      checks,
      toDirect <= TOLERANCES.probability,
      () =>
        `W = (A + B) C: off by ${text(toDirect)} for ${trials} random A, B, C`,
    ),
    trainedClaim(
      "So the models are equal: trained from W = 0, they end at one loss",
      shapes,
    ),
    trainedClaim(
      "also with more classes than inputs, K > m",
      shapes.filter(({ classes, inputs }) => classes > inputs),
    ),
    judge(
      "An inner dimension r below K makes H₂ smaller (not in the report)",
      below,
      below.every(isSmaller),
      () => {
        const equal = below.filter((one) => !isSmaller(one));
        return equal.length === 0
          ? listText(below)
          : `the loss of W still for ${
            equal.map(({ name }) => name).join("; ")
          }`;
      },
    ),
    judge(
      "An r below min(K − 1, m) does (not in the report)",
      tooSmall,
      tooSmall.every(isSmaller),
      () => `above the loss of W: ${listText(tooSmall)}`,
    ),
  ];
}

/** The numbers of both families that `--json` prints. */
export function shapeNumbers(
  { classes, inputs, direct, factored }: ShapeResult,
) {
  return {
    classes,
    inputs,
    loss: lossOf(direct),
    factored: factored.map(({ inner, descent, check }) => ({
      inner,
      loss: lossOf(descent),
      rank: rankOf(descent),
      toFactored: check.toFactored,
      toDirect: check.toDirect,
    })),
  };
}
