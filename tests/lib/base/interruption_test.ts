import { deepEqual, equal, match } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { hasTmux, startTmux } from "../cli/tmux.ts";

const FIXTURE = fileURLToPath(
  new URL("./fixtures/waits_for_signals.ts", import.meta.url),
);
const PRELOAD = fileURLToPath(
  new URL("../../../lib/cli/preload.ts", import.meta.url),
);
const ARGS = ["run", "-q", "--no-prompt", "--allow-read=.", FIXTURE];

/** Starts the fixture in a pipe; resolves when it listens. */
async function start(
  args: readonly string[] = [],
  { stdin = "piped", program = [Deno.execPath()] }: {
    stdin?: "piped" | "null";
    program?: readonly string[];
  } = {},
) {
  const [first, ...rest] = program;
  const child = new Deno.Command(first!, {
    args: [...rest, ...ARGS, ...args],
    stdin,
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const stdout = child.stdout.getReader();
  const stderr = child.stderr.pipeThrough(new TextDecoderStream()).getReader();
  const { value } = await stdout.read();
  match(new TextDecoder().decode(value), /ready/);
  await stdout.cancel();
  /** What stderr says next. */
  const next = async () => (await stderr.read()).value;
  const end = async () => {
    const texts: string[] = [];
    for (let text; (text = await next()) !== undefined;) texts.push(text);
    if (stdin === "piped") await child.stdin.close().catch(() => {});
    return { code: (await child.status).code, stderr: texts.join("") };
  };
  return { child, next, end };
}

const NUMBERS: readonly (readonly [name: Deno.Signal, number: number])[] = [
  ["SIGHUP", 1],
  ["SIGINT", 2],
  ["SIGTERM", 15],
  ...Deno.build.os === "linux"
    ? [["SIGUSR2", 12] as const, ["SIGXCPU", 24] as const]
    : [],
];

for (const [name, number] of NUMBERS) {
  Deno.test(`listenForInterruption() lets a training save at ${name}`, async () => {
    const { child, end } = await start();
    child.kill(name);
    const again = name === "SIGINT" ? "Ctrl-C" : "signal";
    deepEqual(await end(), {
      code: 128 + number,
      stderr:
        `${name}: saving; a second ${again} ends at once\nInterrupted: saved\n`,
    });
  });
}

Deno.test("listenForInterruption() ends at once at a second signal, but for an echo of the first", async () => {
  const { child, next, end } = await start(["slow"]);
  child.kill("SIGINT");
  match((await next())!, /^SIGINT: saving/);
  child.kill("SIGINT"); // as `deno task` hands on what the terminal sends too
  await new Promise((resolve) => setTimeout(resolve, 700));
  child.kill("SIGTERM");
  deepEqual(await end(), {
    code: 143,
    stderr: "SIGTERM again: ended without saving more\n",
  });
});

Deno.test("listenForInterruption() lets an echo not end what has saved before it says so", async () => {
  const { child, next, end } = await start(["lingers"]);
  child.kill("SIGINT");
  match((await next())!, /^SIGINT: saving/);
  await new Promise((resolve) => setTimeout(resolve, 100));
  child.kill("SIGINT");
  deepEqual(await end(), { code: 130, stderr: "Interrupted: saved\n" });
});

Deno.test({
  name: "listenForInterruption() leaves SIGHUP alone under nohup",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const options = { stdin: "null", program: ["nohup", Deno.execPath()] };
    const { child, end } = await start([], options as never);
    child.kill("SIGHUP");
    await new Promise((resolve) => setTimeout(resolve, 300));
    child.kill("SIGTERM");
    const { code, stderr } = await end();
    equal(code, 143);
    match(stderr, /^SIGTERM: saving; .*\nInterrupted: saved\n$/);
  },
});

Deno.test({
  name:
    "Ctrl-Z goes on, Ctrl-C leaves only lines of text (skipped without `tmux`)",
  ignore: !await hasTmux(),
  async fn() {
    await using terminal = await startTmux(ARGS, "$ ");
    await terminal.waitFor(/images\/s/);
    await terminal.press("C-z");
    await terminal.waitFor(/cannot be suspended[^]*images\/s/);
    await terminal.press("C-c");
    const text = await terminal.waitFor(/saved\n\$/);
    deepEqual(text.trimEnd().split("\n").slice(-5), [
      "ready",
      "This task cannot be suspended and goes on; Ctrl-C ends it (trainings save)",
      "SIGINT: saving; a second Ctrl-C ends at once",
      "Interrupted: saved",
      "$",
    ]);
  },
});

Deno.test({
  name: "Ctrl-Z goes on while a script is loaded (skipped without `tmux`)",
  ignore: !await hasTmux(),
  async fn() {
    const script = FIXTURE.replace("waits_for_signals", "loads_slowly");
    const args = [...ARGS.slice(0, -1), "--preload", PRELOAD, script];
    await using terminal = await startTmux(args, "$ ");
    await terminal.waitFor(/loading/);
    await terminal.press("C-z");
    await terminal.waitFor(/cannot be suspended[^]*ended\n\$/);
  },
});

Deno.test({
  name:
    "a terminal that is closed lets a training save (skipped without `tmux`)",
  ignore: !await hasTmux(),
  async fn() {
    const log = Deno.makeTempFileSync();
    try {
      const terminal = await startTmux([...ARGS, "2>", log], "$ ");
      await terminal.waitFor(/images\/s/);
      await terminal[Symbol.asyncDispose]();
      const start = performance.now();
      while (!Deno.readTextFileSync(log).includes("saved")) {
        if (performance.now() - start > 30_000) throw new Error("not saved");
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      equal(
        Deno.readTextFileSync(log),
        "SIGHUP: saving; a second signal ends at once\nInterrupted: saved\n",
      );
    } finally {
      Deno.removeSync(log);
    }
  },
});
