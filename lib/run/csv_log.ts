import { parse } from "csv-parse/sync";
import { stringify } from "csv-stringify/sync";
import { explainIoError } from "../base/errors.ts";
import { writeAtomically, writeFully } from "../base/write_atomically.ts";

/** A field: a number is printed as JavaScript does, null is empty. */
export type CsvValue = string | number | null;

/** A row: a field for each column, in any order. */
export type CsvRow<Column extends string = string> = Readonly<
  Record<Column, CsvValue>
>;

/** A CSV file that only grows; made by {@link openCsvLog}. */
export interface CsvLog<Column extends string = string> {
  /** Adds one row, kept in memory until 64 KiB have gathered or `flush()`. */
  append(row: CsvRow<Column>): void;
  /** Adds lines that another log had, each with its end. */
  appendLines(lines: string): void;
  /** The file's bytes, those still in memory included. */
  length(): number;
  /** Brings every row to the disk, before a checkpoint is saved. */
  flush(): void;
  /** Flushes, unless writing has failed already, and closes the file. */
  close(): void;
}

/** Characters: some hundred rows of a step log between two writes. */
const BUFFER_SIZE = 65536;
/** Characters of a header in an error. */
const LONGEST_QUOTE = 40;

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
 * import { openCsvLog } from "#lib/run/csv_log.ts";
 * import assert from "node:assert/strict";
 *
 * const directory = Deno.makeTempDirSync();
 * const log = openCsvLog(`${directory}/steps.csv`, ["step", "loss", "alpha"]);
 * log.append({ step: 1, loss: 0.1 + 0.2, alpha: null });
 * log.close();
 * assert.equal(
 *   Deno.readTextFileSync(`${directory}/steps.csv`),
 *   "step,loss,alpha\n1,0.30000000000000004,\n",
 * );
 * Deno.removeSync(directory, { recursive: true });
 * ```
 */
export function openCsvLog<Column extends string>(
  path: string,
  columns: readonly Column[],
  { length: resumeAt }: { length?: number } = {},
): CsvLog<Column> {
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
      add(stringify([fieldsOf(row, columns, path)]));
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

/**
 * Writes a whole CSV file, in the place of one that is there.
 *
 * @param path in a directory that exists
 * @param rows all with the same columns
 * @param columns the header row; defaults to the first row's columns
 * @throws {Error} `Cannot write <path>: <reason>`
 * @throws {TypeError} where a row has other columns
 *
 * @example
 * ```ts
 * import { writeCsv } from "alphalab/run";
 * import assert from "node:assert/strict";
 *
 * const path = Deno.makeTempFileSync();
 * writeCsv(path, [{ net: "relu", loss: 0.5 }, { net: "linear", loss: 1 }]);
 * assert.equal(
 *   Deno.readTextFileSync(path),
 *   "net,loss\nrelu,0.5\nlinear,1\n",
 * );
 * Deno.removeSync(path);
 * ```
 */
export function writeCsv<Column extends string>(
  path: string,
  rows: readonly CsvRow<Column>[],
  columns: readonly Column[] = Object.keys(rows[0] ?? {}) as Column[],
): void {
  const fields = rows.map((row) => fieldsOf(row, columns, path));
  writeAtomically(path, stringify([columns, ...fields]));
}

/**
 * Reads a CSV log back, also one that a spreadsheet has saved with CRLF or a
 * byte order mark.
 *
 * @returns one record per row, its fields by column as they are written
 * @throws {Error} `Cannot read <path>: <reason>` if the file cannot be read, is
 * no CSV in UTF-8, or has no commas between its columns; what Deno or the
 * parser threw is the cause
 */
export function readCsvLog(path: string): Record<string, string>[] {
  try {
    const text = new TextDecoder().decode(Deno.readFileSync(path));
    if (/[\ufffd\0]/.test(text)) {
      throw new Error("it must be text in UTF-8: got other bytes");
    }
    refuseOtherSeparators(text);
    return parse(text, { columns: checkColumns });
  } catch (error) {
    throw explainIoError(`read ${path}`, error);
  }
}

/** A row's fields in the order of the columns. */
function fieldsOf<Column extends string>(
  row: CsvRow<Column>,
  columns: readonly Column[],
  path: string,
): CsvValue[] {
  const names = Object.keys(row);
  if (
    names.length !== columns.length ||
    !columns.every((column) => Object.hasOwn(row, column))
  ) {
    throw new TypeError(
      `Cannot write ${path}: a row must have the columns ${columns}: got ${names}`,
    );
  }
  return columns.map((column) => row[column]);
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

/** The header's names have none of the characters that separate elsewhere. */
function refuseOtherSeparators(text: string) {
  const [header = ""] = text.split(/[\r\n]/, 1);
  if (!/[;\t]/.test(header)) return;
  throw new Error(
    `columns must be separated by commas: got the header ${
      JSON.stringify(header.slice(0, LONGEST_QUOTE))
    }`,
  );
}

function checkColumns(names: string[]): string[] {
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined) {
    throw new Error(
      `each column must have a name of its own: got ${twice} twice`,
    );
  }
  return names;
}
