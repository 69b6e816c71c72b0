/**
 * A flag or its value is at fault. {@linkcode runMain} ends the process with
 * exit code 2.
 */
export class UsageError extends Error {
  override name = "UsageError";
}

/**
 * The user stopped the run, with Ctrl-C or another signal. {@linkcode runMain}
 * ends the process with exit code 128 + the signal's number.
 */
export class InterruptedError extends Error {
  override name = "InterruptedError";
  /** What stopped the run. */
  readonly signal: Deno.Signal;

  /**
   * @param message where the run was stopped, and how to go on
   * @param options.signal what stopped the run, Ctrl-C by default
   */
  constructor(
    message: string,
    options: ErrorOptions & { readonly signal?: Deno.Signal } = {},
  ) {
    super(message, options);
    this.signal = options.signal ?? "SIGINT";
  }
}

/**
 * `--help` was given. {@linkcode runMain} prints {@linkcode help} on stdout and
 * ends with exit code 0.
 */
export class HelpRequested extends Error {
  override name = "HelpRequested";
  /** The text to print, with no newline at its end. */
  readonly help: string;

  /** @param help the text to print */
  constructor(help: string) {
    super("Help was asked for");
    this.help = help;
  }
}

/** A net's loss or one of its parameters is no finite number any more. */
export class DivergenceError extends Error {
  override name = "DivergenceError";
}

/**
 * Refuses a number that is no integer, or too small.
 *
 * @param action what cannot be done with it, as in `make dense layer fc1`
 * @param values the numbers by their names
 * @param min the smallest that is allowed
 * @throws {RangeError} `Cannot <action>: <name> must be an integer from <min>:
 *   got <value>`
 *
 * @example
 * ```ts
 * import { checkIntegers } from "#lib/base/errors.ts";
 * import { throws } from "node:assert/strict";
 *
 * checkIntegers("make a layer", { outFeatures: 10 }, 1);
 * throws(() => checkIntegers("make a layer", { outFeatures: 0 }, 1));
 * ```
 */
export function checkIntegers(
  action: string,
  values: Readonly<Record<string, number>>,
  min: number,
): void {
  for (const [name, value] of Object.entries(values)) {
    if (Number.isInteger(value) && value >= min) continue;
    throw new RangeError(
      `Cannot ${action}: ${name} must be an integer from ${min}: got ${value}`,
    );
  }
}

/**
 * Turns what Deno throws for a file into the project's one-line error.
 *
 * @param action what could not be done, with the path, as in `write runs/a.csv`
 * @param error the error that Deno threw; it becomes the cause
 * @returns an Error `Cannot <action>: <reason>`
 */
export function explainIoError(action: string, error: unknown): Error {
  return new Error(`Cannot ${action}: ${reasonOf(error)}`, { cause: error });
}

function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  if (message.startsWith("Requires write access")) {
    return "the task may write under runs/ only";
  }
  if (message.startsWith("Requires read access")) {
    return "the task may read under the project's directory only";
  }
  // Deno: "No space left on device (os error 28): write 'a.csv'".
  const reason = message.replace(/ \(os error \d+\).*$/s, "");
  return reason.charAt(0).toLowerCase() + reason.slice(1);
}
