import { formatDuration } from "../base/format.ts";
import type { RunDirectory } from "./run_directory.ts";

/**
 * What every task that keeps a run says at its end.
 *
 * @param run complete, with a `report.md`
 * @returns how long it took, all parts of an interrupted run together, and
 *   where the results are
 */
export function completeLine(
  run: Pick<RunDirectory, "seconds" | "file">,
): string {
  return `complete in ${formatDuration(run.seconds)}: ${run.file("report.md")}`;
}
