/**
 * A parameter's weight at an index, the same bits as `make_steps.py` makes:
 * a hash of the index as a multiple of 2⁻²³ in [−1, 1), times 1 / √fanIn, in
 * float64, rounded to float32 once.
 *
 * @param parameter the parameter's index in its net
 * @param index of the entry, row-major in our layout
 */
export function goldenWeight(
  parameter: number,
  index: number,
  fanIn: number,
): number {
  const hash = hash32(hash32(parameter) ^ index);
  return Math.fround(((hash >>> 8) - 2 ** 23) / 2 ** 23 / Math.sqrt(fanIn));
}

/** Mixes 32 bits: lowbias32 of Chris Wellons, in the public domain. */
function hash32(x: number): number {
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return (x ^ (x >>> 16)) >>> 0;
}
