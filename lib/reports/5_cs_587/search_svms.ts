import { createRandom } from "../../base/random.ts";
import type { SvmPlan } from "./train_svm.ts";
import type { SvmResult, SvmTrainer } from "./train_svms.ts";

/** Candidates that were trained equally long. */
export interface Rung<C> {
  /** From 0. */
  readonly index: number;
  /** In their order; NaN where a candidate failed. */
  readonly entries: readonly {
    readonly candidate: C;
    readonly score: number;
  }[];
}

/**
 * Successive halving (Jamieson and Talwalkar, "Non-stochastic Best Arm
 * Identification and Hyperparameter Optimization", 2016): trains all candidates
 * a little, keeps the best part of them, trains these longer, and so on, until
 * one is left and has been trained. A candidate that failed is never kept; of
 * equal scores the earlier candidate is.
 *
 * @param candidates at least one
 * @param options.keep the share that a rung keeps, 1/keep, rounded down, but
 *   one at least; above 1
 * @param options.train trains candidates for a rung; resolves to a score each,
 *   the higher the better, NaN for one that failed
 * @returns the rungs; the last one has one entry, or none that succeeded
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { successiveHalving } from "#lib/reports/5_cs_587/search_svms.ts";
 *
 * const rungs = await successiveHalving([3, 9, 4, 1, 7], {
 *   keep: 2,
 *   train: (candidates) => Promise.resolve(candidates),
 * });
 * const kept = rungs.map(({ entries }) => entries.map((e) => e.candidate));
 * assert.deepEqual(kept, [[3, 9, 4, 1, 7], [9, 7], [9]]);
 * ```
 */
export async function successiveHalving<C>(
  candidates: readonly C[],
  options: {
    readonly keep: number;
    train(candidates: readonly C[], rung: number): Promise<readonly number[]>;
  },
): Promise<Rung<C>[]> {
  const rungs: Rung<C>[] = [];
  let present = candidates;
  while (present.length > 0) {
    const index = rungs.length;
    const scores = await options.train(present, index);
    const entries = present.map((candidate, i) => ({
      candidate,
      score: scores[i]!,
    }));
    rungs.push({ index, entries });
    if (present.length === 1) break;
    present = entries.filter(({ score }) => !Number.isNaN(score))
      .toSorted((a, b) => b.score - a.score)
      .slice(0, Math.max(1, Math.floor(present.length / options.keep)))
      .map(({ candidate }) => candidate);
  }
  return rungs;
}

/**
 * A number whose logarithm is uniform between two bounds, to three digits, so
 * that it can be typed as it was printed.
 *
 * @param uniform in [0, 1)
 * @param low above 0
 * @param high above low
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { logUniform } from "#lib/reports/5_cs_587/search_svms.ts";
 *
 * assert.equal(logUniform(0.5, 1e-8, 1e-4), 1e-6);
 * ```
 */
export function logUniform(uniform: number, low: number, high: number): number {
  return Number((low * (high / low) ** uniform).toPrecision(3));
}

/** A random search, when it is over. */
export interface SvmSearch {
  readonly rungs: readonly Rung<SvmPlan>[];
  /** The last candidate; null: it diverged, or all before it had. */
  readonly winner: SvmResult | null;
}

/** Where candidates are drawn; at γ λ above 1 a step makes W larger. */
const BOUNDS = { learningRate: [1e-8, 1e-5], lambda: [1, 1e5] } as const;

/** The share that a rung keeps, and how much longer the next one trains. */
const KEEP = 3;

/**
 * Epochs, in all, of a rung's candidates: 1, 3, 9, 27, …, so that no rung costs
 * more than the first.
 *
 * @param rung from 0
 */
export function searchEpochs(rung: number): number {
  return KEEP ** rung;
}

/**
 * Random search over learning rate and λ, both log-uniform, with L2, by
 * successive halving on validation accuracy. Those that are kept go on from
 * where they are.
 *
 * @param trainer of the run
 * @param options.count candidates, at least one
 * @param options.seed of the draws: more candidates begin with the same ones
 * @param options.hinge and options.batchSize: of all candidates
 * @returns the rungs, and who was left
 */
export async function searchSvms(
  trainer: SvmTrainer,
  options: {
    readonly count: number;
    readonly seed: number;
    readonly hinge: SvmPlan["hinge"];
    readonly batchSize: number;
  },
): Promise<SvmSearch> {
  const { count, seed, hinge, batchSize } = options;
  const random = createRandom(seed);
  const candidates = Array.from({ length: count }, (_, i): SvmPlan => ({
    name: `search-${i + 1}`,
    hinge,
    batchSize,
    regularization: "l2",
    learningRate: logUniform(random.uniform(), ...BOUNDS.learningRate),
    lambda: logUniform(random.uniform(), ...BOUNDS.lambda),
  }));
  const results = new Map<SvmPlan, SvmResult>();
  const rungs = await successiveHalving(candidates, {
    keep: KEEP,
    async train(plans, rung) {
      const tasks = plans.map((plan) => ({
        plan,
        epochs: searchEpochs(rung),
        from: results.get(plan) ?? null,
      }));
      const label = `${plans.length} candidates`;
      const trained = await trainer.train(tasks, label);
      for (const result of trained) results.set(result.plan, result);
      return trained.map(({ validationAccuracy }) => validationAccuracy ?? NaN);
    },
  });
  // In a last rung of more than one all have diverged.
  const last = results.get(rungs.at(-1)!.entries[0]!.candidate)!;
  return { rungs, winner: last.parameters && last };
}
