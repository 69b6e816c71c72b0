import { constants } from "node:os";

/**
 * The exit code of a process that a signal ended.
 *
 * @param signal its name
 * @returns 128 + its number on this system: 130 for SIGINT
 */
export function signalExitCode(signal: Deno.Signal): number {
  const numbers: Partial<Record<Deno.Signal, number>> = constants.signals;
  return 128 + (numbers[signal] ?? 0);
}
