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
export function combinationPlans(hinge: SvmPlan["hinge"]): SvmPlan[] {
  return SVM_COMBINATIONS.map((combination, i) => ({
    ...combination,
    hinge,
    name: `combination-${i + 1}-${hinge}`,
  }));
}

/** The combination that the report found best (§4.2), from 0. */
export const BEST_COMBINATION = 3;

/** The best combination's accuracies (§4.2, §5.2). */
export const REPORTED_ACCURACY = {
  train: 0.3802,
  validation: 0.392,
  test: 0.373,
} as const;

/** Images for validation (§3, and the course's split of CIFAR-10). */
export const VALIDATION_COUNT = 1_000;
