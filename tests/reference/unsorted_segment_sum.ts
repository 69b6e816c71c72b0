/**
 * out[s, j] = Σ x[i, j] over all rows i with ids[i] = s, added in the order of
 * i; `round` is applied to each sum.
 */
export function unsortedSegmentSum(
  x: ArrayLike<number>,
  ids: readonly number[],
  { segments, columns, round }: {
    segments: number;
    columns: number;
    round: (value: number) => number;
  },
): number[] {
  const out = Array<number>(segments * columns).fill(0);
  for (let s = 0; s < segments; s++) {
    for (let i = 0; i < ids.length; i++) {
      if (ids[i] !== s) continue;
      for (let j = 0; j < columns; j++) {
        const at = s * columns + j;
        out[at] = round(out[at]! + x[i * columns + j]!);
      }
    }
  }
  return out;
}
