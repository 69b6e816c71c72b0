import { minusSigns } from "../base/format.ts";

/** A distance of ticks that reads well: 1, 2, 2.5 or 5 times a power of ten. */
export interface NiceStep {
  readonly step: number;
  /** Power of ten of the last digit that its multiples need. */
  readonly lastDigit: number;
}

/** Plain decimals up to this many characters, an exponent beyond. */
const LONGEST_PLAIN = 9;

/**
 * The nice steps from a size upwards.
 *
 * @param size a lower bound, greater than 0; the first step may be smaller
 * @param decades how many powers of ten to go up
 * @returns `4 · decades` steps in ascending order
 */
export function niceSteps(size: number, decades: number): NiceStep[] {
  const lowest = Math.floor(Math.log10(size));
  return Array.from({ length: decades }, (_, i) => lowest + i).flatMap(
    (exponent) =>
      [1, 2, 2.5, 5].map((factor) => ({
        // parsed, because factor · 10 ** exponent is not always the nearest float
        step: Number(`${factor}e${exponent}`),
        lastDigit: factor === 2.5 ? exponent - 1 : exponent,
      })),
  );
}

/**
 * The text of a tick, with the digits that tell it from its neighbours.
 *
 * @param multiple which multiple of the step
 * @param niceStep the distance of the ticks
 * @returns the text, such as `0.75`, `−20` or `1.5e−7`
 */
export function tickText(
  multiple: number,
  { step, lastDigit }: NiceStep,
): string {
  const value = multiple * step;
  const decimals = Math.max(0, -lastDigit);
  if (decimals < LONGEST_PLAIN) {
    const plain = value.toFixed(decimals);
    if (plain.length <= LONGEST_PLAIN) return minusSigns(plain);
  }
  if (multiple === 0) return "0";
  const firstDigit = Math.floor(Math.log10(Math.abs(value)));
  return minusSigns(value.toExponential(Math.max(0, firstDigit - lastDigit)));
}
