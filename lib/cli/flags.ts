/** One field of a task's configuration, and so one flag of its command line. */
export interface Flag<T> {
  /** The value of a flag that is not given; without one it must be given. */
  readonly default?: T;
  /** What the field is and where its default comes from (§, table). */
  readonly describe: string;
  /** The unit of the value, printed behind the default. */
  readonly unit?: string;
  /** Whether results depend on the value; false is for where and how to run. */
  readonly decides?: boolean;
  /** How the value is read; a flag without a kind is a boolean. */
  readonly kind?: ValueKind<T>;
  /** Whether the value stands by itself, in the order of the spec. */
  readonly positional?: boolean;
}

/** A task's configuration: its fields by their camelCase names. */
// deno-lint-ignore no-explicit-any -- stands for every Flag<T>
export type FlagSpec = Readonly<Record<string, Flag<any>>>;

/** The type of the configuration that a {@linkcode FlagSpec} describes. */
export type FlagValues<F extends FlagSpec> = {
  readonly [Field in keyof F]: F[Field] extends Flag<infer T> ? T : never;
};

/** What {@linkcode flag} and {@linkcode listFlag} make a flag from. */
export interface FlagOptions<T> {
  /** The value of a flag that is not given. */
  readonly default: T;
  /** What the field is and where its default comes from (§, table). */
  readonly describe: string;
  /** The unit of the value, or of each item of a list. */
  readonly unit?: string;
  /** Whether results depend on the value; true by default. */
  readonly decides?: boolean;
}

/**
 * A flag with one value, `--learning-rate 0.001`.
 *
 * @param kind which values are allowed
 * @param options the default, what the field is, and its unit
 * @returns the flag, for {@linkcode parseFlags}
 */
export function flag<T>(
  kind: ValueKind<T>,
  options: FlagOptions<NoInfer<T>>,
): Flag<T> {
  return { ...options, kind };
}

/**
 * A flag with a list, `--lambda 0.1,0.5`: no empty item, none twice.
 *
 * @param item which values one item may have
 * @param options the default, what the field is, and its items' unit
 * @returns the flag, for {@linkcode parseFlags}
 */
export function listFlag<T>(
  item: ValueKind<T>,
  options: FlagOptions<readonly NoInfer<T>[]>,
): Flag<readonly T[]> {
  return { ...options, kind: list(item) };
}

/**
 * A flag without a value: `--force`, or `--no-shuffle` if the default is true.
 *
 * @param options what the field is, its default, which is false unless it is
 *   given, and whether results depend on it
 * @returns the flag, for {@linkcode parseFlags}
 */
export function booleanFlag(
  options: {
    readonly default?: boolean;
    readonly describe: string;
    readonly decides?: boolean;
  },
): Flag<boolean> {
  return { default: false, ...options };
}

/**
 * An argument that stands by itself, as in `classify MODEL IMAGE`.
 *
 * @param kind which values are allowed
 * @param options what the field is, and its default; an argument without a
 *   default must be given
 * @returns the argument, for {@linkcode parseFlags}
 *
 * @example
 * ```ts
 * import { choice, parseFlags, positional, text } from "alphalab/cli";
 * import { deepEqual } from "node:assert/strict";
 *
 * const FLAGS = {
 *   name: positional(choice(["mnist", "cifar-10"]), { describe: "data set" }),
 *   from: positional(text(), { default: null, describe: "directory" }),
 * };
 * deepEqual(parseFlags("data", "Downloads.", FLAGS, ["mnist"]), {
 *   name: "mnist",
 *   from: null,
 * });
 * ```
 */
export function positional<T, D = never>(
  kind: ValueKind<T>,
  options: { readonly describe: string; readonly default?: D },
): Flag<T | D> {
  return { ...options, kind, positional: true };
}

/** How the text of a flag's value becomes a value. */
export interface ValueKind<T> {
  /** Stands for the value in the help, in angle brackets. */
  readonly placeholder: string;
  /** Completes the sentence "expected …". */
  readonly expected: string;
  /** Reads one value; `undefined` for a text that is not allowed. */
  readonly parse: (text: string) => T | undefined;
}

/** Which numbers are allowed; a bound that is not given does not bind. */
export interface Bounds {
  /** The smallest that is allowed. */
  readonly min?: number;
  /** All values above it are allowed. */
  readonly greaterThan?: number;
  /** The largest that is allowed. */
  readonly max?: number;
  /** All values below it are allowed. */
  readonly lessThan?: number;
}

const DECIMAL = /^-?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const INTEGER = /^-?\d+$/;

/**
 * One of the given words.
 *
 * @param options the words that are allowed
 * @returns the kind for {@linkcode flag} or {@linkcode listFlag}
 */
export function choice<const T extends string>(
  options: readonly T[],
): ValueKind<T> {
  return {
    placeholder: "choice",
    expected: `one of ${options.join(", ")}`,
    parse: (text) => options.find((option) => option === text),
  };
}

/**
 * A finite number in decimal notation, with or without an exponent.
 *
 * @param bounds which numbers are allowed
 * @returns the kind for {@linkcode flag} or {@linkcode listFlag}
 */
export function number(bounds: Bounds = {}): ValueKind<number> {
  return {
    placeholder: "number",
    expected: `a number${describeBounds(bounds)}`,
    parse: (text) => parseWithin(DECIMAL, text, bounds),
  };
}

/**
 * A whole number that float64 holds exactly, in plain digits.
 *
 * @param bounds which numbers are allowed
 * @returns the kind for {@linkcode flag} or {@linkcode listFlag}
 */
export function integer(bounds: Bounds = {}): ValueKind<number> {
  return {
    placeholder: "integer",
    expected: `an integer${describeBounds(bounds)}`,
    parse: (text) => {
      const value = parseWithin(INTEGER, text, bounds);
      return Number.isSafeInteger(value) ? value : undefined;
    },
  };
}

/**
 * Any text but the empty one.
 *
 * @returns the kind for {@linkcode flag} or {@linkcode listFlag}
 */
export function text(): ValueKind<string> {
  return {
    placeholder: "text",
    expected: "a text",
    parse: (text) => text === "" ? undefined : text,
  };
}

/** Values of one kind, separated by commas; no empty item, none twice. */
function list<T>(item: ValueKind<T>): ValueKind<readonly T[]> {
  return {
    placeholder: "list",
    expected: `comma-separated values without repeats, each ${item.expected}`,
    parse: (text) => {
      const values: T[] = [];
      for (const part of text.split(",")) {
        const value = item.parse(part);
        if (value === undefined || values.includes(value)) return undefined;
        values.push(value);
      }
      return values;
    },
  };
}

function parseWithin(
  pattern: RegExp,
  text: string,
  { min, greaterThan, max, lessThan }: Bounds,
): number | undefined {
  if (!pattern.test(text)) return undefined;
  const value = Number(text) + 0; // -0 becomes 0
  const allowed = Number.isFinite(value) &&
    (min === undefined || value >= min) &&
    (greaterThan === undefined || value > greaterThan) &&
    (max === undefined || value <= max) &&
    (lessThan === undefined || value < lessThan);
  return allowed ? value : undefined;
}

function describeBounds({ min, greaterThan, max, lessThan }: Bounds): string {
  if (min !== undefined && max !== undefined) return ` from ${min} to ${max}`;
  const parts = [
    min === undefined ? [] : `of at least ${min}`,
    greaterThan === undefined ? [] : `greater than ${greaterThan}`,
    max === undefined ? [] : `of at most ${max}`,
    lessThan === undefined ? [] : `less than ${lessThan}`,
  ].flat();
  return parts.length === 0 ? "" : ` ${parts.join(" and ")}`;
}
