/** The hyphen before a number, or in its exponent; not that of a name or a date. */
const MINUS = /(?<![\p{L}\p{N}_.\-])-(?=\.?\d|Infinity)|(?<=\d[eE])-(?=\d)/gu;

/**
 * A text for the reader with minus signs (U+2212) where JavaScript prints
 * hyphens.
 *
 * @param text words and numbers, no commands to be typed
 * @returns the text with `−0.5` and `1e−7`; `relu-alpha-0.5` stays
 *
 * @example
 * ```ts
 * import { minusSigns } from "alphalab";
 * import { equal } from "node:assert/strict";
 *
 * equal(minusSigns("relu-0.5: -1.5 to 2e-7"), "relu-0.5: −1.5 to 2e−7");
 * ```
 */
export function minusSigns(text: string): string {
  return text.replace(MINUS, "−");
}
