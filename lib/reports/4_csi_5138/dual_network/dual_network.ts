import {
  elementwise,
  type Matrix,
  matrixProduct,
  transposed,
} from "../../../matrices/matrix.ts";

/** The parameters of the network of report 4, question 1. */
export interface SquareParameters {
  /** A, `[n, n]`. */
  readonly A: Matrix;
  /** B, `[n, n]`. */
  readonly B: Matrix;
}

/** What the network computes on the way to its loss; columns, `[n, 1]`. */
export interface Activations {
  readonly x: Matrix;
  /** u = σ(A x). */
  readonly u: Matrix;
  /** v = B x. */
  readonly v: Matrix;
  /** h = u ⊙ v. */
  readonly h: Matrix;
  /** z = A h. */
  readonly z: Matrix;
  /** w = A z. */
  readonly w: Matrix;
  /** L = ‖w‖². */
  readonly loss: number;
}

const map = (f: (value: number) => number, { values, ...shape }: Matrix) => ({
  ...shape,
  values: values.map(f),
});
const plus = (a: Matrix, b: Matrix) => elementwise((a, b) => a + b, a, b);
/** a ⊙ b; of a column and a row the outer product. */
const times = (a: Matrix, b: Matrix) => elementwise((a, b) => a * b, a, b);
const sumOf = ({ values }: Matrix) => values.reduce((sum, one) => sum + one, 0);
const sigmoid = (y: number) => 1 / (1 + Math.exp(-y));

/**
 * The network G[x] of report 4, question 1 ("CSI 5138 Homework Exercise 2"),
 * in float64:
 *
 *     u = σ(A x),  v = B x,  z = A (u ⊙ v),  w = A z,  L = ‖w‖²
 *
 * z has x's length, and A u's and w's too, so A and B are square.
 *
 * @param parameters A and B, `[n, n]`
 * @param x `[n, 1]`
 * @returns all that is computed
 * @throws {RangeError} where the sizes do not fit
 *
 * @example
 * ```ts
 * import { matrixOf } from "#lib/matrices/matrix.ts";
 * import {
 *   forwardNetwork,
 * } from "#lib/reports/4_csi_5138/dual_network/dual_network.ts";
 * import { equal } from "node:assert/strict";
 *
 * const one = (value: number) => matrixOf(1, 1, () => value);
 * // u = σ(0) = 0.5, v = 12, z = 0, ...
 * equal(forwardNetwork({ A: one(0), B: one(4) }, one(3)).h.values[0], 6);
 * ```
 */
export function forwardNetwork(
  { A, B }: SquareParameters,
  x: Matrix,
): Activations {
  const u = map(sigmoid, matrixProduct(A, x));
  const v = matrixProduct(B, x);
  const h = times(u, v);
  const z = matrixProduct(A, h);
  const w = matrixProduct(A, z);
  return { x, u, v, h, z, w, loss: sumOf(times(w, w)) };
}

/** σ′(A x) = u ⊙ (1 − u). */
const slopeOf = ({ u }: Activations) => map((u) => u * (1 - u), u);

/**
 * The derivative network ∂G[x]: the linear map from a direction (dA, dB) to
 * the loss's derivative along it, by the steps that the report writes down.
 * Where it has ∂w/∂A = A.∂z/∂A + z.1, the map is dw = A dz + dA z, and so on:
 *
 *     du = σ′(A x) ⊙ dA x        dv = dB x
 *     dh = u ⊙ dv + v ⊙ du
 *     dz = A dh + dA h
 *     dw = A dz + dA z
 *     dL = 2 w · dw
 *
 * @param parameters A and B, `[n, n]`
 * @param activations of {@linkcode forwardNetwork} for these parameters
 * @param direction dA and dB, `[n, n]`
 * @returns dL
 *
 * @example
 * ```ts
 * import { matrixOf } from "#lib/matrices/matrix.ts";
 * import {
 *   derivativeNetwork,
 *   forwardNetwork,
 * } from "#lib/reports/4_csi_5138/dual_network/dual_network.ts";
 * import { equal } from "node:assert/strict";
 *
 * const one = (value: number) => matrixOf(1, 1, () => value);
 * const parameters = { A: one(1), B: one(1) };
 * const activations = forwardNetwork(parameters, one(0.5));
 * // L is quadratic in B: dL/dB = 2 L / B
 * const along = { A: one(0), B: one(1) };
 * const dL = derivativeNetwork(parameters, activations, along);
 * equal(dL, 2 * activations.loss);
 * ```
 */
export function derivativeNetwork(
  { A }: SquareParameters,
  activations: Activations,
  direction: SquareParameters,
): number {
  const { x, u, v, h, z, w } = activations;
  const du = times(slopeOf(activations), matrixProduct(direction.A, x));
  const dv = matrixProduct(direction.B, x);
  const dh = plus(times(u, dv), times(v, du));
  const dz = plus(matrixProduct(A, dh), matrixProduct(direction.A, h));
  const dw = plus(matrixProduct(A, dz), matrixProduct(direction.A, z));
  return 2 * sumOf(times(w, dw));
}

/**
 * The dual network (∂G[x])ᵀ, a backward pass by hand: the transpose of each
 * map of {@linkcode derivativeNetwork}, in the opposite order. The transpose of
 * dz ↦ A dz is δw ↦ Aᵀ δw, and that of dA ↦ dA z is δw ↦ δw zᵀ, so from δL on
 *
 *     δw = 2 w δL
 *     δz = Aᵀ δw
 *     δh = Aᵀ δz
 *     δv = u ⊙ δh,  δu = v ⊙ δh
 *     δy = σ′(A x) ⊙ δu,  where y = A x
 *     ∂L/∂A = δw zᵀ + δz hᵀ + δy xᵀ,  one term for each place of A
 *     ∂L/∂B = δv xᵀ
 *
 * Written out: ∂L/∂A = 2 w zᵀ + 2 Aᵀw hᵀ + 2 [σ′(A x) ⊙ v ⊙ AᵀAᵀw] xᵀ and
 * ∂L/∂B = 2 [u ⊙ AᵀAᵀw] xᵀ.
 *
 * @param parameters A and B, `[n, n]`
 * @param activations of {@linkcode forwardNetwork} for these parameters
 * @param dL δL, the input: 1 gives the gradients
 * @returns ∂L/∂A and ∂L/∂B times δL, `[n, n]` each
 *
 * @example
 * ```ts
 * import { matrixOf } from "#lib/matrices/matrix.ts";
 * import {
 *   dualNetwork,
 *   forwardNetwork,
 * } from "#lib/reports/4_csi_5138/dual_network/dual_network.ts";
 * import { equal } from "node:assert/strict";
 *
 * const one = (value: number) => matrixOf(1, 1, () => value);
 * const parameters = { A: one(1), B: one(1) };
 * const activations = forwardNetwork(parameters, one(0.5));
 * const gradients = dualNetwork(parameters, activations, 1);
 * equal(gradients.B.values[0], 2 * activations.loss);
 * ```
 */
export function dualNetwork(
  { A }: SquareParameters,
  activations: Activations,
  dL: number,
): SquareParameters {
  const { x, u, v, h, z, w } = activations;
  const transpose = transposed(A);
  const deltaW = map((w) => 2 * w * dL, w);
  const deltaZ = matrixProduct(transpose, deltaW);
  const deltaH = matrixProduct(transpose, deltaZ);
  const deltaV = times(u, deltaH);
  const deltaY = times(slopeOf(activations), times(v, deltaH));
  const row = transposed;
  return {
    A: plus(
      plus(times(deltaW, row(z)), times(deltaZ, row(h))),
      times(deltaY, row(x)),
    ),
    B: times(deltaV, row(x)),
  };
}
