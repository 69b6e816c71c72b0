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

/** The narrowest table, and the widest: longer lines are hard to read. */
const [MIN_TEXT_COLUMNS, MAX_TEXT_COLUMNS] = [40, 200];

/**
 * The width of tables, settings and remarks: the terminal's.
 *
 * @returns columns, from 40 to 200; 80 where stdout is no terminal
 */
export function textColumns(): number {
  return Math.max(MIN_TEXT_COLUMNS, Math.min(columns(), MAX_TEXT_COLUMNS));
}

/**
 * Whether to print colours: stdout is a terminal and NO_COLOR (no-color.org) is not set.
 *
 * @returns true where escape codes are welcome
 */
export function useColor(): boolean {
  return isInteractive() && !Deno.noColor;
}
