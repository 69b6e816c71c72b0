import process from "node:process";

/**
 * stdout as a stream, for what is redrawn. As with `unlessClosed`, no error says
 * that the terminal has been closed.
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
