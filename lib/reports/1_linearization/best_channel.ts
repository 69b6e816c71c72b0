import { correlation } from "../../base/correlation.ts";

/** The channel of a layer that is most like a plane. */
export interface BestChannel {
  /** From 0; the first of equal ones. */
  readonly channel: number;
  /** |r|, 0 to 1. */
  readonly r: number;
}

/**
 * Finds the channel with the largest |r| to a plane, Pearson's r over pixels:
 * neither the channel's scale nor its sign matters.
 *
 * @param channels each `[height, width]`, at least one
 * @param target `[height, width]`
 * @returns the channel and its |r|
 *
 * @example
 * ```ts
 * import { bestChannel } from "alphalab";
 *
 * console.log(bestChannel([[0, 1, 0], [3, 2, 1]], [1, 2, 3])); // { channel: 1, r: 1 }
 * ```
 */
export function bestChannel(
  channels: readonly ArrayLike<number>[],
  target: ArrayLike<number>,
): BestChannel {
  let best: BestChannel = { channel: 0, r: -1 };
  channels.forEach((plane, channel) => {
    const r = Math.abs(correlation(plane, target));
    if (r > best.r) best = { channel, r };
  });
  return best;
}
