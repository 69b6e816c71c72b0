import { maxOf } from "./statistics.ts";
import { textColumns } from "./terminal.ts";

/**
 * A text in lines for the reader, broken between words.
 *
 * @param text words
 * @param width columns to stay within, but for a longer word; by default those
 *   of the terminal
 * @param indent what each line begins with
 * @returns lines, joined by newlines
 *
 * @example
 * ```ts
 * import { wrapText } from "#lib/base/wrap_text.ts";
 * import { equal } from "node:assert/strict";
 *
 * equal(wrapText("not the published file", 16), "  not the\n  published file");
 * ```
 */
export function wrapText(
  text: string,
  width = textColumns(),
  indent = "  ",
): string {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const line = `${lines.at(-1)} ${word}`;
    if (lines.length === 0 || [...line].length > width) {
      lines.push(`${indent}${word}`);
    } else lines[lines.length - 1] = line;
  }
  return lines.join("\n");
}

/**
 * The longest of some texts.
 *
 * @param texts any number of them
 * @returns its length in characters, 0 without any
 */
export function longest(texts: readonly string[]): number {
  return maxOf([0, ...texts.map((text) => [...text].length)]);
}
