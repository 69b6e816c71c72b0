import { join } from "node:path";
import type { Facts, RunRecord } from "../train/run_record.ts";
import { RECORD_FILE } from "../train/run_record.ts";
import { listDirectory } from "../train/find_run.ts";
import { readRunRecord } from "../train/read_run_record.ts";
import { keyColumns, keyOf, readRunTable, type RunTable } from "./run_table.ts";

/** A run directory at one glance. */
export interface RunSummary {
  readonly name: string;
  readonly path: string;
  /** Why the rest, or a part of it, is missing. */
  readonly error?: string;
  readonly task?: string;
  readonly status?: RunRecord["status"];
  /** Nets with at least one row in the run's {@linkcode resultFile}. */
  readonly nets?: number;
  /** The last epoch of the net that got farthest. */
  readonly epoch?: number;
  readonly best?: BestResult;
}

/** The best value that a run reached. */
export interface BestResult {
  /** A column's name. */
  readonly quantity: string;
  readonly value: number;
  /** The net that reached it. */
  readonly net: string;
}

/** A log of every step: long, and no result. */
const STEP_LOG = "steps.csv";

/** What sums a run up, the first that there is, and which end of it is best. */
const MAIN_QUANTITIES: readonly [name: RegExp, sign: 1 | -1][] = [
  [/^test.*accuracy/, 1],
  [/^val.*accuracy/, 1],
  [/accuracy/, 1],
  [/^test.*loss/, -1],
  [/loss/, -1],
];

/**
 * Lists the run directories right under a directory.
 *
 * @param directory there or not
 * @returns one summary for each that holds a `config.json`, in the order of
 *   their names; what cannot be read says why
 * @throws {Error} `Cannot read <directory>: <reason>`
 */
export function listRuns(directory: string): RunSummary[] {
  return (listDirectory(directory) ?? [])
    .map((name) => ({ name, path: join(directory, name) }))
    .filter(({ path }) => hasRecord(path))
    .map(({ name, path }) => ({ name, path, ...summarize(path) }));
}

/**
 * The file that holds a run's results.
 *
 * @param record of the run
 * @returns the first CSV file that it declares and that is no log of steps;
 *   undefined without one, or while an older run's files may lie there
 */
export function resultFile({ status, files }: RunRecord): string | undefined {
  return status === "starting"
    ? undefined
    : files.find((name) => name.endsWith(".csv") && name !== STEP_LOG);
}

/**
 * The task that a run is of.
 *
 * @param pinned of the run's record
 * @returns its name in deno.json
 */
export function taskOf({ pinned }: { readonly pinned: Facts }): string {
  return typeof pinned.task === "string" ? pinned.task : "unknown";
}

function hasRecord(path: string): boolean {
  try {
    Deno.statSync(`${path}/${RECORD_FILE}`);
    return true;
  } catch (error) {
    // Reading the record will tell what else is wrong.
    return !(error instanceof Deno.errors.NotFound ||
      error instanceof Deno.errors.NotADirectory);
  }
}

function summarize(path: string): Omit<RunSummary, "name" | "path"> {
  let facts = {};
  try {
    const record = readRunRecord(path);
    facts = { task: taskOf(record), status: record.status };
    const file = resultFile(record);
    const table = file === undefined ? null : readRunTable(`${path}/${file}`);
    return table === null ? facts : {
      ...facts,
      nets: table.rows.length,
      epoch: lastEpoch(table),
      best: bestOf(table),
    };
  } catch (error) {
    return { ...facts, error: (error as Error).message };
  }
}

function lastEpoch({ rows, measures }: RunTable): number | undefined {
  if (!measures.includes("epoch")) return undefined;
  return rows.reduce((last, { epoch }) => Math.max(last, Number(epoch)), 0);
}

function bestOf(table: RunTable): BestResult | undefined {
  const key = keyColumns([table]);
  const names = key.length > 0 ? key : table.ids.slice(0, 1);
  for (const [name, sign] of MAIN_QUANTITIES) {
    const quantity = table.measures.find((measure) => name.test(measure));
    if (quantity === undefined) continue;
    const results = table.rows.map((row) => ({
      quantity,
      value: row[quantity] === "" ? NaN : Number(row[quantity]),
      net: keyOf(row, names),
    })).filter(({ value }) => !Number.isNaN(value));
    return results.sort((a, b) => sign * (b.value - a.value))[0];
  }
  return undefined;
}
