/** What a process left behind. */
export interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

const ROOT = new URL("..", import.meta.url);

/** The permissions of a process that starts a backend and writes nothing. */
const SANDBOX = ["--no-prompt", "--deny-net", "--allow-read=."];

/**
 * Runs a script in the project's directory with nothing allowed but to read
 * it, and kills it after `seconds`: the exit code is then 143.
 */
export async function runScript(
  script: URL,
  args: readonly string[] = [],
  seconds = 30,
): Promise<Outcome> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", ...SANDBOX, script.pathname, ...args],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const timer = setTimeout(() => child.kill(), seconds * 1_000);
  const { code, stdout, stderr } = await child.output();
  clearTimeout(timer);
  const text = new TextDecoder();
  return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
}
