/** A flag or its value is at fault. {@linkcode runMain} ends the process with exit code 2. */
export class UsageError extends Error {
  override name = "UsageError";
}

/**
 * The user stopped the run, with Ctrl-C or another signal. {@linkcode runMain}
 * ends the process with exit code 128 + the signal's number.
 */
export class InterruptedError extends Error {
  override name = "InterruptedError";
  /** What stopped it. */
  readonly signal: Deno.Signal;

  /**
   * @param message where it was stopped, and how to go on
   * @param options.signal what stopped it; Ctrl-C where left out
   */
  constructor(
    message: string,
    options: ErrorOptions & { readonly signal?: Deno.Signal } = {},
  ) {
    super(message, options);
    this.signal = options.signal ?? "SIGINT";
  }
}

/** `--help` was given. {@linkcode runMain} prints {@linkcode help} on stdout and ends with exit code 0. */
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
