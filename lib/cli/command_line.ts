import { describeConfig } from "./describe_config.ts";
import type { FlagSpec } from "./flags.ts";
import { isDeepStrictEqual } from "node:util";

/**
 * The command that gives a configuration: a task and the flags that differ
 * from their defaults.
 *
 * @param task the task's name in deno.json
 * @param spec the task's flags
 * @param config some of their values
 * @returns one line
 *
 * @example
 * ```ts
 * import { commandLine, flag, integer } from "alphalab";
 * import { equal } from "node:assert/strict";
 *
 * const FLAGS = {
 *   epochs: flag(integer(), { default: 3, describe: "passes" }),
 *   seed: flag(integer(), { default: 0, describe: "of all randomness" }),
 * };
 * equal(
 *   commandLine("my-task", FLAGS, { epochs: 5, seed: 0 }),
 *   "deno task my-task --epochs 5",
 * );
 * ```
 */
export function commandLine(
  task: string,
  spec: FlagSpec,
  config: Readonly<Record<string, unknown>>,
): string {
  const changed = Object.entries(config).filter(([field, value]) =>
    !isDeepStrictEqual(value, spec[field]?.default)
  ).map(([field, value]) =>
    value === false ? [`no-${field}`, true] : [field, value]
  );
  const flags = describeConfig(Object.fromEntries(changed), Infinity).trim();
  return `deno task ${task} ${flags}`.trim();
}
