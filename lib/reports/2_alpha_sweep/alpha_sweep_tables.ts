import { maxOf, mean, minOf } from "../../base/statistics.ts";
import { countBatches } from "../../data/batches.ts";
import {
  ALPHA_LAYERS,
  ALPHA_NAMES,
  type AlphaNet,
  netsByLambda,
  percentAtZero,
} from "./alpha_net.ts";
import type { AlphaClustering } from "./cluster_alphas.ts";
import type { ReportTable } from "../../reporting/report.ts";

/** Which α count as settled; section 4 leaves the rest to longer trainings. */
const SETTLED = { epochs: 10, tolerance: 0.01 };

/**
 * What report 2 leaves open: how many α have settled, and whether the final α
 * form clusters.
 *
 * @param nets those of the sweep that trained
 * @param clusterings of their final α
 * @param epochs of each net; with 10 or fewer, settling cannot be judged
 * @returns the tables that have rows
 */
export function alphaSweepTables(
  nets: readonly AlphaNet[],
  clusterings: readonly AlphaClustering[],
  epochs: number,
): ReportTable[] {
  const tables: ReportTable[] = [];
  if (epochs > SETTLED.epochs && nets.length > 0) {
    const row = (name: string, nets: readonly AlphaNet[]) => [
      name,
      ...ALPHA_NAMES.map((_, layer) => {
        const settled = countSettled(
          nets.map((net) => epochEnds(net, layer, epochs)),
          SETTLED,
        );
        return `${settled} of ${nets.length}`;
      }),
    ];
    tables.push({
      title:
        `Settled α: moved less than ${SETTLED.tolerance} in the last ${SETTLED.epochs} of ${epochs} epochs`,
      columns: ["λ", ...ALPHA_NAMES],
      rows: [
        ...[...netsByLambda(nets)].map(([lambda, nets]) =>
          row(String(lambda), nets)
        ),
        row("all", nets),
      ],
    });
  }
  if (clusterings.length > 0) {
    tables.push({
      title: "k-means clusters of the final (α₁, α₂, α₃)",
      columns: ["k", "silhouette", "nets", "centroids"],
      rows: clusterings.map(({ k, silhouette, sizes, centroids }) => [
        String(k),
        silhouette.toFixed(3),
        sizes.join(", "),
        centroids.map((centroid) =>
          `(${centroid.map((value) => value.toFixed(2)).join(", ")})`
        ).join(" "),
      ]),
    });
  }
  return tables;
}

/** α of a layer at the start and after each epoch. */
function epochEnds(
  { trajectory }: AlphaNet,
  layer: number,
  epochs: number,
): number[] {
  const pointsPerEpoch = (trajectory.length / ALPHA_LAYERS - 1) / epochs;
  return Array.from(
    { length: epochs + 1 },
    (_, epoch) => trajectory[epoch * pointsPerEpoch * ALPHA_LAYERS + layer]!,
  );
}

/** When a trajectory counts as settled. */
export interface CountSettledOptions {
  /** How many of the last epochs to look at, at least 1. */
  readonly epochs: number;
  /**
   * A trajectory's largest value less its smallest one over those epochs must
   * be below this; greater than 0.
   */
  readonly tolerance: number;
}

/**
 * How many trajectories hardly moved over their last epochs.
 *
 * The move over n epochs is seen in n + 1 values; a trajectory of fewer values,
 * and one in which any of them is not finite, does not count as settled.
 *
 * @param trajectories one value per epoch each, in the epochs' order
 * @param options how long to look, and how far a value may move
 * @returns the number of trajectories that moved less than `tolerance`
 * @throws {RangeError} if epochs is not an integer from 1, or tolerance not
 *   greater than 0
 *
 * @example
 * ```ts
 * import {
 *   countSettled,
 * } from "#lib/reports/2_alpha_sweep/alpha_sweep_tables.ts";
 * import { equal } from "node:assert/strict";
 *
 * const alphas = [[0.5, 0.98, 1, 1], [0.5, 0.6, 0.7, 0.8]];
 * equal(countSettled(alphas, { epochs: 2, tolerance: 0.05 }), 1);
 * ```
 */
export function countSettled(
  trajectories: readonly (readonly number[])[],
  { epochs, tolerance }: CountSettledOptions,
): number {
  if (!(Number.isInteger(epochs) && epochs >= 1)) {
    throw new RangeError(
      `Cannot count settled trajectories: epochs must be an integer of at least 1: got ${epochs}`,
    );
  }
  if (!(tolerance > 0)) {
    throw new RangeError(
      `Cannot count settled trajectories: tolerance must be greater than 0: got ${tolerance}`,
    );
  }
  return trajectories.filter((values) => {
    const last = values.slice(-(epochs + 1));
    // The comparison is false for NaN and ∞ too.
    return last.length > epochs &&
      maxOf(last) - minOf(last) < tolerance;
  }).length;
}

/** The flags that notes are about. */
export interface SweepSettings {
  readonly learningRate: number;
  readonly lambda: readonly number[];
  readonly epochs: number;
  readonly batchSize: number;
  /** Images in a subset. */
  readonly trainSize: number;
}

/**
 * What the report should say of its numbers.
 *
 * @param settings of the sweep
 * @returns paragraphs of Markdown
 */
export function alphaSweepNotes(settings: SweepSettings): string[] {
  const { learningRate, lambda, epochs, batchSize, trainSize } = settings;
  const steps = epochs * countBatches(trainSize, batchSize);
  const reach = learningRate * maxOf(lambda) * steps;
  return [
    "The report counts α from 0: its α₀, α₁, α₂ are α₁, α₂, α₃ here. Means ± " +
    "standard deviations of α at zero are over subsets, that of the test " +
    "accuracy is over nets. Every flag is in config.json, " +
    "every net in sweep.csv.",
    `By itself the penalty moves an α by learning rate · λ · steps: ${
      reach.toFixed(3)
    } at the largest λ. An α that starts higher gets to zero only if cross entropy pulls it down too.`,
  ];
}

/**
 * The main numbers, for `--json`.
 *
 * @param nets those that trained
 * @param seconds what each took of those that were not there before
 */
export function alphaSweepNumbers(
  nets: readonly AlphaNet[],
  seconds: readonly number[],
) {
  const accuracies = nets.map(({ testAccuracy }) => testAccuracy);
  return {
    nets: nets.length,
    secondsPerNet: seconds.length > 0 ? mean(seconds) : null,
    percentAtZero: Object.fromEntries(
      [...netsByLambda(nets)].map(([lambda, nets]) => [
        lambda,
        percentAtZero(nets),
      ]),
    ),
    testAccuracy: nets.length > 0 ? mean(accuracies) : null,
  };
}
