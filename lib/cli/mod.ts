/**
 * Flags from one description per flag, and a script's way to end.
 *
 * @module
 */
export { parseFlags } from "./command_line.ts";
export {
  booleanFlag,
  type Bounds,
  choice,
  type Flag,
  flag,
  type FlagOptions,
  type FlagSpec,
  type FlagValues,
  integer,
  listFlag,
  number,
  positional,
  text,
  type ValueKind,
} from "./flags.ts";
export { createOutput, type Output } from "./output.ts";
export { runMain } from "./run_main.ts";
