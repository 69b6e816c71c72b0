/** Loss and d loss / d logits of one example. */
export interface MulticlassHinge {
  loss: number;
  gradient: Float64Array;
}

/**
 * Σ max(0, margin + s[j] − s[label]) over j ≠ label, or the largest of them;
 * a term of 0 has no gradient, and of equal largest terms the first has it.
 */
export function multiclassHinge(
  scores: ArrayLike<number>,
  label: number,
  margin: number,
  reduction: "sum" | "max",
): MulticlassHinge {
  const terms = Array.from(scores, (score, j) => ({
    j,
    value: Math.max(0, margin + score - scores[label]!),
  })).filter(({ j, value }) => j !== label && value !== 0);
  // A stable sort: the first of equal ones stays the first.
  const largestFirst = terms.toSorted((a, b) => b.value - a.value);
  const counting = reduction === "sum" ? terms : largestFirst.slice(0, 1);
  const gradient = new Float64Array(scores.length);
  for (const { j } of counting) {
    gradient[j]! += 1;
    gradient[label]! -= 1;
  }
  return {
    loss: counting.reduce((sum, { value }) => sum + value, 0),
    gradient,
  };
}
