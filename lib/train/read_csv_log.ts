import { parse } from "csv-parse/sync";
import { explainIoError } from "./explain_io_error.ts";

/**
 * Reads a CSV log back.
 *
 * @returns one record a row, its fields by column as they are written
 * @throws {Error} `Cannot read <path>: <reason>` if the file cannot be read or
 * is no CSV; what Deno or the parser threw is the cause
 */
export function readCsvLog(path: string): Record<string, string>[] {
  try {
    return parse(Deno.readTextFileSync(path), { columns: true });
  } catch (error) {
    throw explainIoError(`read ${path}`, error);
  }
}
