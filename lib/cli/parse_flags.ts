import { Command, CommanderError, Option } from "commander";
import { HelpRequested, UsageError } from "./errors.ts";
import { flagName } from "./flag_name.ts";
import type { Flag, FlagSpec, FlagValues } from "./flags.ts";

/** Columns of the help: what a terminal has at least. */
const HELP_WIDTH = 80;

/**
 * Reads a script's command line against the spec of its configuration.
 *
 * Field `learningRate` is the flag `--learning-rate`; a value follows as the
 * next argument or after `=`. Where a flag is repeated, the last one counts.
 *
 * @param task name of the script's task in deno.json
 * @param summary what the script does, for `--help`
 * @param spec the fields of the configuration, in the order of the help
 * @param args the arguments, `Deno.args`
 * @returns every field with its value, in the order of the spec
 * @throws {UsageError} for an unknown flag, an argument that is no flag, or a value that is not allowed
 * @throws {HelpRequested} for `--help`
 *
 * @example
 * ```ts
 * import { flag, integer, listFlag, number, parseFlags } from "alphalab";
 * import { deepEqual } from "node:assert/strict";
 *
 * const FLAGS = {
 *   epochs: flag(integer({ min: 1 }), { default: 3, describe: "passes (§4)" }),
 *   lambda: listFlag(number({ min: 0 }), { default: [0.5], describe: "penalty" }),
 * };
 * deepEqual(parseFlags("my-task", "Trains.", FLAGS, ["--lambda=0.1,2"]), {
 *   epochs: 3,
 *   lambda: [0.1, 2],
 * });
 * ```
 */
export function parseFlags<F extends FlagSpec>(
  task: string,
  summary: string,
  spec: F,
  args: readonly string[],
): FlagValues<F> {
  const command = new Command(`deno task ${task}`)
    .usage("[flags]")
    .description(summary)
    .exitOverride()
    .configureOutput({
      writeOut: () => {},
      writeErr: () => {},
      getOutHelpWidth: () => HELP_WIDTH,
      // commander's own answer reads environment variables, which the sandbox forbids
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .optionsGroup("Flags:")
    .helpOption("-h, --help", "show this text and end");
  const values: Record<string, unknown> = {};
  for (const [field, flag] of Object.entries(spec)) {
    values[field] = flag.default;
    for (const option of optionsOf(field, flag)) command.addOption(option);
  }
  try {
    command.parse(splitValues(args), { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === "commander.helpDisplayed") {
      throw new HelpRequested(command.helpInformation().trimEnd());
    }
    throw usageErrorOf(error, command.args);
  }
  return Object.assign(values, command.opts()) as FlagValues<F>;
}

function optionsOf(field: string, flag: Flag<unknown>): Option[] {
  const name = flagName(field);
  if (/^(no-|help$)/.test(name)) {
    throw new TypeError(
      `Cannot make a flag: the field's name must not be help or begin with no: got ${field}`,
    );
  }
  const { kind, unit } = flag;
  if (kind === undefined) {
    return flag.default
      ? [
        new Option(`--${name}`, flag.describe).hideHelp(),
        new Option(`--no-${name}`, `turn off: ${flag.describe}`),
      ]
      : [new Option(`--${name}`, flag.describe)];
  }
  const isObvious = kind.expected === `a ${kind.placeholder}`;
  const allowed = isObvious ? "" : `${kind.expected}; `;
  const shown = unit === undefined ? flag.default : `${flag.default} ${unit}`;
  const option = new Option(
    `--${name} <${kind.placeholder}>`,
    `${flag.describe} (${allowed}default: ${shown})`,
  );
  option.argParser((text: string) => {
    // commander takes whatever follows: a forgotten value must not eat a flag
    const value = text.startsWith("--") ? undefined : kind.parse(text);
    if (value === undefined) {
      throw new UsageError(
        `Cannot parse --${name}: expected ${kind.expected}: got ${
          JSON.stringify(text)
        }`,
      );
    }
    return value;
  });
  return [option];
}

/** `--flag=value` as two arguments, so that both forms meet the same checks. */
function splitValues(args: readonly string[]): string[] {
  return args.flatMap((arg) => {
    const split = /^(--[^=]+)=(.*)$/s.exec(arg);
    return split ? [split[1]!, split[2]!] : [arg];
  });
}

function usageErrorOf(
  error: CommanderError,
  positionals: readonly string[],
): UsageError {
  switch (error.code) {
    case "commander.unknownOption": {
      const [, flag, nearest] =
        /'(.*)'(?:\n\(Did you mean (.*)\?\))?$/s.exec(error.message) ?? [];
      const hint = nearest ? `did you mean ${nearest}?` : "see --help";
      return new UsageError(
        `Cannot parse the flags: expected a known flag (${hint}): got ${
          JSON.stringify(flag)
        }`,
      );
    }
    case "commander.excessArguments":
      return new UsageError(
        `Cannot parse the flags: expected flags only (see --help): got ${
          JSON.stringify(positionals[0])
        }`,
      );
    case "commander.optionMissingArgument": {
      const [flag] = /--[\w-]+/.exec(error.message) ?? [];
      return new UsageError(`Cannot parse ${flag}: expected a value: got none`);
    }
    default:
      return new UsageError(`Cannot parse the flags: ${error.message}`);
  }
}
