import {
  type CsvLog,
  type CsvRow,
  type CsvValue,
  openCsvLog,
  readCsvLog,
} from "./csv_log.ts";
import type { RunDirectory } from "./run_directory.ts";

/** The CSV files of a training. */
export type LogName = "metrics" | "steps" | "times";

/**
 * What a CSV file has of a record: its columns, in their order, and what each
 * holds.
 */
export type LogSpec<Logged> = Readonly<
  Record<string, (record: Logged) => CsvValue>
>;

/** A run's logs, open; `Logged` has the records of each. */
export interface RunLogs<Logged> extends Disposable {
  /**
   * Adds a record's row to a log that the run has.
   *
   * @returns the row as it will be read back
   */
  append<Name extends keyof Logged>(
    name: Name,
    record: Logged[Name],
  ): Record<string, string>;
  /** Each log's lines from a length in bytes on, brought to the disk. */
  linesFrom(
    lengths: Partial<Record<LogName, number>>,
  ): Partial<Record<LogName, string>>;
  /** Adds lines that `linesFrom` gave. */
  appendLines(lines: Partial<Record<LogName, string>>): void;
  /** Brings all rows to the disk; returns each log's length in bytes. */
  flush(): Partial<Record<LogName, number>>;
}

/**
 * Opens a run's CSV files, `<name>.csv` each.
 *
 * @param run declares the files
 * @param specs the columns of each log that the run has
 * @param lengths where to go on, as the run's checkpoint has it; a log
 *   without a length begins anew
 */
export function openRunLogs<Logged extends Partial<Record<LogName, unknown>>>(
  run: RunDirectory,
  specs: { readonly [Name in keyof Logged]?: LogSpec<Logged[Name]> },
  lengths: Partial<Record<LogName, number>> = {},
): RunLogs<Logged> {
  using opened = new DisposableStack();
  const logs = new Map<LogName, CsvLog>();
  for (const [key, spec] of Object.entries(specs)) {
    if (spec === undefined) continue;
    const name = key as LogName;
    const log = openCsvLog(run.file(`${name}.csv`), Object.keys(spec), {
      length: lengths[name],
    });
    opened.defer(() => log.close());
    logs.set(name, log);
  }
  const closing = opened.move();
  const flush = () =>
    Object.fromEntries(
      [...logs].map(([name, log]) => {
        log.flush();
        return [name, log.length()];
      }),
    );
  return {
    append(name, record) {
      const row = rowOf(specs[name]!, record);
      logs.get(name as LogName)!.append(row);
      return textsOf(row);
    },
    linesFrom(lengths) {
      flush();
      return Object.fromEntries(
        [...logs.keys()].map((name) => {
          const bytes = Deno.readFileSync(run.file(`${name}.csv`));
          return [
            name,
            new TextDecoder().decode(bytes.subarray(lengths[name])),
          ];
        }),
      );
    },
    appendLines(lines) {
      for (const [name, log] of logs) log.appendLines(lines[name] ?? "");
      flush();
    },
    flush,
    [Symbol.dispose]: () => closing.dispose(),
  };
}

/** What an epoch of a net took. */
export interface EpochTime {
  readonly plan: { readonly name: string };
  readonly epoch: number;
  readonly seconds: number;
}

/** The columns of `times.csv`. */
export const TIMES: LogSpec<EpochTime> = {
  net: ({ plan }) => plan.name,
  epoch: ({ epoch }) => epoch,
  seconds: ({ seconds }) => seconds,
};

/**
 * What each net of a run with `times.csv` took: the seconds of its epochs,
 * summed over all parts of the run.
 *
 * @param run after `trainNets` with `times`
 * @returns seconds by the net's name
 */
export function netSeconds(run: RunDirectory): Map<string, number> {
  const sums = new Map<string, number>();
  for (const { net, seconds } of readCsvLog(run.file("times.csv"))) {
    sums.set(net!, (sums.get(net!) ?? 0) + Number(seconds));
  }
  return sums;
}

function rowOf<R>(spec: LogSpec<R>, record: R): CsvRow {
  const fields = Object.entries(spec).map(([column, fieldOf]) =>
    [column, fieldOf(record)] as const
  );
  return Object.fromEntries(fields);
}

function textsOf(row: CsvRow): Record<string, string> {
  const texts = Object.entries(row).map(([column, field]) =>
    [column, String(field ?? "")] as const
  );
  return Object.fromEntries(texts);
}
