import type { Hinge } from "./linear_svm.ts";
import type { SvmPlan } from "./train_svm.ts";

/** A setting of section 4.1. */
export type SvmCombination = Pick<
  SvmPlan,
  "learningRate" | "lambda" | "regularization" | "batchSize"
>;

/** The report's eight, in its order (§4.1). */
// deno-fmt-ignore -- a row per combination
export const SVM_COMBINATIONS: readonly SvmCombination[] = [
  { learningRate: 1e-8, lambda: 1e4, regularization: "l1", batchSize: 50 },
  { learningRate: 1e-7, lambda: 3e4, regularization: "l2", batchSize: 100 },
  { learningRate: 3e-7, lambda: 5e4, regularization: "l1", batchSize: 200 },
  { learningRate: 3e-7, lambda: 1e4, regularization: "l2", batchSize: 400 },
  { learningRate: 5e-7, lambda: 8e4, regularization: "l1", batchSize: 100 },
  { learningRate: 8e-7, lambda: 1e5, regularization: "l2", batchSize: 200 },
  { learningRate: 1e-6, lambda: 5e4, regularization: "l1", batchSize: 200 },
  { learningRate: 1e-5, lambda: 5e5, regularization: "l2", batchSize: 400 },
];

/** The same with a hinge, named by their places. */
export function combinationPlans(hinge: Hinge): SvmPlan[] {
  return SVM_COMBINATIONS.map((combination, i) => ({
    ...combination,
    hinge,
    name: `combination-${i + 1}-${hinge}`,
  }));
}

/** The combination that the report found best (§4.2), from 0. */
export const BEST_COMBINATION = 3;

/** The hinge that is not the other classifiers'. */
export function otherHinge(hinge: Hinge): Hinge {
  return hinge === "max" ? "sum" : "max";
}

/**
 * What a run trains, the search apart.
 *
 * @param hinge of all classifiers but one
 * @param firstRun section 3's settings
 * @param tune whether all eight combinations are trained, or the best one alone
 * @returns section 3's first run, the best combination with the other hinge,
 *   and the combinations with the run's own
 */
export function svmPlans(
  hinge: Hinge,
  firstRun: SvmCombination,
  tune: boolean,
): SvmPlan[] {
  const { learningRate, lambda, regularization, batchSize } = firstRun;
  const settings = { learningRate, lambda, regularization, batchSize };
  const eight = combinationPlans(hinge);
  return [
    { name: "first-run", hinge, ...settings },
    combinationPlans(otherHinge(hinge))[BEST_COMBINATION]!,
    ...tune ? eight : [eight[BEST_COMBINATION]!],
  ];
}

/** The best combination's accuracies (§4.2, §5.2). */
export const REPORTED_ACCURACY = {
  train: 0.3802,
  validation: 0.392,
  test: 0.373,
} as const;

/** Images for validation (§3, and the course's split of CIFAR-10). */
export const VALIDATION_COUNT = 1_000;
