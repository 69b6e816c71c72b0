/** With Debian's python3-torch; another python3 may come first in PATH. */
export const PYTHON = "/usr/bin/python3";

/**
 * Python's environment. The C library's allocator, at its defaults, gives large
 * tensors back to the system and takes a page fault for each page of the next
 * ones. With these thresholds it keeps its pages, as a tuned installation does:
 * a step of report 1's net, as the report writes it, took 120 and 153 ms in
 * place of 272 and 304 (Debian's PyTorch on one thread of a busy virtual
 * machine, twice each by turns, on 2026-11-30).
 */
const ENVIRONMENT = {
  MALLOC_MMAP_THRESHOLD_: "8589934592",
  MALLOC_TRIM_THRESHOLD_: "17179869184",
  MALLOC_TOP_PAD_: "1073741824",
  PYTHONDONTWRITEBYTECODE: "1",
};

/**
 * Runs a program of ours as {@linkcode runProgram} does, with the permissions
 * and V8's flags of the tasks that train.
 *
 * @param command the program's file and its arguments
 * @returns what the program's last line says
 * @throws Error if the program fails
 */
export async function runOurs<T>(command: string): Promise<T> {
  const flags = await output("deno run -q --no-prompt scripts/v8_flags.ts");
  return runProgram(
    `deno run -q --no-prompt ${flags} -P=train ${command}`,
  );
}

/**
 * Runs a Python program as {@linkcode runProgram} does, with an allocator that
 * keeps its pages.
 *
 * @param command the program's file and its arguments
 * @param python the command that takes them
 * @returns what the program's last line says
 * @throws Error if a program is not there or fails
 */
export function runPython<T>(command: string, python = PYTHON): Promise<T> {
  return runProgram(`${python} ${command}`, ENVIRONMENT);
}

/**
 * Runs a program that prints one line of JSON, last.
 *
 * @param command the program and its arguments, with a blank between two
 * @param env variables that the program's environment has besides ours
 * @returns what the line says
 * @throws Error if the program is not there or fails
 */
export async function runProgram<T>(
  command: string,
  env: Record<string, string> = {},
): Promise<T> {
  return JSON.parse((await output(command, env)).split("\n").at(-1)!);
}

/** What a program prints, without blanks and ends of lines around it. */
async function output(
  command: string,
  env: Record<string, string> = {},
): Promise<string> {
  const [program, ...args] = command.split(/ +/);
  let result: Deno.CommandOutput;
  try {
    result = await new Deno.Command(program!, { args, env }).output();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    const wanted = program === PYTHON
      ? "it must be installed (apt-get install python3-torch libopenblas0-pthread)"
      : "it must be there";
    throw new Error(`Cannot run ${program}: ${wanted}: got no such file`, {
      cause: error,
    });
  }
  const text = new TextDecoder();
  if (!result.success) {
    const lines = text.decode(result.stderr).trim().split("\n");
    throw new Error(`Cannot run ${program} ${args.join(" ")}: ${lines.at(-1)}`);
  }
  return text.decode(result.stdout).trim();
}
