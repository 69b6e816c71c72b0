/** A flag or its value is at fault. {@linkcode runMain} ends the process with exit code 2. */
export class UsageError extends Error {
  override name = "UsageError";
}

/** The user stopped the run with Ctrl-C. {@linkcode runMain} ends the process with exit code 130. */
export class InterruptedError extends Error {
  override name = "InterruptedError";
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
