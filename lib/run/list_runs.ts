import { join } from "node:path";
import { maxOf } from "../base/statistics.ts";
import { loadCheckpoint } from "./checkpoint.ts";
import { isLocked } from "../base/lock_directory.ts";
import {
  CHECKPOINT_FILE,
  type Facts,
  readRunRecord,
  RECORD_FILE,
  type RunRecord,
} from "./run_record.ts";
import { listDirectory } from "./find_run.ts";
import { keyColumns, keyOf, readRunTable, type RunTable } from "./run_table.ts";

/** What a run is doing; `interrupted`: no process works in it, and no end. */
export type RunStatus = "running" | "interrupted" | "finished";

/** A run directory at one glance. */
export interface RunSummary {
  readonly name: string;
  readonly path: string;
  /** Why the rest, or a part of it, is missing. */
  readonly error?: string;
  readonly task?: string;
  readonly status?: RunStatus;
  /** When one of its files was written last, ISO 8601. */
  readonly date?: string;
  /** Seconds of work, of a run without an end until it was saved last. */
  readonly seconds?: number;
  /** Nets with at least one row in the run's {@linkcode resultFile}. */
  readonly nets?: number;
  /** The nets that it trains, if it leaves a file for each. */
  readonly allNets?: number;
  /** The last epoch of the net in the last row. */
  readonly epoch?: number;
  /** The epochs that this net trains for. */
  readonly epochs?: number;
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
 * @returns one summary for each that holds a `config.json`, the one that was
 *   written last at the end; what cannot be read says why
 * @throws {Error} `Cannot read <directory>: <reason>`
 */
export function listRuns(directory: string): RunSummary[] {
  const runs = (listDirectory(directory) ?? [])
    .map((name) => ({ name, path: join(directory, name) }))
    .filter(({ path }) => hasRecord(path))
    .map(({ name, path }) => ({ name, path, ...summarize(path) }));
  return runs.sort((a, b) =>
    Date.parse(a.date ?? "") - Date.parse(b.date ?? "")
  );
}

/**
 * What a run is doing.
 *
 * @param path the run's directory
 * @param record its record
 */
export function statusOf(path: string, { status }: RunRecord): RunStatus {
  if (status === "finished") return status;
  return isLocked(path) ? "running" : "interrupted";
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

/**
 * Sums a run up.
 *
 * @param path the run's directory
 * @returns what can be read, and why the rest cannot
 */
export function summarize(path: string): Omit<RunSummary, "name" | "path"> {
  let facts: Omit<RunSummary, "name" | "path"> = { date: dateOf(path, []) };
  try {
    const record = readRunRecord(path);
    const { config, files } = record;
    const nets = files.filter((name) => NET_FILE.test(name)).length;
    facts = {
      task: taskOf(record),
      status: statusOf(path, record),
      date: dateOf(path, files),
      seconds: secondsOf(path, record),
      ...nets > 0 && { allNets: nets },
    };
    const file = resultFile(record);
    const table = file === undefined ? null : readRunTable(`${path}/${file}`);
    if (table === null) return facts;
    const epoch = lastEpoch(table);
    return {
      ...facts,
      nets: table.rows.length,
      epoch,
      epochs: epochsOf(config, epoch),
      best: bestOf(table),
    };
  } catch (error) {
    return { ...facts, error: (error as Error).message };
  }
}

/** A net's file, of `netFile`. */
const NET_FILE = /^net-.*\.safetensors$/;

/** When one of the files was written last. */
function dateOf(path: string, files: readonly string[]): string | undefined {
  const times = [RECORD_FILE, ...files].flatMap((name) => {
    try {
      return Deno.statSync(`${path}/${name}`).mtime?.getTime() ?? [];
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return [];
      throw error;
    }
  });
  return times.length === 0 ? undefined : new Date(maxOf(times)).toISOString();
}

/** Of a run without an end, as its checkpoint has them. */
function secondsOf(path: string, record: RunRecord): number | undefined {
  if (record.status === "finished") return record.seconds;
  if (record.status === "starting") return undefined;
  try {
    const { state } = loadCheckpoint(`${path}/${CHECKPOINT_FILE}`);
    return (state as { seconds?: number } | null)?.seconds;
  } catch (error) {
    if ((error as Error).cause instanceof Deno.errors.NotFound) {
      return undefined;
    }
    throw error;
  }
}

/** The present net's, which is the last one. */
function lastEpoch({ rows, measures }: RunTable): number | undefined {
  return measures.includes("epoch") ? Number(rows.at(-1)!.epoch) : undefined;
}

/** What `--epochs` says; for a net that is beyond it, the other flag's. */
function epochsOf(config: Facts, epoch = Infinity): number | undefined {
  return [config.epochs, config.longEpochs].find((epochs): epochs is number =>
    typeof epochs === "number" && epochs >= epoch
  );
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
