import assert from "node:assert/strict";

/** What a task printed, and how it ended. */
export interface TaskResult {
  code: number;
  stdout: string;
  stderr: string;
}

/** The repository's root, where tasks run. */
export const ROOT = new URL("../..", import.meta.url).pathname;

/**
 * The words of a command line: parted by blanks, but for those between single
 * or double quotes.
 */
export function splitWords(line: string): string[] {
  return [...line.matchAll(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g)]
    .map(([word]) => word.replace(/'([^']*)'|"([^"]*)"/g, "$1$2"));
}

/** What gives a task V8's flags: tests run with all accesses checked. */
const FLAGS_OF_V8 = "$(deno run -q --no-prompt scripts/v8_flags.ts)";

/**
 * Starts a task of deno.json as a user would, without a terminal.
 *
 * @param line what stands behind `deno task`: the task's name and its flags
 * @param denoFlags flags of Deno in the place of V8's, as the task has them
 */
export function startTask(line: string, denoFlags = ""): Deno.ChildProcess {
  const [task, ...flags] = splitWords(line);
  const config = JSON.parse(Deno.readTextFileSync(`${ROOT}/deno.json`));
  const command: string = config.tasks[task!].command
    .replace(FLAGS_OF_V8, denoFlags);
  // Deno itself and not `deno task`, so that a signal reaches the script.
  return new Deno.Command(Deno.execPath(), {
    args: [...splitWords(command).slice(1), ...flags],
    cwd: ROOT,
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Waits for a task that `startTask` started. */
export async function finish(child: Deno.ChildProcess): Promise<TaskResult> {
  const { code, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return {
    code,
    stdout: decoder.decode(stdout),
    stderr: decoder.decode(stderr),
  };
}

/** Runs a task to its end; see `startTask`. */
export function runTask(line: string, denoFlags = ""): Promise<TaskResult> {
  return finish(startTask(line, denoFlags));
}

/** Calls a test with a directory under runs/ that does not exist yet. */
export async function withRunDirectory(
  test: (path: string) => Promise<void>,
): Promise<void> {
  const path = `runs/test-${crypto.randomUUID()}`;
  try {
    await test(path);
  } finally {
    await Deno.remove(`${ROOT}/${path}`, { recursive: true }).catch((error) => {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    });
  }
}

/** A run's file as text. */
export function readRun(path: string, file: string): string {
  return Deno.readTextFileSync(`${ROOT}/${path}/${file}`);
}

/** Whether a run's directory is there. */
export function runExists(path: string): boolean {
  try {
    return Deno.statSync(`${ROOT}/${path}`).isDirectory;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** All files of a run with their bytes, to see that nothing changed. */
export function snapshot(path: string): Map<string, string> {
  const files = [...Deno.readDirSync(`${ROOT}/${path}`)];
  return new Map(
    files.map(({ name }) =>
      [name, Deno.readFileSync(`${ROOT}/${path}/${name}`).join()] as const
    ).sort(),
  );
}

/** Reads a task's stdout until a line matches; fails at its end. */
export async function untilLine(child: Deno.ChildProcess, line: RegExp) {
  const reader = child.stdout.getReader();
  const decoder = new TextDecoder();
  let text = "";
  while (!text.split("\n").some((one) => line.test(one))) {
    const { value, done } = await reader.read();
    assert.ok(!done, text);
    text += decoder.decode(value, { stream: true });
  }
  reader.releaseLock();
}

/** How many whole rows a run's CSV file has; 0 where there is no file yet. */
export function countRows(path: string, file: string): number {
  try {
    return Math.max(0, readRun(path, file).split("\n").length - 2);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return 0;
    throw error;
  }
}

/**
 * Waits until a run's CSV file has more rows than `before`: then its task is
 * in the middle of what follows, however fast the machine is.
 */
export async function untilMoreRows(
  child: Deno.ChildProcess,
  path: string,
  file: string,
  before = 0,
): Promise<void> {
  let runs = true;
  void child.status.then(() => runs = false);
  while (countRows(path, file) <= before) {
    assert.ok(runs, `the task ended with ${before} rows of ${file} or fewer`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/**
 * Starts a task, sends it a signal once its CSV file has more rows than
 * `before`, and waits for its end.
 */
export async function killAtRow(
  line: string,
  signal: Deno.Signal,
  path: string,
  file: string,
  before = 0,
  denoFlags = "",
): Promise<TaskResult> {
  const child = startTask(line, denoFlags);
  const ended = finish(child);
  await untilMoreRows(child, path, file, before);
  child.kill(signal);
  return await ended;
}

/**
 * Fails where a task printed a line of more than 80 columns; the line that
 * --json asks for may have more.
 */
export function assertFits80Columns(printed: string): void {
  for (const line of printed.split("\n")) {
    assert.ok(
      [...line].length <= 80 || line.startsWith("{"),
      `wider than 80 columns: ${line}`,
    );
  }
}

/** Checks that a report.md sets no difference beside numbers of other data. */
export function assertNoDifferences(report: string): void {
  const [, table] = /^## Reported and ours\n([^]*?)^## /m.exec(report)!;
  assert.match(table!, /^\| .* reported \| .* ours \| difference \|$/m);
  assert.doesNotMatch(table!, /[+−]\d/);
}
