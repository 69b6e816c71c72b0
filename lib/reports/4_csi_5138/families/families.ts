import {
  elementwise,
  type Matrix,
  matrixProduct,
  transposed,
} from "../../../matrices/matrix.ts";
import { type Factors, productOf } from "./factors.ts";

/** A model for gradient descent, by what it makes of W's gradient. */
export interface Family<P> {
  /** W, `[K, m]`. */
  readonly product: (parameters: P) => Matrix;
  /** The gradient for each parameter, from W's, in the order of `parts`. */
  readonly gradients: (parameters: P, dW: Matrix) => readonly Matrix[];
  /** The parameters as a list; they are changed in place. */
  readonly parts: (parameters: P) => readonly Matrix[];
}

/** H₁: the parameter is W itself, and so is the gradient. */
export const DIRECT: Family<Matrix> = {
  product: (W) => W,
  gradients: (_, dW) => [dW],
  parts: (W) => [W],
};

/**
 * H₂, W = (A + B) C: dA = dB = dW Cᵀ and dC = (A + B)ᵀ dW. To first order, a
 * step of η moves W by −η (2 dW CᵀC + (A + B)(A + B)ᵀ dW), not by −η dW: the
 * family is the same, the path is not. A − B stays as it is.
 */
export const FACTORED: Family<Factors> = {
  product: productOf,
  gradients({ A, B, C }, dW) {
    const dA = matrixProduct(dW, transposed(C));
    const sum = elementwise((a, b) => a + b, A, B);
    return [dA, dA, matrixProduct(transposed(sum), dW)];
  },
  parts: ({ A, B, C }) => [A, B, C],
};
