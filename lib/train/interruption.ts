/**
 * Listens for Ctrl-C and SIGTERM. The first asks the training to save and
 * end; a second one ends the process at once.
 */
export interface Interruption extends Disposable {
  /** Whether a signal has come. */
  readonly requested: boolean;
}

/** Starts listening; `using` stops it. */
export function listenForInterruption(): Interruption {
  let requested = false;
  const signals = ["SIGINT", "SIGTERM"] as const;
  const listener = () => {
    if (requested) Deno.exit(130);
    requested = true;
  };
  for (const signal of signals) Deno.addSignalListener(signal, listener);
  return {
    get requested() {
      return requested;
    },
    [Symbol.dispose]() {
      for (const signal of signals) Deno.removeSignalListener(signal, listener);
    },
  };
}
