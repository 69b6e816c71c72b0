import Table from "cli-table3";
import { maxOf } from "../base/statistics.ts";
import { longest } from "../base/wrap_text.ts";
import { textColumns } from "../base/terminal.ts";
import { escapeMarkdown, minusSigns } from "../base/format.ts";

/** A table of texts. */
export interface TextTable {
  /** The columns' names. */
  readonly columns: readonly string[];
  /** As many cells a row as there are columns. */
  readonly rows: readonly (readonly string[])[];
  /** One per column; by default columns of numbers are aligned to the right. */
  readonly aligns?: readonly Align[];
}

/** The side of a cell on which its text stands. */
export type Align = "left" | "right";

/** A number, signed or not, with whatever follows it. */
const NUMBER = /^[−+-]?\.?\d/;

/** What stands where there is no number. */
const NO_NUMBER = /^[—–-]?$/;

/**
 * Where a line may end: behind a space, the hyphen in `relu-alpha`, the `_` in
 * `test_loss`.
 */
const BREAK =
  /(?<= )|(?<=(?:\p{L}{2}|\d)-)(?=[\p{L}\d])|(?<=\p{L}{2}_)(?=\p{L})/u;

/**
 * A table for a terminal.
 *
 * Long cells are wrapped, the widest column first: numbers and words are whole
 * as long as there is another way. A table whose words do not fit beside each
 * other stands on end: each row is a block of lines, one per cell. Nothing is
 * coloured.
 *
 * @param table the cells' texts
 * @param width columns to stay within, at least 40; the terminal's where left
 *   out
 * @returns the table's lines, joined by newlines
 * @throws {RangeError} for a width below 40
 * @throws {TypeError} for a row that has more or fewer cells than columns
 *
 * @example
 * ```ts
 * import { textTable } from "alphalab/reporting";
 *
 * console.log(textTable({
 *   columns: ["net", "test accuracy"],
 *   rows: [["relu", "0.9046"], ["linear", "0.8412"]],
 * }));
 * ```
 */
export function textTable(
  table: TextTable,
  width: number = textColumns(),
): string {
  if (!(width >= 40)) {
    throw new RangeError(
      `Cannot draw the table: width must be at least 40: got ${width}`,
    );
  }
  const { head, body, aligns } = tableCells(table);
  const columns = head.map((text, i) => [text, ...body.map((row) => row[i]!)]);
  const whole = columns.map((texts) => Math.max(1, longest(texts)));
  const words = columns.map((texts) => longest(texts.flatMap(wordsOf)));
  const numbers = columns.map(([, ...texts], i) =>
    aligns[i] === "right" ? Math.max(words[i]!, longest(texts)) : words[i]!
  );
  const room = width - head.length * 3 - 1; // the frame and the cells' padding
  const sumOf = (widths: readonly number[]) =>
    widths.reduce((sum, one) => sum + one, 0);
  if (sumOf(words) > room && head.length > 2) return onEnd(head, body, width);
  const widths = [...whole];
  // The first column, which names the row, breaks at hyphens after the others.
  const names = longest((columns[0] ?? []).flatMap((text) => text.split(" ")));
  const named = [Math.max(names, numbers[0] ?? 0), ...numbers.slice(1)];
  for (const floors of [named, numbers, words, words.map(() => 1)]) {
    while (sumOf(widths) > room) {
      const spare = widths.map((one, i) => one > floors[i]! ? one : 0);
      const widest = maxOf(spare);
      if (widest <= 1) break;
      widths[spare.indexOf(widest)]!--;
    }
  }
  const wrapped = (row: readonly string[]) =>
    row.map((text, i) => wrap(text, widths[i]!).join("\n"));
  // rows of several lines need a rule between them
  const compact = widths.every((one, i) => one === whole[i]);
  const drawn = new Table({
    head: wrapped(head),
    colWidths: widths.map((one) => one + 2),
    colAligns: [...aligns],
    // [] turns off the red and grey of cli-table3.
    style: { head: [], border: [], compact },
  });
  for (const row of body) drawn.push(wrapped(row));
  return drawn.toString();
}

/**
 * A table for a Markdown file, aligned to be read as plain text too.
 *
 * @param table the cells' texts; what Markdown would take for markup is escaped
 * @returns the table's lines, joined by newlines
 * @throws {TypeError} for a row that has more or fewer cells than columns
 *
 * @example
 * ```ts
 * import { markdownTable } from "#lib/reporting/text_table.ts";
 * import { equal } from "node:assert/strict";
 *
 * const table = { columns: ["net", "accuracy"], rows: [["relu", "0.9"]] };
 * equal(
 *   markdownTable(table),
 *   "| net  | accuracy |\n| ---- | -------: |\n| relu |      0.9 |",
 * );
 * ```
 */
export function markdownTable(table: TextTable): string {
  const { head, body, aligns } = tableCells(table);
  const lines = [head, ...body].map((row) => row.map(escapeMarkdown));
  const widths = head.map((_, column) =>
    Math.max(3, longest(lines.map((row) => row[column]!)))
  );
  const pad = (text: string, column: number) => {
    const blanks = " ".repeat(widths[column]! - [...text].length);
    return aligns[column] === "right" ? blanks + text : text + blanks;
  };
  const rules = widths.map((width, column) =>
    aligns[column] === "right" ? `${"-".repeat(width - 1)}:` : "-".repeat(width)
  );
  return [...lines.slice(0, 1), rules, ...lines.slice(1)]
    .map((cells) => `| ${cells.map(pad).join(" | ")} |`).join("\n");
}

/**
 * A table's cells as they can be printed: a line break or an indent in one
 * would upset the table. Numbers have minus signs.
 *
 * @param table the texts
 * @returns the head, the rows, and every column's side
 * @throws {TypeError} for a row that has more or fewer cells than columns
 */
function tableCells(table: TextTable) {
  const { columns, rows } = table;
  const odd = rows.find(({ length }) => length !== columns.length);
  if (odd !== undefined) {
    throw new TypeError(
      `Cannot make the table: each row must have ${columns.length} cells: got ${odd.length}`,
    );
  }
  const clean = (cells: readonly string[]) =>
    cells.map((text) => minusSigns(text.trim().replace(/\s+/g, " ")));
  const body = rows.map(clean);
  return {
    head: clean(columns),
    body,
    aligns: table.aligns ?? columns.map((_, column): Align => {
      const texts = body.map((row) => row[column]!);
      const isNumeric = texts.some((text) => NUMBER.test(text)) &&
        texts.every((text) => NUMBER.test(text) || NO_NUMBER.test(text));
      return isNumeric ? "right" : "left";
    }),
  };
}

/** A table's rows below each other, each cell behind the name of its column. */
function onEnd(
  head: readonly string[],
  body: readonly (readonly string[])[],
  width: number,
): string {
  // A name may have two fifths of the width.
  const nameWidth = Math.min(longest(head), Math.floor(0.4 * width));
  const blocks = (body.length > 0 ? body : [head.map(() => "")]).map((row) =>
    row.flatMap((text, i) => {
      const names = wrap(head[i]!, nameWidth);
      const lines = wrap(text, width - nameWidth - 2);
      return Array.from(
        { length: Math.max(1, names.length, lines.length) },
        (_, k) => {
          const blanks = nameWidth - longest([names[k] ?? ""]) + 2;
          return `${names[k] ?? ""}${" ".repeat(blanks)}${lines[k] ?? ""}`
            .trimEnd();
        },
      );
    }).join("\n")
  );
  return blocks.join(`\n${"─".repeat(width)}\n`);
}

function wordsOf(text: string): string[] {
  return text.split(BREAK).map((word) => word.trimEnd());
}

/** A text as lines of at most `width` characters. */
function wrap(text: string, width: number): string[] {
  const lines = [""];
  for (const word of text.split(BREAK)) {
    const line = lines.at(-1)!;
    if (longest([line + word.trimEnd()]) <= width) {
      lines[lines.length - 1] = line + word;
      continue;
    }
    const letters = [...word.trimEnd()];
    for (let start = 0; start < letters.length; start += width) {
      lines.push(letters.slice(start, start + width).join(""));
    }
    if (word.endsWith(" ")) lines[lines.length - 1] += " ";
  }
  return lines.map((line) => line.trimEnd()).filter((line) => line !== "");
}

/** Columns between two blocks. */
const GAP = 3;

/**
 * Puts blocks of lines beside each other, as many as fit, and the others below.
 *
 * @param blocks each as wide as its longest line
 * @param width columns to stay within, if the widest block does
 * @returns the lines, with an empty one between two rows of blocks
 */
export function sideBySide(
  blocks: readonly (readonly string[])[],
  width: number,
): string {
  const rows: (typeof blocks[number])[][] = [];
  let used = Infinity;
  for (const block of blocks) {
    const next = GAP + widthOf(block);
    if (used + next <= width) {
      rows.at(-1)!.push(block);
      used += next;
    } else {
      rows.push([block]);
      used = widthOf(block);
    }
  }
  return rows.map((row) => {
    const height = maxOf(row.map(({ length }) => length));
    return Array.from(
      { length: height },
      (_, i) =>
        row.map((block) => pad(block[i] ?? "", widthOf(block)))
          .join(" ".repeat(GAP)).trimEnd(),
    ).join("\n");
  }).join("\n\n");
}

function widthOf(block: readonly string[]): number {
  return maxOf(block.map((line) => [...line].length));
}

function pad(line: string, width: number): string {
  return line + " ".repeat(width - [...line].length);
}
