import { parse } from "csv-parse/sync";

/**
 * Reads a CSV log back.
 *
 * @returns one record a row, its fields by column as they are written
 * @throws Error if the file cannot be read or is no CSV
 */
export function readCsvLog(path: string): Record<string, string>[] {
  return parse(Deno.readTextFileSync(path), { columns: true });
}
