import { escapeMarkdown } from "../base/format.ts";
import { tableCells, type TextTable } from "./table_cells.ts";
import { longest } from "../base/wrap_text.ts";

/** Longer cells are not waited for: their column is ragged as plain text. */
const MAX_PADDED = 40;

/**
 * A table for a Markdown file, aligned to be read as plain text too.
 *
 * @param table the cells' texts; what Markdown would take for markup is escaped
 * @returns the table's lines, joined by newlines
 * @throws {TypeError} for a row that has more or fewer cells than columns
 *
 * @example
 * ```ts
 * import { markdownTable } from "alphalab";
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
    Math.min(MAX_PADDED, Math.max(3, longest(lines.map((row) => row[column]!))))
  );
  const pad = (text: string, column: number) => {
    const blanks = " ".repeat(
      Math.max(0, widths[column]! - [...text].length),
    );
    return aligns[column] === "right" ? blanks + text : text + blanks;
  };
  const rules = widths.map((width, column) =>
    aligns[column] === "right" ? `${"-".repeat(width - 1)}:` : "-".repeat(width)
  );
  return [...lines.slice(0, 1), rules, ...lines.slice(1)]
    .map((cells) => `| ${cells.map(pad).join(" | ")} |`).join("\n");
}
