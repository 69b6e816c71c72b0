import { describeError } from "./describe_error.ts";
import { HelpRequested, InterruptedError, UsageError } from "./errors.ts";

/**
 * Runs a script's main function; an error becomes one line on stderr.
 *
 * The exit code is 2 where a flag is at fault ({@linkcode UsageError}), 130
 * after Ctrl-C ({@linkcode InterruptedError}), 1 for everything else. It is set
 * without `Deno.exit`, so that what is still under way can end.
 *
 * @param main the script's main function
 * @returns resolves when main has ended; never rejects
 */
export async function runMain(main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    if (error instanceof HelpRequested) {
      console.log(error.help);
      return;
    }
    console.error(describeError(error));
    Deno.exitCode = exitCodeOf(error);
  }
}

function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return 2;
  if (error instanceof InterruptedError) return 130; // 128 + SIGINT
  return 1;
}
