/** With Debian's python3-torch; another python3 may come first in PATH. */
export const PYTHON = "/usr/bin/python3";

/**
 * Runs a program that prints one line of JSON, last.
 *
 * @param command the program and its arguments, with a blank between two
 * @returns what the line says
 * @throws Error if the program is not there or fails
 */
export async function runProgram<T>(command: string): Promise<T> {
  const [program, ...args] = command.split(" ");
  let result: Deno.CommandOutput;
  try {
    result = await new Deno.Command(program!, { args }).output();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new Error(
      `Cannot run ${program}: it must be installed (apt-get install python3-torch libopenblas0-pthread): got no such file`,
      { cause: error },
    );
  }
  const text = new TextDecoder();
  if (!result.success) {
    const lines = text.decode(result.stderr).trim().split("\n");
    throw new Error(`Cannot run ${program} ${args.join(" ")}: ${lines.at(-1)}`);
  }
  return JSON.parse(text.decode(result.stdout).trim().split("\n").at(-1)!);
}
