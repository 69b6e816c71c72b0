import { constants } from "node:os";
import { InterruptedError } from "./errors.ts";
import { printNotice } from "./terminal_output.ts";
import { ignoresHangup } from "./terminal.ts";

/**
 * Listens for Ctrl-C and for the signals by which a system announces the end:
 * SIGTERM, SIGUSR2 and SIGXCPU of a batch system, SIGHUP of a terminal that is
 * closed. The first signal asks the training to save and end, and says so; a
 * second one ends the process at once.
 */
export interface Interruption extends Disposable {
  /** Whether a signal has come. */
  readonly requested: boolean;
  /** Aborted when a signal comes; the reason is the signal's name. */
  readonly signal: AbortSignal;
  /**
   * What to end with when a signal has come.
   *
   * @param message where it ends, and how to go on
   * @param options the cause
   */
  error(message: string, options?: ErrorOptions): InterruptedError;
}

/** ms in which the terminal and `deno task` may both send one signal. */
const ECHO = 500;

/** Starts listening; `using` stops it. */
export function listenForInterruption(): Interruption {
  const interruption = new AbortController();
  const { signal } = interruption;
  let first = 0;
  const hear = (name: Deno.Signal) => {
    if (!signal.aborted) {
      first = performance.now();
      interruption.abort(name);
      const again = name === "SIGINT" ? "Ctrl-C" : "signal";
      return printNotice(`${name}: saving; a second ${again} ends at once`);
    }
    if (performance.now() - first < ECHO) return;
    printNotice(`${name} again: ended without saving more`);
    Deno.exit(signalExitCode(name));
  };
  const listeners = signalsToHear().map((name) => {
    const listener = () => hear(name);
    Deno.addSignalListener(name, listener);
    return { name, listener };
  });
  return {
    get requested() {
      return signal.aborted;
    },
    signal,
    error: (message, options) =>
      new InterruptedError(message, { ...options, signal: signal.reason }),
    [Symbol.dispose]() {
      const remove = () => {
        for (const { name, listener } of listeners) {
          Deno.removeSignalListener(name, listener);
        }
      };
      // The echo must not end the process before it has said how to go on.
      if (signal.aborted) Deno.unrefTimer(setTimeout(remove, ECHO));
      else remove();
    },
  };
}

function signalsToHear(): Deno.Signal[] {
  if (Deno.build.os === "windows") return ["SIGINT", "SIGBREAK"];
  const signals: Deno.Signal[] = ["SIGINT", "SIGTERM", "SIGUSR2", "SIGXCPU"];
  return ignoresHangup() ? signals : [...signals, "SIGHUP"];
}

let keeps = false;

/**
 * Keeps a task running at Ctrl-Z, and under `nohup` when the terminal closes.
 *
 * `deno task` itself never stops, so a task that did would leave a terminal
 * without a prompt. And it takes from the task what `nohup` has set.
 * Does nothing a second time.
 */
export function keepRunning(): void {
  if (keeps || Deno.build.os === "windows") return; // which has neither
  keeps = true;
  Deno.addSignalListener("SIGTSTP", () => {
    printNotice(
      "This task cannot be suspended and goes on; Ctrl-C ends it (trainings save)",
    );
  });
  if (ignoresHangup()) Deno.addSignalListener("SIGHUP", () => {});
}

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
