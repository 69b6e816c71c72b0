/**
 * Turns what Deno throws for a file into the project's one-line error.
 *
 * @param action what could not be done, with the path, as in `write runs/a.csv`
 * @param error the error that Deno threw; it becomes the cause
 * @returns an Error `Cannot <action>: <reason>`
 */
export function explainIoError(action: string, error: unknown): Error {
  return new Error(`Cannot ${action}: ${reasonOf(error)}`, { cause: error });
}

function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  if (message.startsWith("Requires write access")) {
    return "the task may write under runs/ only";
  }
  if (message.startsWith("Requires read access")) {
    return "the task may read under the project's directory only";
  }
  // Deno: "No space left on device (os error 28): write 'a.csv'".
  const reason = message.replace(/ \(os error \d+\).*$/s, "");
  return reason.charAt(0).toLowerCase() + reason.slice(1);
}
