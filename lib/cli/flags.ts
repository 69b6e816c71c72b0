import { list, type ValueKind } from "./flag_values.ts";

export { choice, integer, number, text } from "./flag_values.ts";

/** One field of a script's configuration, and so one flag of its command line. */
export interface Flag<T> {
  /** The value where the flag is not given; without one it must be given. */
  readonly default?: T;
  /** What the field is and where its default comes from (§, table). */
  readonly describe: string;
  /** The unit of the value, printed behind the default. */
  readonly unit?: string;
  /** How the value is read; a flag without it is a boolean and takes no value. */
  readonly kind?: ValueKind<T>;
  /** Whether the value stands by itself, in the order of the spec. */
  readonly positional?: boolean;
}

// deno-lint-ignore no-explicit-any -- stands for every Flag<T>
type AnyFlag = Flag<any>;

/** A script's configuration: its fields by their camelCase names. */
export type FlagSpec = Readonly<Record<string, AnyFlag>>;

/** The type of the configuration that a {@linkcode FlagSpec} describes. */
export type FlagValues<F extends FlagSpec> = {
  readonly [Field in keyof F]: F[Field] extends Flag<infer T> ? T : never;
};

/**
 * A flag with one value, `--learning-rate 0.001`.
 *
 * @param kind which values are allowed
 * @param options the default, what the field is, and its unit
 * @returns the flag, for {@linkcode parseFlags}
 */
export function flag<T>(
  kind: ValueKind<T>,
  options: {
    readonly default: NoInfer<T>;
    readonly describe: string;
    readonly unit?: string;
  },
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
  options: {
    readonly default: readonly NoInfer<T>[];
    readonly describe: string;
    readonly unit?: string;
  },
): Flag<readonly T[]> {
  return { ...options, kind: list(item) };
}

/**
 * A flag without a value, `--force`, or `--no-shuffle` where the default is true.
 *
 * @param options what the field is, and its default, false where it is left out
 * @returns the flag, for {@linkcode parseFlags}
 */
export function booleanFlag(
  options: { readonly describe: string; readonly default?: boolean },
): Flag<boolean> {
  return { default: false, ...options };
}

/**
 * An argument that stands by itself, as in `classify MODEL IMAGE`.
 *
 * @param kind which values are allowed
 * @param options what the field is, and its value where it is not given; an
 *   argument without a default must be given
 * @returns the argument, for {@linkcode parseFlags}
 *
 * @example
 * ```ts
 * import { choice, parseFlags, positional, text } from "alphalab";
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
