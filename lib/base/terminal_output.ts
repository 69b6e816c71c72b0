import process from "node:process";

const shown = new Set<() => void>();

/**
 * Says how to clear what is redrawn in the terminal's last lines, so that a
 * notice can take its place.
 *
 * @param clear called before each notice; what it cleared may be drawn again
 * @returns ends that; `using` does
 */
export function clearBeforeNotices(clear: () => void): Disposable {
  shown.add(clear);
  return { [Symbol.dispose]: () => void shown.delete(clear) };
}

/**
 * Prints a line on stderr in between, above a progress bar or a chart.
 *
 * @param text the line
 */
export function printNotice(text: string): void {
  for (const clear of shown) clear();
  unlessClosed(() => console.error(text));
}

/** Deno's text for what a write to a terminal that was closed comes to, EIO. */
const CLOSED = /\(os error 5\)/;

/**
 * Prints, unless the terminal has been closed: SIGHUP says so too, and an error
 * must not end a training before it has saved.
 *
 * @param print what prints
 * @throws whatever else `print` throws
 */
export function unlessClosed(print: () => void): void {
  try {
    print();
  } catch (error) {
    if (!(error instanceof Error) || !CLOSED.test(error.message)) throw error;
  }
}

/**
 * stdout as a stream, for what is redrawn. As with {@linkcode unlessClosed}, no
 * error says that the terminal has been closed.
 *
 * @returns `process.stdout`
 */
export function terminalStream(): typeof process.stdout {
  const { stdout } = process;
  if (!stdout.listeners("error").includes(ignoreClosed)) {
    stdout.on("error", ignoreClosed);
  }
  return stdout;
}

function ignoreClosed(error: Error & { readonly code?: string }) {
  if (error.code !== "EIO" && error.code !== "EPIPE") throw error;
}
