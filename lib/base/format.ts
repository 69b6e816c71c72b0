/**
 * A duration as a person reads it: `4.2 s`, `1 min 23 s`, `2 h 05 min`.
 *
 * @param seconds the duration, s, at least 0
 * @returns the text; `?` where the duration is not finite
 *
 * @example
 * ```ts
 * import { formatDuration } from "alphalab";
 * import { equal } from "node:assert/strict";
 *
 * equal(formatDuration(83), "1 min 23 s");
 * ```
 */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return "?";
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  const minutes = Math.round(whole / 60);
  const rest = String(minutes % 60).padStart(2, "0");
  return `${Math.floor(minutes / 60)} h ${rest} min`;
}

/**
 * A difference with its sign: `+0.50`, `−6.30`, and `+0.00` for all that
 * rounds to nothing.
 *
 * @param value the difference
 * @param digits decimals
 * @returns the text, with a minus sign (U+2212)
 *
 * @example
 * ```ts
 * import { formatSigned } from "alphalab";
 * import { equal } from "node:assert/strict";
 *
 * equal(formatSigned(-6.3, 2), "−6.30");
 * ```
 */
export function formatSigned(value: number, digits: number): string {
  const size = Math.abs(value).toFixed(digits);
  return (value < 0 && Number(size) !== 0 ? "−" : "+") + size;
}

/**
 * A number with decimals: `0.301`, `−6.300`, and `0.000` for all that rounds
 * to nothing.
 *
 * @param value the number
 * @param digits decimals
 * @returns the text, with a minus sign (U+2212)
 *
 * @example
 * ```ts
 * import { formatFixed } from "alphalab";
 * import { equal } from "node:assert/strict";
 *
 * equal(formatFixed(-0.0001, 3), "0.000");
 * ```
 */
export function formatFixed(value: number, digits: number): string {
  return formatSigned(value, digits).replace("+", "");
}

/**
 * A share as a percentage: `93.25 %`.
 *
 * @param share 1 is the whole
 * @param digits decimals
 * @returns the text
 *
 * @example
 * ```ts
 * import { formatPercent } from "alphalab";
 * import { equal } from "node:assert/strict";
 *
 * equal(formatPercent(0.9325), "93.25 %");
 * equal(formatPercent(0.9325, 0), "93 %");
 * ```
 */
export function formatPercent(share: number, digits = 2): string {
  return `${(100 * share).toFixed(digits)} %`;
}

/**
 * A difference of two shares in percentage points: `−6.30 points`.
 *
 * @param difference 1 is the whole
 * @param digits decimals
 * @returns the text, with its sign
 *
 * @example
 * ```ts
 * import { formatPoints } from "alphalab";
 * import { equal } from "node:assert/strict";
 *
 * equal(formatPoints(-0.063), "−6.30 points");
 * ```
 */
export function formatPoints(difference: number, digits = 2): string {
  return `${formatSigned(100 * difference, digits)} points`;
}
