import { explainIoError } from "../base/explain_io_error.ts";
import { parseRunRecord, RECORD_FILE, type RunRecord } from "./run_record.ts";

/**
 * Reads the record in a run's directory.
 *
 * @param directory the run's directory
 * @returns the content of its `config.json`
 * @throws {Error} `Cannot read <path>: ...` where there is none, or none of ours
 */
export function readRunRecord(directory: string): RunRecord {
  const path = `${directory}/${RECORD_FILE}`;
  let text;
  try {
    text = Deno.readTextFileSync(path);
  } catch (error) {
    throw explainIoError(`read ${path}`, error);
  }
  return parseRunRecord(text, path);
}
