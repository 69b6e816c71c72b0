/** Columns where stdout is no terminal. */
const DEFAULT_COLUMNS = 80;

/**
 * Whether stdout is a terminal, so that a progress bar makes sense.
 *
 * @returns true at a terminal, false in a pipe or a file
 */
export function isInteractive(): boolean {
  return Deno.stdout.isTerminal();
}

/**
 * The width of the terminal.
 *
 * @returns columns, 80 where stdout is no terminal or the terminal does not know
 */
export function columns(): number {
  return (isInteractive() && Deno.consoleSize().columns) || DEFAULT_COLUMNS;
}

/**
 * Whether to print colours: stdout is a terminal and NO_COLOR (no-color.org) is not set.
 *
 * @returns true where escape codes are welcome
 */
export function useColor(): boolean {
  return isInteractive() && !Deno.noColor;
}
