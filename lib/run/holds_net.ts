import { isDeepStrictEqual } from "node:util";
import { listDirectory } from "./find_run.ts";
import { readRunRecord } from "./read_run_record.ts";
import { type Facts, RECORD_FILE } from "./run_record.ts";

/**
 * Whether a run has left a net that was trained with some settings.
 *
 * @param directory the run's, there or not
 * @param file the net's `netFile`
 * @param settings values that the run's config must have
 * @returns false too where it is no run
 * @throws {Error} `Cannot read <path>: ...` for a damaged record
 */
export function holdsNet(
  directory: string,
  file: string,
  settings: Facts,
): boolean {
  const names = listDirectory(directory) ?? [];
  if (!names.includes(file) || !names.includes(RECORD_FILE)) return false;
  const { config } = readRunRecord(directory);
  return Object.entries(settings)
    .every(([name, value]) => isDeepStrictEqual(config[name], value));
}
