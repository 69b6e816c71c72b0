import { HelpRequested, InterruptedError, UsageError } from "../base/errors.ts";
import { keepRunning, signalExitCode } from "../base/interruption.ts";

/**
 * Runs a script's main function; an error becomes one line on stderr. Ctrl-Z
 * does not suspend it, as {@linkcode keepRunning} explains.
 *
 * The exit code is 2 where a flag is at fault ({@linkcode UsageError}), 130
 * after Ctrl-C and 128 + its number after another signal ({@linkcode
 * InterruptedError}), 1 for everything else. It is set
 * without `Deno.exit`, so that what is still under way can end.
 *
 * @param main the script's main function
 * @returns resolves when main has ended; never rejects
 */
export async function runMain(main: () => Promise<void>): Promise<void> {
  keepRunning();
  try {
    try {
      await main();
    } catch (error) {
      if (!(error instanceof HelpRequested)) throw error;
      console.log(error.help);
    }
  } catch (error) {
    Deno.exitCode = exitCodeOf(error);
    try {
      console.error(describeError(error));
    } catch { // stderr is closed or full too: the exit code has to say it
    }
  }
}

function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return 2;
  if (error instanceof InterruptedError) {
    return signalExitCode(error.signal);
  }
  return 1;
}

/** Deno's text for a failed system call: reason and number, call and path. */
const SYSTEM_ERROR = /^(.+) \(os error \d+\)(?:: (\w+) '(.+)')?$/s;

/** Deno's text for a missing permission. */
const PERMISSION = /^Requires (\w+) access to (".*"|<.*>|\S+?)(?:,|$)/s;

/**
 * What went wrong in one line, whatever was thrown.
 *
 * Deno's own errors come in the form of ours: "Cannot open data/x.gz: no such
 * file or directory".
 *
 * @param error what was thrown
 * @returns one line with no newline in it, never empty
 */
export function describeError(error: unknown): string {
  // What closing a file says after writing it has failed already.
  while (error instanceof SuppressedError) error = error.suppressed;
  if (!(error instanceof Error)) {
    return oneLine(
      `Cannot go on: what is thrown must be an Error: got ${
        Deno.inspect(error)
      }`,
    );
  }
  const permission = error instanceof Deno.errors.NotCapable &&
    PERMISSION.exec(error.message);
  if (permission) {
    const [, access, target] = permission;
    return oneLine(
      `Cannot ${access} ${target}: the task's permissions in deno.json must allow it: got a refusal`,
    );
  }
  const system = SYSTEM_ERROR.exec(error.message);
  if (system) {
    const [, reason = "", call, path] = system;
    const action = call
      ? `${ACTIONS[call] ?? call} ${path!.replace("' -> '", " to ")}`
      : "print or use a file"; // stdout has no path either
    return oneLine(
      `Cannot ${action}: ${reason.charAt(0).toLowerCase()}${reason.slice(1)}`,
    );
  }
  return oneLine(error.message) || error.name;
}

/** Deno's names of system calls, where they are no plain words. */
const ACTIONS: Readonly<Record<string, string>> = {
  readfile: "read",
  readdir: "read",
  writefile: "write",
  stat: "find",
  lstat: "find",
  mkdir: "make the directory",
};

function oneLine(text: string): string {
  return text.trim().replace(/\s*[\r\n]\s*/g, " ");
}
