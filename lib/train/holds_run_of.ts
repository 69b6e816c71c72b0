import { listDirectory } from "./find_run.ts";
import { readRunRecord } from "./read_run_record.ts";
import { RECORD_FILE } from "./run_record.ts";

/**
 * Whether a directory holds a run of a task: one that takes seconds replaces
 * its own without being asked, and refuses another task's.
 *
 * @param path a directory, there or not
 * @param task its name in deno.json
 * @returns false where it holds no run at all
 * @throws {Error} where it holds another task's, or `Cannot read <path>:
 *   <reason>` for a damaged record
 */
export function holdsRunOf(path: string, task: string): boolean {
  if (!listDirectory(path)?.includes(RECORD_FILE)) return false;
  const { pinned } = readRunRecord(path);
  if (pinned.task === task) return true;
  throw new Error(
    `Cannot start run: directory ${path} must hold no other task's run without --force: got one of ${pinned.task}`,
  );
}
