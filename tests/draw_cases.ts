import fc from "fast-check";

const origins = new WeakMap<object, string>();

/**
 * Draws cases of an op by a seed that is another one each time. Where a case
 * fails, `originOf` tells how it is drawn again.
 *
 * @param seed given to draw the cases of a failed run again
 */
export function drawCases<C extends object>(
  arbitrary: fc.Arbitrary<C>,
  count: number,
  seed = fc.sample(fc.integer(), 1)[0]!,
): C[] {
  const cases = fc.sample(arbitrary, { numRuns: count, seed });
  cases.forEach((c, i) => origins.set(c, ` (number ${i} by seed ${seed})`));
  return cases;
}

/** Where a case was drawn, in words; empty where it was written by hand. */
export function originOf(c: unknown): string {
  return origins.get(c as object) ?? "";
}
