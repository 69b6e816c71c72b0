import type { Random } from "../../../base/random.ts";
import {
  type Matrix,
  matrixOf,
  matrixProduct,
  matrixRank,
} from "../../../matrices/matrix.ts";
import {
  centeredColumns,
  factoredScores,
  factorsOf,
  neededInnerDimension,
  productOf,
  softmaxColumns,
} from "./hypotheses.ts";

/** The sizes of the two families. */
export interface FamilySizes {
  /** K. */
  readonly classes: number;
  /** m. */
  readonly inputs: number;
  /** r, of A and B, `[K, r]`, and C, `[r, m]`. */
  readonly inner: number;
}

/** What random hypotheses of both families show. */
export interface FamilyCheck extends FamilySizes {
  /** Hypotheses of each family. */
  readonly trials: number;
  /**
   * H₁ in H₂: the largest difference of two probabilities between softmax(W x)
   * and softmax((A + B) C x) with the factors built from W; null where the
   * inner dimension is too small for that.
   */
  readonly toFactored: number | null;
  /** H₂ in H₁: the same with W built from random A, B and C. */
  readonly toDirect: number;
  /** The smallest rank of P W over the random W. */
  readonly directRank: number;
  /** The largest rank of P (A + B) C over the random factors. */
  readonly factoredRank: number;
}

/** Inputs on which two hypotheses are compared. */
const EXAMPLES = 20;

/**
 * Builds, for random hypotheses of each family, the same one in the other, and
 * compares their probabilities on random inputs.
 *
 * @param sizes K, m and r
 * @param trials how many hypotheses of each, at least 1
 * @param random draws entries and inputs from N(0, 1)
 * @returns differences and ranks
 *
 * @example
 * ```ts
 * import {
 *   checkFamilies,
 * } from "#lib/reports/4_csi_5138/families/check_families.ts";
 * import { createRandom } from "alphalab/random";
 * import assert from "node:assert/strict";
 *
 * const sizes = { classes: 3, inputs: 5, inner: 3 };
 * const { toFactored, toDirect } = checkFamilies(sizes, 10, createRandom(0));
 * assert.equal(toFactored, 0);
 * assert.ok(toDirect < 1e-13);
 * const { directRank, factoredRank } = checkFamilies(
 *   { ...sizes, inner: 1 },
 *   10,
 *   createRandom(0),
 * );
 * assert.deepEqual([directRank, factoredRank], [2, 1]);
 * ```
 */
export function checkFamilies(
  sizes: FamilySizes,
  trials: number,
  random: Random,
): FamilyCheck {
  const { classes, inputs: m, inner } = sizes;
  const draw = (rows: number, columns: number) =>
    matrixOf(rows, columns, () => random.normal());
  const reachable = inner >= neededInnerDimension(classes, m);
  let toFactored = reachable ? 0 : null;
  let toDirect = 0;
  let directRank = Infinity;
  let factoredRank = 0;
  for (let trial = 0; trial < trials; trial++) {
    const x = draw(m, EXAMPLES);
    const W = draw(classes, m);
    directRank = Math.min(directRank, matrixRank(centeredColumns(W)));
    if (toFactored !== null) {
      toFactored = Math.max(
        toFactored,
        apart(matrixProduct(W, x), factoredScores(factorsOf(W, inner), x)),
      );
    }
    const factors = {
      A: draw(classes, inner),
      B: draw(classes, inner),
      C: draw(inner, m),
    };
    const product = productOf(factors);
    factoredRank = Math.max(
      factoredRank,
      matrixRank(centeredColumns(product)),
    );
    toDirect = Math.max(
      toDirect,
      apart(matrixProduct(product, x), factoredScores(factors, x)),
    );
  }
  return { ...sizes, trials, toFactored, toDirect, directRank, factoredRank };
}

/** The largest difference between the probabilities of two score matrices. */
function apart(one: Matrix, other: Matrix): number {
  const { values } = softmaxColumns(other);
  return softmaxColumns(one).values.reduce(
    (most, p, i) => Math.max(most, Math.abs(p - values[i]!)),
    0,
  );
}
