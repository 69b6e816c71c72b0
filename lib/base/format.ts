/**
 * A duration as a person reads it: `4.2 s`, `1 min 23 s`, `2 h 05 min`.
 *
 * @param seconds the duration, s, at least 0
 * @returns the text; `?` where the duration is not finite
 *
 * @example
 * ```ts
 * import { formatDuration } from "#lib/base/format.ts";
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
 * import { formatSigned } from "#lib/base/format.ts";
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
 * import { formatFixed } from "#lib/base/format.ts";
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
 * import { formatPercent } from "alphalab/reporting";
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
 * import { formatPoints } from "#lib/base/format.ts";
 * import { equal } from "node:assert/strict";
 *
 * equal(formatPoints(-0.063), "−6.30 points");
 * ```
 */
export function formatPoints(difference: number, digits = 2): string {
  return `${formatSigned(100 * difference, digits)} points`;
}

/**
 * The hyphen before a number or in its exponent, not in a date, nor in a name
 * or a path, which a reader may want to copy: `runs/lr-1e-4`.
 */
const MINUS =
  /(?<![\p{L}\p{N}_.\-])-(?=\.?\d|Infinity)|(?<=(?<![\p{L}\p{N}_./]|[\p{L}\p{N}_./]-)[\d.]+[eE])-(?=\d)/gu;

/**
 * A text for the reader with minus signs (U+2212) where JavaScript prints
 * hyphens.
 *
 * @param text words and numbers, no commands to be typed
 * @returns the text with `−0.5` and `1e−7`; `relu-alpha-0.5` stays
 *
 * @example
 * ```ts
 * import { minusSigns } from "#lib/base/format.ts";
 * import { equal } from "node:assert/strict";
 *
 * equal(minusSigns("relu-0.5: -1.5 to 2e-7"), "relu-0.5: −1.5 to 2e−7");
 * ```
 */
export function minusSigns(text: string): string {
  return text.replace(MINUS, "−");
}

/**
 * What Markdown would take for markup: `\ | < * ~` and backticks; `_` at a
 * word's border; the end of a link's text; the begin of a character reference.
 */
const MARKUP =
  /[\\|<*~`]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])|\](?=[([])|&(?=#?\w+;)/gu;

/**
 * A text so that Markdown shows each of its characters, in a cell of a table
 * too.
 *
 * @param text one line
 * @returns the line with backslashes
 *
 * @example
 * ```ts
 * import { escapeMarkdown } from "#lib/base/format.ts";
 * import { equal } from "node:assert/strict";
 *
 * equal(escapeMarkdown("Σ|αᵢ| of ReLU_α"), "Σ\\|αᵢ\\| of ReLU_α");
 * ```
 */
export function escapeMarkdown(text: string): string {
  return text.replace(MARKUP, "\\$&");
}

/** Outside of XML 1.0's characters; lone surrogates are handled before. */
// deno-lint-ignore no-control-regex
const NOT_XML = /[\0-\x08\v\f\x0e-\x1f\ufffe\uffff]/g;

/**
 * A text as HTML and XML show it, in attributes too: `&`, `<`, `>` and `"` as
 * character references. What no XML document may hold, such as most control
 * characters, is U+FFFD.
 *
 * @param text any text
 * @returns the text without markup
 *
 * @example
 * ```ts
 * import { escapeMarkup } from "#lib/base/format.ts";
 * import { equal } from "node:assert/strict";
 *
 * equal(escapeMarkup("λ < 1"), "λ &#60; 1");
 * ```
 */
export function escapeMarkup(text: string): string {
  return text.toWellFormed().replace(NOT_XML, "\ufffd").replace(
    /[&<>"]/g,
    (character) => `&#${character.codePointAt(0)};`,
  );
}

/**
 * The flag of a configuration's field, without dashes before it:
 * `learningRate` is `learning-rate`.
 */
export function flagName(field: string): string {
  return field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
