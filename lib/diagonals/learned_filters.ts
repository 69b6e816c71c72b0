import { formatFixed } from "../cli/format.ts";
import { correlation } from "../images/correlation.ts";
import type { CaptionedFilter } from "./filter_figure.ts";
import { DIAGONAL_KERNEL } from "./peak_rule.ts";

/**
 * The report's kernel, and a net's filters after it, those that correlate most
 * with it first; each with its bias and with what its sum adds to the logit of
 * class 2 less that of class 1.
 *
 * @param net.filter `[3, 3, 1, filters]`
 * @param net.bias `[filters]`
 * @param net.weights of the readout, `[filters, 2]`
 * @returns the filters, for `filterFigure`
 *
 * @example
 * ```ts
 * import { learnedFilters } from "alphalab";
 *
 * const filter = [0, 0, 2, 0, 2, 0, 2, 0, 0];
 * const [, learned] = learnedFilters({ filter, bias: [-4], weights: [0, 1] });
 * console.log(learned!.caption); // [ "filter 1, r 1.00", "bias −4.00, out 1.00" ]
 * ```
 */
export function learnedFilters(net: {
  readonly filter: ArrayLike<number>;
  readonly bias: ArrayLike<number>;
  readonly weights: ArrayLike<number>;
}): CaptionedFilter[] {
  const { filter, bias, weights } = net;
  const count = bias.length;
  const learned = Array.from({ length: count }, (_, k) => {
    const values = DIAGONAL_KERNEL.map((_, i) => filter[i * count + k]!);
    const r = correlation(values, DIAGONAL_KERNEL);
    const out = weights[2 * k + 1]! - weights[2 * k]!;
    const caption = [
      `filter ${k + 1}, r ${formatFixed(r, 2)}`,
      `bias ${formatFixed(bias[k]!, 2)}, out ${formatFixed(out, 2)}`,
    ];
    return { r, caption, values };
  });
  return [
    { caption: ["the report's", "threshold 3"], values: DIAGONAL_KERNEL },
    ...learned.toSorted((a, b) => b.r - a.r)
      .map(({ caption, values }) => ({ caption, values })),
  ];
}
