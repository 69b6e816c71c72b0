/** Deno's text for what a write to a terminal that was closed comes to, EIO. */
const CLOSED = /\(os error 5\)/;

/**
 * Prints, unless the terminal has been closed. SIGHUP tells of that too, and
 * the error must not end a training before it has saved.
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
