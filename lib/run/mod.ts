/**
 * A run's directory: its record, checkpoint and logs.
 *
 * @module
 */
export type { JsonValue } from "../base/json_value.ts";
export type { Checkpoint, CheckpointTensor } from "./checkpoint.ts";
export { type CsvRow, type CsvValue, writeCsv } from "./csv_log.ts";
export {
  openRunDirectory,
  type RunDirectory,
  type RunDirectoryOptions,
} from "./run_directory.ts";
export type { LogSpec } from "./run_logs.ts";
export type { Facts, RunIdentity } from "./run_record.ts";
