import { readCsvLog } from "./read_csv_log.ts";

/** Where each net of a run got to: the last row of each in a CSV file. */
export interface RunTable {
  /** The columns that tell rows apart: those before `epoch`, or all. */
  readonly ids: readonly string[];
  /** The columns of numbers, from `epoch` on, or all. */
  readonly measures: readonly string[];
  /** Fields as they are written, by column. */
  readonly rows: readonly Readonly<Record<string, string>>[];
}

/** A number as JavaScript prints it, or a spreadsheet. */
const NUMBER = /^(NaN|-?(Infinity|\d+(\.\d+)?([eE][+-]\d+)?))$/;

/**
 * Reads a CSV file of a run.
 *
 * @param path the file
 * @returns its last rows; null where the file is not there
 * @throws {Error} `Cannot read <path>: <reason>`
 */
export function readRunTable(path: string): RunTable | null {
  let all;
  try {
    all = readCsvLog(path);
  } catch (error) {
    if ((error as Error).cause instanceof Deno.errors.NotFound) return null;
    throw error;
  }
  const columns = Object.keys(all[0] ?? {});
  const epoch = columns.indexOf("epoch");
  const ids = epoch < 0 ? columns : columns.slice(0, epoch);
  const last = new Map(all.map((row) => [keyOf(row, ids), row]));
  const rows = [...last.values()];
  const measures = columns.slice(Math.max(0, epoch)).filter((column) =>
    rows.some((row) => row[column] !== "") &&
    rows.every((row) => row[column] === "" || NUMBER.test(row[column]!))
  );
  return { ids, measures, rows };
}

/**
 * The columns that are enough to tell the rows of each table apart, the first
 * ones that do.
 *
 * @param tables at least one
 * @returns common columns of theirs; none where each has a single row
 */
export function keyColumns(tables: readonly RunTable[]): string[] {
  const key: string[] = [];
  const distinct = ({ rows }: RunTable, columns: readonly string[]) =>
    new Set(rows.map((row) => keyOf(row, columns))).size;
  for (const column of tables[0]!.ids) {
    if (!tables.every(({ ids }) => ids.includes(column))) continue;
    const more = [...key, column];
    if (tables.some((one) => distinct(one, more) > distinct(one, key))) {
      key.push(column);
    }
  }
  return key;
}

/**
 * What a row is called by its fields in some columns.
 *
 * @param row a row of a table
 * @param columns some of its columns
 * @returns one text for rows whose fields are equal, as `relu, seed 3`
 */
export function keyOf(
  row: Readonly<Record<string, string>>,
  columns: readonly string[],
): string {
  return columns.filter((column) => row[column] !== "").map((column) =>
    NUMBER.test(row[column]!) ? `${column} ${row[column]}` : row[column]
  ).join(", ");
}
