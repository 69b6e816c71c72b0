import type { TextTable } from "./table_cells.ts";

/** One row: a quantity as the report has it beside ours. */
export interface ComparisonRow {
  readonly quantity: string;
  readonly reported: string;
  readonly ours: string;
  readonly difference: string;
}

/**
 * The table `quantity | reported | ours | difference` as texts.
 *
 * @param rows the cells' texts
 * @returns the table, its numbers aligned to the right
 *
 * @example
 * ```ts
 * import { comparisonCells, textTable } from "alphalab";
 *
 * console.log(textTable(comparisonCells([
 *   { quantity: "accuracy", reported: "0.90", ours: "0.91", difference: "+0.01" },
 * ])));
 * ```
 */
export function comparisonCells(rows: readonly ComparisonRow[]): TextTable {
  return {
    columns: ["quantity", "reported", "ours", "difference"],
    rows: rows.map(({ quantity, reported, ours, difference }) => [
      ...[quantity, reported, ours, difference],
    ]),
    aligns: ["left", "right", "right", "right"],
  };
}
