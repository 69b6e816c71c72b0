import type { DiagonalCondition } from "./diagonal_images.ts";

/** Names of the conditions that the report's claims are about. */
export const PLAIN = "plain", BOTH = "both directions";

/** The report's images: diagonals of three pixels, rising, and nothing else. */
export const PLAIN_CONDITION: DiagonalCondition = {
  name: PLAIN,
  lengths: [3, 3],
  directions: ["rising"],
  lit: 0,
  lost: 0,
};

/**
 * Plain images whose background is lit here and there.
 *
 * @param p probability that a pixel of the background is lit, in (0, 1)
 * @returns the condition `noise p`
 *
 * @example
 * ```ts
 * import { noisyCondition } from "alphalab";
 *
 * console.log(noisyCondition(0.01).name); // noise 0.01
 * ```
 */
export function noisyCondition(p: number): DiagonalCondition {
  return { ...PLAIN_CONDITION, name: `noise ${p}`, lit: p };
}

/**
 * What the report's rule is put to: plain images; noise; flips, where pixels of
 * the diagonals are dark with the same probability; longer diagonals; both
 * directions; and the last two with the noise in the middle of the list.
 *
 * @param noise probabilities, at least one
 * @returns the conditions, in this order
 *
 * @example
 * ```ts
 * import { detectorConditions } from "alphalab";
 *
 * console.log(detectorConditions([0.01]).map(({ name }) => name).join("; "));
 * // plain; noise 0.01; flips 0.01; lengths 4 to 6; both directions;
 * // both, 4 to 6, noise 0.01
 * ```
 */
export function detectorConditions(
  noise: readonly number[],
): DiagonalCondition[] {
  const longer = { name: "lengths 4 to 6", lengths: [4, 6] } as const;
  const both = { name: BOTH, directions: ["rising", "falling"] } as const;
  const middle = noise[Math.floor(noise.length / 2)]!;
  return [
    PLAIN_CONDITION,
    ...noise.map(noisyCondition),
    ...noise.map((p) => ({
      ...noisyCondition(p),
      name: `flips ${p}`,
      lost: p,
    })),
    { ...PLAIN_CONDITION, ...longer },
    { ...PLAIN_CONDITION, ...both },
    {
      ...noisyCondition(middle),
      ...longer,
      ...both,
      name: `both, 4 to 6, noise ${middle}`,
    },
  ];
}
