import { readCsvLog } from "./csv_log.ts";

/** Where each net of a run got to: the last row of each in a CSV file. */
export interface RunTable {
  /** The columns that tell rows apart: those before `epoch`, or all. */
  readonly ids: readonly string[];
  /** The columns of numbers, from `epoch` on, or all. */
  readonly measures: readonly string[];
  /** Fields as they are written, by column. */
  readonly rows: readonly Readonly<Record<string, string>>[];
}

/** What two runs measured of one net. */
export interface MeasuredPair {
  /** What tells the net from the others; empty where there is one only. */
  readonly net: string;
  readonly quantity: string;
  readonly a: number;
  readonly b: number;
}

/** Two tables side by side. */
export interface TableComparison {
  readonly pairs: readonly MeasuredPair[];
  /** The nets that only one of them has. */
  readonly onlyA: readonly string[];
  readonly onlyB: readonly string[];
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

/**
 * Puts the numbers of two runs side by side.
 *
 * @param a last rows of a file of a run
 * @param b the same of another run
 * @returns a pair for each number that both have
 */
export function compareTables(a: RunTable, b: RunTable): TableComparison {
  const key = keyColumns([a, b]);
  const [rowsA, rowsB] = [a, b].map(({ rows }) =>
    new Map(rows.map((row) => [keyOf(row, key), row]))
  ) as [
    Map<string, Record<string, string>>,
    Map<string, Record<string, string>>,
  ];
  const measures = a.measures.filter((measure) =>
    b.measures.includes(measure) && !key.includes(measure)
  );
  const pairs = [...rowsA].flatMap(([net, row]) => {
    const other = rowsB.get(net);
    if (other === undefined) return [];
    return measures
      .filter((measure) => row[measure] !== "" && other[measure] !== "")
      .map((quantity) => ({
        net,
        quantity,
        a: Number(row[quantity]),
        b: Number(other[quantity]),
      }));
  });
  return {
    pairs,
    onlyA: [...rowsA.keys()].filter((net) => !rowsB.has(net)),
    onlyB: [...rowsB.keys()].filter((net) => !rowsA.has(net)),
  };
}
