import { fstatSync } from "node:fs";

/** Columns where stdout is no terminal. */
const DEFAULT_COLUMNS = 80;

/** Lines of a terminal that does not know its size. */
const DEFAULT_ROWS = 24;

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
 * @returns columns, 80 where stdout is no terminal or one that does not know
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
 * The height of the terminal.
 *
 * @returns rows, 24 where stdout is no terminal or one that does not know
 */
export function rows(): number {
  return (isInteractive() && Deno.consoleSize().rows) || DEFAULT_ROWS;
}

/**
 * Whether to print colours: stdout is a terminal, and NO_COLOR (no-color.org)
 * is not set.
 *
 * @returns true where escape codes are welcome
 */
export function useColor(): boolean {
  return isInteractive() && !Deno.noColor;
}

/** Columns: two for the `^C` of Ctrl-C, and one so that no line wraps. */
const MARGIN = 3;

/**
 * The width of a line that is redrawn: where it ends, `^C` still fits.
 *
 * @param longest columns that the line wants at most
 * @returns columns
 */
export function redrawnColumns(longest = Infinity): number {
  return Math.min(columns() - MARGIN, longest);
}

/**
 * Whether the end of the terminal is none of the process's business, as under
 * `nohup`: stdout and stderr are none, and stdin is none either but /dev/null,
 * which `nohup` puts in the place of one, except on macOS, where it stays.
 *
 * Whether the signal is ignored already no permission of a task can show, and
 * `deno task` does not hand it on.
 *
 * @returns true where SIGHUP is to be ignored
 */
export function ignoresHangup(): boolean {
  const { stdin, stdout, stderr, build } = Deno;
  if (stdout.isTerminal() || stderr.isTerminal()) return false;
  if (stdin.isTerminal()) return build.os === "darwin";
  try {
    return fstatSync(0).isCharacterDevice();
  } catch {
    return true; // it is closed
  }
}
