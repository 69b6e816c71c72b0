import Table from "cli-table3";

/** One row: a quantity as the report has it beside ours. */
export interface ComparisonRow {
  readonly quantity: string;
  readonly reported: string;
  readonly ours: string;
  readonly difference: string;
}

const HEAD: ComparisonRow = {
  quantity: "quantity",
  reported: "reported",
  ours: "ours",
  difference: "difference",
};

/** Columns that the frame and the cells' padding take from four columns. */
const FRAME = 5 + 4 * 2;

/**
 * The table `quantity | reported | ours | difference` for a terminal.
 *
 * Long cells are wrapped, the widest column first; nothing is coloured.
 *
 * @param rows the cells' texts
 * @param width columns to stay within, at least 40
 * @returns the table's lines, joined by newlines
 * @throws {RangeError} for a width below 40
 *
 * @example
 * ```ts
 * import { comparisonTable } from "alphalab";
 *
 * console.log(comparisonTable([
 *   { quantity: "accuracy", reported: "0.90", ours: "0.91", difference: "+0.01" },
 * ]));
 * ```
 */
export function comparisonTable(
  rows: readonly ComparisonRow[],
  width = 80,
): string {
  if (!(width >= 40)) {
    throw new RangeError(
      `Cannot draw the table: width must be at least 40: got ${width}`,
    );
  }
  const cells = [HEAD, ...rows].map(cellsOf);
  const widths = HEAD_CELLS.map((_, column) =>
    Math.max(1, ...cells.map((row) => longest([row[column]!])))
  );
  const room = width - FRAME;
  let compact = true;
  while (widths.reduce((sum, one) => sum + one) > room) {
    widths[widths.indexOf(Math.max(...widths))]!--;
    compact = false; // rows of several lines need a rule between them
  }
  const breaksWords = (row: readonly string[], column: number) =>
    longest(row[column]!.split(" ")) > widths[column]!;
  const table = new Table({
    head: HEAD_CELLS,
    colWidths: widths.map((one) => one + 2),
    colAligns: ["left", "right", "right", "right"],
    wordWrap: true,
    // a word that is wider than its column is broken, or it would be cut off
    wrapOnWordBoundary: !HEAD_CELLS.some((_, i) => breaksWords(HEAD_CELLS, i)),
    style: { head: [], border: [], compact }, // [] for cli-table3's red and grey
  });
  for (const row of cells.slice(1)) {
    table.push(row.map((content, column) => ({
      content,
      wrapOnWordBoundary: !breaksWords(row, column),
    })));
  }
  return table.toString();
}

/**
 * The table `quantity | reported | ours | difference` for report.md.
 *
 * @param rows the cells' texts
 * @returns the table's lines in Markdown, joined by newlines
 *
 * @example
 * ```ts
 * import { markdownTable } from "alphalab";
 * import { match } from "node:assert/strict";
 *
 * const row = { quantity: "accuracy", reported: "0.90", ours: "0.91", difference: "+0.01" };
 * match(markdownTable([row]), /\| accuracy \| 0.90 \| 0.91 \| \+0.01 \|$/);
 * ```
 */
export function markdownTable(rows: readonly ComparisonRow[]): string {
  const lines = [HEAD, ...rows].map((row) =>
    cellsOf(row).map((cell) => cell.replace(/[\\|]/g, "\\$&"))
  );
  lines.splice(1, 0, ["---", "---:", "---:", "---:"]);
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/** The cells of a row; a line break or indent would upset both tables. */
function cellsOf(row: ComparisonRow): string[] {
  return [row.quantity, row.reported, row.ours, row.difference]
    .map((text) => text.trim().replace(/\s+/g, " "));
}

const HEAD_CELLS = cellsOf(HEAD);

function longest(texts: readonly string[]): number {
  return Math.max(...texts.map((text) => [...text].length));
}
