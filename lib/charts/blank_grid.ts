import type { Cell } from "./cell_line.ts";

/**
 * A chart's plot area before anything is drawn.
 *
 * @param rowCount its rows
 * @param columns its columns
 * @returns `[rowCount][columns]`, spaces
 */
export function blankGrid(rowCount: number, columns: number): Cell[][] {
  return Array.from(
    { length: rowCount },
    () => Array.from({ length: columns }, () => ({ text: " " })),
  );
}
