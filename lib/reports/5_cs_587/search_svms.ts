import { createRandom } from "../../base/random.ts";
import {
  logUniform,
  type Rung,
  successiveHalving,
} from "./successive_halving.ts";
import type { SvmPlan } from "./train_svm.ts";
import type { SvmResult, SvmTrainer } from "./train_svms.ts";

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
