import { type CsvLog, type CsvValue, openCsvLog } from "./csv_log.ts";
import type { RunDirectory } from "./run_directory.ts";

/** The CSV files of a training. */
export type LogName = "metrics" | "steps" | "times";

/** A run's logs, open. */
export interface RunLogs extends Disposable {
  append(name: LogName, row: readonly CsvValue[]): void;
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
 * @param columns of each log that the run has
 * @param lengths where to go on, as the run's checkpoint has it; from the
 *   beginning where left out
 */
export function openRunLogs(
  run: RunDirectory,
  columns: Partial<Record<LogName, readonly string[]>>,
  lengths: Partial<Record<LogName, number>> = {},
): RunLogs {
  using opened = new DisposableStack();
  const logs = new Map<LogName, CsvLog>();
  for (const [key, names] of Object.entries(columns)) {
    const name = key as LogName;
    const log = openCsvLog(run.file(`${name}.csv`), names, {
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
    append: (name, row) => logs.get(name)!.append(row),
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
