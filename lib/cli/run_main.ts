import { describeError } from "./describe_error.ts";
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
