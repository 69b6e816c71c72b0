import { fileURLToPath } from "node:url";

/** What a process left behind. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const ROOT = new URL("../../../", import.meta.url);
const PERMISSIONS = [
  "--no-prompt",
  "--deny-net",
  "--allow-read=.",
  "--allow-write=runs",
];

/** Runs a script with the permissions of a training task, its stdout a pipe. */
export function runInSandbox(
  script: URL,
  args: readonly string[] = [],
): Promise<Outcome> {
  return run(Deno.execPath(), [
    "run",
    ...PERMISSIONS,
    fileURLToPath(script),
    ...args,
  ]);
}

/** The same with a terminal of 80 columns as stdin, stdout and stderr. */
export function runInTerminal(
  script: URL,
  args: readonly string[] = [],
  env: Record<string, string> = {},
): Promise<Outcome> {
  // quiet: at a terminal Deno itself draws while it loads
  const words = [
    Deno.execPath(),
    "run",
    "--quiet",
    ...PERMISSIONS,
    fileURLToPath(script),
  ];
  const command = [...words, ...args].map((word) => `'${word}'`).join(" ");
  return run("script", [
    "-qec",
    `stty cols 80 rows 24; ${command}`,
    "/dev/null",
  ], env);
}

/** Whether util-linux's `script` is here, which runInTerminal() needs. */
export async function hasTerminal(): Promise<boolean> {
  if (Deno.build.os !== "linux") return false;
  try {
    return (await run("script", ["--version"])).code === 0;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    if (error instanceof Deno.errors.NotCapable) return false;
    throw error;
  }
}

async function run(
  program: string,
  args: string[],
  env: Record<string, string> = {},
): Promise<Outcome> {
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args,
    cwd: ROOT,
    env,
    stdin: "null",
  }).output();
  const text = new TextDecoder();
  return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
}
