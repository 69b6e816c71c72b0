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
 * import { escapeMarkdown } from "alphalab";
 * import { equal } from "node:assert/strict";
 *
 * equal(escapeMarkdown("Σ|αᵢ| of ReLU_α"), "Σ\\|αᵢ\\| of ReLU_α");
 * ```
 */
export function escapeMarkdown(text: string): string {
  return text.replace(MARKUP, "\\$&");
}
