/** A tensor's values, row-major, and its shape. */
export interface Values {
  values: ArrayLike<number>;
  shape: readonly number[];
}

/**
 * The sum of products that an equation such as `ij,jk->ik` says: for each value
 * of all labels at once, one product, added to where the output's labels point.
 */
export function einsum(equation: string, tensors: readonly Values[]): number[] {
  const [left, right] = equation.split("->") as [string, string];
  const terms = left.split(",");
  const sizes = new Map<string, number>();
  terms.forEach((term, t) =>
    [...term].forEach((label, i) => sizes.set(label, tensors[t]!.shape[i]!))
  );
  const labels = [...sizes.keys()];
  const total = labels.reduce((count, label) => count * sizes.get(label)!, 1);
  const outSize = [...right].reduce((count, l) => count * sizes.get(l)!, 1);
  const out = Array<number>(outSize).fill(0);
  for (let n = 0; n < total; n++) {
    const at = new Map<string, number>();
    let rest = n;
    for (const label of labels) {
      at.set(label, rest % sizes.get(label)!);
      rest = Math.floor(rest / sizes.get(label)!);
    }
    const offset = (term: string) =>
      [...term].reduce((sum, l) => sum * sizes.get(l)! + at.get(l)!, 0);
    out[offset(right)]! += terms.reduce(
      (product, term, t) => product * tensors[t]!.values[offset(term)]!,
      1,
    );
  }
  return out;
}
