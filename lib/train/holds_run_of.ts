import { listDirectory } from "./find_run.ts";
import { readRunRecord } from "./read_run_record.ts";
import { RECORD_FILE } from "./run_record.ts";

/**
 * Whether a directory holds a run of a task: one that takes seconds replaces
 * its own without being asked.
 *
 * @param path a directory, there or not
 * @param task its name in deno.json
 * @throws {Error} `Cannot read <path>: <reason>` for a damaged record
 */
export function holdsRunOf(path: string, task: string): boolean {
  return (listDirectory(path)?.includes(RECORD_FILE) ?? false) &&
    readRunRecord(path).pinned.task === task;
}
