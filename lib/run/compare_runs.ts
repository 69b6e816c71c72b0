import { isDeepStrictEqual } from "node:util";
import { flagName } from "../base/flag_name.ts";
import type { JsonValue } from "../base/json_value.ts";
import type { RunRecord } from "./run_record.ts";
import { keyColumns, keyOf, type RunTable } from "./run_table.ts";

/** A fact that two runs do not share; absent where a run does not have it. */
export interface Difference {
  /** `--learning-rate` for a flag, else the fact's name. */
  readonly name: string;
  readonly a?: JsonValue;
  readonly b?: JsonValue;
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

/**
 * Says where the records of two runs differ.
 *
 * @param a the record of a run
 * @param b the record of another
 * @returns the flags that differ, then what is pinned, then the environment
 */
export function compareRecords(a: RunRecord, b: RunRecord): Difference[] {
  const parts = [
    {
      a: a.config,
      b: b.config,
      label: (name: string) => `--${flagName(name)}`,
    },
    { a: a.pinned, b: b.pinned, label: String },
    { a: a.environment, b: b.environment, label: String },
  ];
  return parts.flatMap(({ a, b, label }) =>
    [...new Set([...Object.keys(a), ...Object.keys(b)])]
      .filter((name) => !isDeepStrictEqual(a[name], b[name]))
      .map((name) => ({ name: label(name), a: a[name], b: b[name] }))
  );
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
