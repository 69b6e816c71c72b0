import {
  elementwise,
  type Matrix,
  matrixOf,
  matrixProduct,
  transposed,
} from "../../../matrices/matrix.ts";
import type { Activations, SquareParameters } from "./dual_network.ts";

/**
 * What the `1` of the report's `x.1` may stand for, for an x of n numbers:
 * - `number`: the number 1, so that x.1 is x, `[n, 1]`;
 * - `ones`: a row of n ones, so that x.1 is `[n, n]` with n equal columns;
 * - `transpose`: a sign that turns a column into a row, so that ⊙ with a column
 *   is the outer product, `[n, n]`. This is the shape that a gradient has.
 */
export type One = "number" | "ones" | "transpose";

/** All of them, from the most literal on. */
export const ONES: readonly One[] = ["number", "ones", "transpose"];

/**
 * Where the bracket that the report's ∂L/∂A opens behind the first ⊙ ends:
 * - `early`: behind `x.1`, as printed; the formula's last `)` closes nothing
 *   and is left out;
 * - `late`: at that last `)`, and the one behind `x.1` is left out. So it is in
 *   the report's own steps: they put all three terms into ∂w/∂A.
 */
export type Bracket = "early" | "late";

/** One way to read the report's two formulas. */
export interface Reading {
  readonly one: One;
  readonly bracket: Bracket;
}

const plus = (a: Matrix, b: Matrix) => elementwise((a, b) => a + b, a, b);
const times = (a: Matrix, b: Matrix) => elementwise((a, b) => a * b, a, b);

/**
 * The two final formulas of report 4, question 1, operation by operation as
 * they are printed. With u = σ(A x), v = B x and h = u ⊙ v they are
 *
 *     ∂L/∂A = 2 A A h ⊙ (A A (v ⊙ u (1 − u)) ⊙ x.1) + A h.1 + A h.1 )
 *     ∂L/∂B = 2 A A h ⊙ (A A (u ⊙ x.1))
 *
 * the first with one `)` too many.
 *
 * For n = 1 all three readings of `1` are one. With the late bracket, ∂L/∂A is
 * then 2 w (a² v σ′ x + 2 a h), the derivative of w² = (a² u v)², and ∂L/∂B is
 * 2 w a² u x, its derivative too. With the early bracket 2 a h has lost its
 * factor 2 w: right only where 2 w = 1 or a h = 0.
 *
 * For n > 1 no reading is right in general. With `number`, both formulas are
 * columns, n numbers where the gradients have n². With `transpose` and the
 * late bracket they are
 *
 *     2 w zᵀ + 2 w zᵀ + 2 [w ⊙ A A (v ⊙ σ′)] xᵀ   and   2 [w ⊙ A A u] xᵀ
 *
 * and the gradients 2 w zᵀ + 2 Aᵀw hᵀ + 2 [AᵀAᵀw ⊙ v ⊙ σ′] xᵀ and
 * 2 [AᵀAᵀw ⊙ u] xᵀ: one term of the first is right. The others need Aᵀ applied
 * to w where the formulas apply A to the other factor, since ∂L/∂w and ∂w/∂A
 * are joined by a sum over w's entries, which ⊙ leaves out. For A = a I,
 * where that makes no difference, both are right.
 *
 * @param parameters A and B, `[n, n]`
 * @param activations of the network for these parameters
 * @param reading what is ambiguous in print
 * @returns what the formulas give, `[n, 1]` for `number`, otherwise `[n, n]`
 *
 * @example
 * ```ts
 * import { matrixOf } from "#lib/matrices/matrix.ts";
 * import {
 *   relativeError,
 * } from "#lib/reports/4_csi_5138/dual_network/check_gradients.ts";
 * import {
 *   dualNetwork,
 *   forwardNetwork,
 * } from "#lib/reports/4_csi_5138/dual_network/dual_network.ts";
 * import {
 *   printedGradients,
 * } from "#lib/reports/4_csi_5138/dual_network/printed_gradients.ts";
 * import assert from "node:assert/strict";
 *
 * const scalar = (value: number) => matrixOf(1, 1, () => value);
 * const parameters = { A: scalar(0.8), B: scalar(-1.1) };
 * const activations = forwardNetwork(parameters, scalar(0.7));
 * const { A } = dualNetwork(parameters, activations, 1);
 * const errorOf = (bracket: "early" | "late") =>
 *   relativeError(
 *     printedGradients(parameters, activations, { one: "number", bracket }).A,
 *     A,
 *   )!;
 * assert.ok(errorOf("late") < 1e-15);
 * assert.ok(errorOf("early") > 1);
 * ```
 */
export function printedGradients(
  { A }: SquareParameters,
  { x, u, v }: Activations,
  { one, bracket }: Reading,
): SquareParameters {
  const dot1 = (column: Matrix): Matrix => {
    if (one === "number") return column;
    if (one === "transpose") return transposed(column);
    return matrixProduct(column, matrixOf(1, x.rows, () => 1));
  };
  const AA = (b: Matrix) => matrixProduct(A, matrixProduct(A, b));
  const h = times(u, v);
  const dLdw = plus(AA(h), AA(h)); // 2 * A.A.(σ(A.x) ⊙ B.x)
  const slope = elementwise((u) => u * (1 - u), u, u);
  const inner = times(AA(times(v, slope)), dot1(x));
  const Ah1 = dot1(matrixProduct(A, h));
  return {
    A: bracket === "early"
      ? plus(plus(times(dLdw, inner), Ah1), Ah1)
      : times(dLdw, plus(plus(inner, Ah1), Ah1)),
    B: times(dLdw, AA(times(u, dot1(x)))),
  };
}
