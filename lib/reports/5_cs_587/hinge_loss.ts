import { maxOf } from "../../base/statistics.ts";

/** Which violating classes count: the worst one alone, or all of them. */
export const HINGES = ["max", "sum"] as const;

/** One of them. */
export type Hinge = typeof HINGES[number];

/**
 * The multi-class hinge loss of one example, and its gradient by the scores
 * (report 5, sections 1.2 and 2.1). With v_j = 1 + s_j − s_y for each j ≠ y:
 *
 *     max:  loss = max(0, max_j v_j)        as the report prints it
 *     sum:  loss = Σ_j max(0, v_j)
 *
 *     d loss / d s_j = 1 where class j counts, 0 elsewhere
 *     d loss / d s_y = −(number of classes that count)
 *
 * A class counts where v_j > 0; on the margin's edge, v_j = 0, it does not.
 * With `max` only the maximizer counts, of equal ones the first.
 *
 * @param s a score for each class
 * @param label y
 * @param hinge which classes count
 * @returns the loss, and d loss / d s, `[numClasses]`
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { hingeLoss } from "alphalab";
 *
 * const s = [1, 2, 0.5]; // v_1 = 2 and v_2 = 0.5
 * assert.deepEqual(hingeLoss(s, 0, "max"), {
 *   loss: 2,
 *   ds: new Float64Array([-1, 1, 0]),
 * });
 * assert.deepEqual(hingeLoss(s, 0, "sum"), {
 *   loss: 2.5,
 *   ds: new Float64Array([-2, 1, 1]),
 * });
 * ```
 */
export function hingeLoss(
  s: ArrayLike<number>,
  label: number,
  hinge: Hinge,
): { loss: number; ds: Float64Array } {
  const violation = (j: number) => 1 + s[j]! - s[label]!;
  let counting: number[] = [];
  for (let j = 0; j < s.length; j++) {
    if (j !== label && violation(j) > 0) counting.push(j);
  }
  if (hinge === "max" && counting.length > 1) {
    const largest = maxOf(counting.map(violation));
    counting = [counting.find((j) => violation(j) === largest)!];
  }
  let loss = 0;
  const ds = new Float64Array(s.length);
  for (const j of counting) {
    loss += violation(j);
    ds[j]! += 1;
    ds[label]! -= 1;
  }
  return { loss, ds };
}
