import { unlessClosed } from "../base/terminal_output.ts";

/** Where a script's text goes. */
export interface Output {
  /** Prints text for the reader on stdout; nothing under `--quiet`. */
  log(text: string): void;
  /** Prints the main numbers as a line of JSON under `--json`; call it last. */
  result(numbers: Readonly<Record<string, unknown>>): void;
}

/**
 * The output of a script that has the flags `--quiet` and `--json`.
 *
 * @param options the two flags
 * @returns where to print
 */
export function createOutput(
  { quiet, json }: { readonly quiet: boolean; readonly json: boolean },
): Output {
  return {
    log(text) {
      if (!quiet) unlessClosed(() => console.log(text));
    },
    result(numbers) {
      if (json) console.log(JSON.stringify(numbers));
    },
  };
}
