import { Argument, Command, CommanderError, Option } from "commander";
import { HelpRequested, UsageError } from "../base/errors.ts";
import { flagName } from "../base/format.ts";
import type { Flag, FlagSpec, FlagValues, ValueKind } from "./flags.ts";
import { textColumns } from "../base/terminal.ts";
import { isDeepStrictEqual } from "node:util";

/**
 * Reads a script's command line against the spec of its configuration.
 *
 * Field `learningRate` is the flag `--learning-rate`; a value follows as the
 * next argument or after `=`. Where a flag is repeated, the last one counts.
 * What is no flag goes to the positional fields, in the order of the spec.
 *
 * @param task name of the script's task in deno.json
 * @param summary what the script does, for `--help`
 * @param spec the fields of the configuration, in the order of the help
 * @param args the arguments, `Deno.args`
 * @param fallbacks values of flags that are not given, in place of the spec's
 *   defaults
 * @returns every field with its value, in the order of the spec
 * @throws {UsageError} for an unknown flag, an argument too many or too few, or
 *   a value that is not allowed
 * @throws {HelpRequested} for `--help`
 *
 * @example
 * ```ts
 * import { flag, integer, listFlag, number, parseFlags } from "alphalab/cli";
 * import { deepEqual } from "node:assert/strict";
 *
 * const FLAGS = {
 *   epochs: flag(integer({ min: 1 }), { default: 3, describe: "passes (§4)" }),
 *   lambda: listFlag(number(), { default: [0.5], describe: "penalty" }),
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
  fallbacks: Readonly<Record<string, unknown>> = {},
): FlagValues<F> {
  const positionals = Object.entries(spec)
    .filter(([, { positional }]) => positional);
  const command = new Command(`deno task ${task}`)
    .usage([...positionals.map(termOf), "[flags]"].join(" "))
    .description(summary)
    .exitOverride()
    .configureOutput({
      writeOut: () => {},
      writeErr: () => {},
      getOutHelpWidth: textColumns,
      // commander would read environment variables, which the sandbox forbids.
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .optionsGroup("Flags:")
    .helpOption("-h, --help", "show this help");
  const values: Record<string, unknown> = {};
  for (const [field, flag] of Object.entries(spec)) {
    values[field] = field in fallbacks ? fallbacks[field] : flag.default;
    if (flag.positional) command.addArgument(argumentOf(field, flag));
    else for (const one of optionsOf(field, flag)) command.addOption(one);
  }
  try {
    command.parse(splitValues(args), { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === "commander.helpDisplayed") {
      throw new HelpRequested(command.helpInformation().trimEnd());
    }
    throw usageErrorOf(error, command.args, positionals);
  }
  command.args.forEach((_, i) => {
    values[positionals[i]![0]] = command.processedArgs[i];
  });
  return Object.assign(values, command.opts()) as FlagValues<F>;
}

/**
 * The flags that a command line names, to refuse what has no effect: a default
 * that has none is no mistake, nor is what a resumed run was started with.
 *
 * @param spec the fields of the configuration
 * @param args the arguments, `Deno.args`
 * @returns the given fields alone, with their values
 * @throws {UsageError} and {HelpRequested} as {@linkcode parseFlags}
 *
 * @example
 * ```ts
 * import { givenFlags } from "#lib/cli/command_line.ts";
 * import { flag, integer } from "alphalab/cli";
 * import { deepEqual } from "node:assert/strict";
 *
 * const FLAGS = {
 *   epochs: flag(integer(), { default: 3, describe: "passes" }),
 *   seed: flag(integer(), { default: 0, describe: "of all randomness" }),
 * };
 * deepEqual(givenFlags(FLAGS, ["--epochs", "3"]), { epochs: 3 });
 * ```
 */
export function givenFlags<F extends FlagSpec>(
  spec: F,
  args: readonly string[],
): Partial<FlagValues<F>> {
  const none = Object.keys(spec).map((field) => [field, undefined]);
  const values = parseFlags("", "", spec, args, Object.fromEntries(none));
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined),
  ) as Partial<FlagValues<F>>;
}

type Field = readonly [name: string, flag: Flag<unknown>];

/** A positional in the usage line: in brackets where it may be left out. */
function termOf([field, flag]: Field): string {
  const name = flagName(field);
  return "default" in flag ? `[${name}]` : `<${name}>`;
}

function argumentOf(field: string, flag: Flag<unknown>): Argument {
  const [kind, name] = [flag.kind!, flagName(field)];
  return new Argument(termOf([field, flag]), describe(flag, kind))
    .argParser((text: string) => parseValue(name, kind, text));
}

function optionsOf(field: string, flag: Flag<unknown>): Option[] {
  const name = flagName(field);
  if (/^(no-|help$)/.test(name)) {
    throw new TypeError(
      `Cannot make a flag: the field's name must not be help or begin with no: got ${field}`,
    );
  }
  const { kind } = flag;
  if (kind === undefined) {
    return flag.default
      ? [
        new Option(`--${name}`, flag.describe).hideHelp(),
        new Option(`--no-${name}`, `do not ${flag.describe}`),
      ]
      : [new Option(`--${name}`, flag.describe)];
  }
  const option = new Option(
    `--${name} <${kind.placeholder}>`,
    describe(flag, kind),
  );
  option.argParser((text: string) => parseValue(`--${name}`, kind, text));
  return [option];
}

/** What a field is, which values are allowed, and its default. */
function describe(flag: Flag<unknown>, kind: ValueKind<unknown>): string {
  const { unit, default: value } = flag;
  // with spaces, so that a long list can be broken
  const text = String(value).replaceAll(",", ", ") || "none";
  const shown = unit === undefined ? text : `${text} ${unit}`;
  const remarks = [
    kind.expected === `a ${kind.placeholder}` ? [] : kind.expected,
    value === undefined || value === null ? [] : `default: ${shown}`,
  ].flat().join("; ");
  return remarks === "" ? flag.describe : `${flag.describe} [${remarks}]`;
}

function parseValue<T>(name: string, kind: ValueKind<T>, text: string): T {
  // commander takes whatever follows: a forgotten value must not eat a flag
  const value = text.startsWith("--") ? undefined : kind.parse(text);
  if (value === undefined) {
    throw new UsageError(
      `Cannot parse ${name}: expected ${kind.expected}: got ${
        JSON.stringify(text)
      }`,
    );
  }
  return value;
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
  args: readonly string[],
  positionals: readonly Field[],
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
    case "commander.excessArguments": {
      const expected = positionals.length === 0
        ? "flags only"
        : `only ${positionals.map(termOf).join(" ")} and flags`;
      return new UsageError(
        `Cannot parse the flags: expected ${expected} (see --help): got ${
          JSON.stringify(args[positionals.length])
        }`,
      );
    }
    case "commander.missingArgument": {
      const [field, flag] = positionals[args.length]!;
      return new UsageError(
        `Cannot parse ${flagName(field)}: expected ${
          flag.kind!.expected
        }: got none`,
      );
    }
    case "commander.optionMissingArgument": {
      const [flag] = /--[\w-]+/.exec(error.message) ?? [];
      return new UsageError(`Cannot parse ${flag}: expected a value: got none`);
    }
    default:
      return new UsageError(`Cannot parse the flags: ${error.message}`);
  }
}

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
 * import { commandLine } from "#lib/cli/command_line.ts";
 * import { flag, integer } from "alphalab/cli";
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
  );
  const words = changed.filter(([field]) => spec[field]?.positional)
    .map(([, value]) => quote(value));
  const flags = changed.filter(([field]) => !spec[field]?.positional)
    .map(([field, value]) =>
      value === false ? [`no-${field}`, true] : [field, value]
    );
  const text = describeConfig(Object.fromEntries(flags), Infinity).trim();
  return ["deno task", task, ...words, text].join(" ").trim();
}

/**
 * A configuration as the flags that would give it, for the reader.
 *
 * @param config fields in camelCase; what is false, null or empty is left
 *   out
 * @param width columns to stay within; the terminal's by default
 * @returns lines, joined by newlines, each indented by two
 *
 * @example
 * ```ts
 * import { describeConfig } from "#lib/cli/command_line.ts";
 *
 * console.log(describeConfig({ batchSize: 100, lambda: [0.1, 0.5] }));
 * //   --batch-size 100 --lambda 0.1,0.5
 * ```
 */
export function describeConfig(
  config: Readonly<Record<string, unknown>>,
  width = textColumns(),
): string {
  const lines: string[] = [];
  for (const [field, value] of Object.entries(config)) {
    if (value === false || value === null || String(value) === "") continue;
    const name = flagName(field);
    const flag = value === true ? ` --${name}` : ` --${name} ${quote(value)}`;
    const last = lines.at(-1);
    if (last === undefined || last.length + flag.length > width) {
      lines.push(` ${flag}`);
    } else lines[lines.length - 1] = last + flag;
  }
  return lines.join("\n");
}

/** A value as a shell takes it for one word. */
function quote(value: unknown): string {
  const text = String(value);
  return /^[\p{L}\p{N}_./,:=@%+-]+$/u.test(text)
    ? text
    : `'${text.replaceAll("'", "'\\''")}'`;
}
