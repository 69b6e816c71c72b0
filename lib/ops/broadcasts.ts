/**
 * Whether a tensor of `shape` broadcasts to one of `whole`: aligned at the last
 * dimension, each of its sizes is 1 or that of `whole`.
 */
export function broadcasts(
  shape: readonly number[],
  whole: readonly number[],
): boolean {
  return shape.length <= whole.length &&
    shape.every((size, i) =>
      size === 1 || size === whole[whole.length - shape.length + i]
    );
}
