import { stringify } from "csv-stringify/sync";
import { explainIoError } from "../base/explain_io_error.ts";
import { writeFully } from "../base/write_fully.ts";

/** A field: numbers as JavaScript prints them (shortest exact), null as empty. */
export type CsvValue = string | number | null;

/** A CSV file that only grows; made by {@link openCsvLog}. */
export interface CsvLog {
  /** Adds one row, kept in memory until 64 KiB have gathered or `flush()`. */
  append(row: readonly CsvValue[]): void;
  /** Adds lines that another log had, each with its end. */
  appendLines(lines: string): void;
  /** The file's bytes, those still in memory included. */
  length(): number;
  /** Brings every row to the disk; what a checkpoint calls before it is saved. */
  flush(): void;
  /** Flushes, unless writing has failed already, and closes the file. */
  close(): void;
}

/** Characters: some hundred rows of a step log between two writes. */
const BUFFER_SIZE = 65536;
const encoder = new TextEncoder();

/**
 * Opens an append-only CSV file (RFC 4180, UTF-8, lines end in `\n`).
 *
 * A training that resumes passes the length that its checkpoint recorded; rows
 * written after that checkpoint are cut off, since they will be written again.
 *
 * @param path in a directory that exists
 * @param columns the header row
 * @param options.length go on after that many bytes; without it the file is
 *   made new, replacing one that exists
 * @returns the log, open
 * @throws {Error} `Cannot write <path>: <reason>` here and from every method;
 *   `Cannot resume <path>: ...` for a file that is too short, that has another
 *   header or no row's end at `length`
 *
 * @example
 * ```ts
 * import { openCsvLog } from "alphalab";
 * import assert from "node:assert/strict";
 *
 * const directory = Deno.makeTempDirSync();
 * const log = openCsvLog(`${directory}/steps.csv`, ["step", "loss", "alpha"]);
 * log.append([1, 0.1 + 0.2, null]);
 * log.close();
 * assert.equal(
 *   Deno.readTextFileSync(`${directory}/steps.csv`),
 *   "step,loss,alpha\n1,0.30000000000000004,\n",
 * );
 * Deno.removeSync(directory, { recursive: true });
 * ```
 */
export function openCsvLog(
  path: string,
  columns: readonly string[],
  { length: resumeAt }: { length?: number } = {},
): CsvLog {
  const header = stringify([columns]);
  const file = resumeAt === undefined
    ? create(path)
    : reopen(path, header, resumeAt);
  let length = resumeAt ?? 0;
  let pending = "";
  let failure: Error | undefined;

  const add = (line: string) => {
    pending += line;
    length += encoder.encode(line).length;
  };
  const write = () => {
    // After a failure the file ends anywhere; nothing may follow that.
    if (failure !== undefined) throw failure;
    try {
      writeFully(file, encoder.encode(pending));
    } catch (error) {
      throw failure = explainIoError(`write ${path}`, error);
    }
    pending = "";
  };
  const flush = () => {
    write();
    try {
      file.syncDataSync();
    } catch (error) {
      throw failure = explainIoError(`write ${path}`, error);
    }
  };
  if (resumeAt === undefined) add(header);

  return {
    append(row) {
      if (row.length !== columns.length) {
        throw new RangeError(
          `Cannot append to ${path}: row must have ${columns.length} fields: got ${row.length}`,
        );
      }
      add(stringify([row]));
      if (pending.length >= BUFFER_SIZE) write();
    },
    appendLines(lines) {
      add(lines);
      if (pending.length >= BUFFER_SIZE) write();
    },
    length: () => length,
    flush,
    close() {
      try {
        if (failure === undefined) flush();
      } finally {
        file.close();
      }
    },
  };
}

function create(path: string): Deno.FsFile {
  try {
    return Deno.openSync(path, { write: true, create: true, truncate: true });
  } catch (error) {
    throw explainIoError(`write ${path}`, error);
  }
}

function reopen(path: string, header: string, length: number): Deno.FsFile {
  let content;
  try {
    content = Deno.readFileSync(path);
  } catch (error) {
    throw explainIoError(`resume ${path}`, error);
  }
  if (content.length < length) {
    throw new Error(
      `Cannot resume ${path}: file must have at least ${length} bytes: got ${content.length}`,
    );
  }
  const kept = new TextDecoder("utf-8", { ignoreBOM: true }).decode(
    content.subarray(0, length),
  );
  if (!kept.startsWith(header) || !kept.endsWith("\n")) {
    throw new Error(
      `Cannot resume ${path}: file must be as the last checkpoint knew it: got an edited one`,
    );
  }
  try {
    // append: every write goes to the end, which truncate has just moved.
    const file = Deno.openSync(path, { append: true });
    file.truncateSync(length);
    return file;
  } catch (error) {
    throw explainIoError(`write ${path}`, error);
  }
}
