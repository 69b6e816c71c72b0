import { minusSigns } from "../base/format.ts";

/** A table of texts. */
export interface TextTable {
  readonly columns: readonly string[];
  /** As many cells a row as there are columns. */
  readonly rows: readonly (readonly string[])[];
  /** One a column; where left out, columns of numbers are aligned to the right. */
  readonly aligns?: readonly Align[];
}

/** The side of a cell on which its text stands. */
export type Align = "left" | "right";

/** A number, signed or not, with whatever follows it. */
const NUMBER = /^[−+-]?\.?\d/;

/** What stands where there is no number. */
const NO_NUMBER = /^[—–-]?$/;

/**
 * A table's cells as they can be printed: a line break or an indent in one
 * would upset the table. Numbers have minus signs.
 *
 * @param table the texts
 * @returns the head, the rows, and every column's side
 * @throws {TypeError} for a row that has more or fewer cells than columns
 */
export function tableCells(table: TextTable) {
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
