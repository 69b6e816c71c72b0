import { assertValuesClose } from "./assert_all_close.ts";
import { centralDifferences } from "./reference/central_differences.ts";

/**
 * Compares an oracle's gradients of Σ y · dy with the central differences of
 * the oracle's y; the inputs must keep away from kinks by more than h.
 *
 * @param tolerance the differences' step h, and how far they may be off
 */
export function assertGradients<Name extends string>(
  forward: (inputs: Record<Name, ArrayLike<number>>) => ArrayLike<number>,
  inputs: Record<Name, ArrayLike<number>>,
  dy: ArrayLike<number>,
  gradients: Record<Name, ArrayLike<number>>,
  { h, atol, rtol = 0 }: { h: number; atol: number; rtol?: number },
) {
  for (const name of Object.keys(gradients) as Name[]) {
    const weighted = (values: ArrayLike<number>) =>
      Array.from(forward({ ...inputs, [name]: values }))
        .reduce((sum, y, i) => sum + y * dy[i]!, 0);
    const differences = centralDifferences(weighted, inputs[name], h);
    assertValuesClose(gradients[name], differences, { rtol, atol });
  }
}
