import { readCsvLog } from "./read_csv_log.ts";
import type { RunDirectory } from "./run_directory.ts";

/**
 * What each net of a run with `times.csv` took: its epochs' seconds, summed over
 * all parts of the run.
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
