/**
 * Listens for Ctrl-C and SIGTERM. The first asks the training to save and
 * end; a second one ends the process at once.
 */
export interface Interruption extends Disposable {
  /** Whether a signal has come. */
  readonly requested: boolean;
  /** Aborted when one comes, for what does not ask. */
  readonly signal: AbortSignal;
}

/** Starts listening; `using` stops it. */
export function listenForInterruption(): Interruption {
  const interruption = new AbortController();
  const { signal } = interruption;
  const signals = ["SIGINT", "SIGTERM"] as const;
  const listener = () => {
    if (signal.aborted) Deno.exit(130);
    interruption.abort();
  };
  for (const name of signals) Deno.addSignalListener(name, listener);
  return {
    get requested() {
      return signal.aborted;
    },
    signal,
    [Symbol.dispose]() {
      for (const name of signals) Deno.removeSignalListener(name, listener);
    },
  };
}
