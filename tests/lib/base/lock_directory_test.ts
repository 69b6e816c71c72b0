import { deepEqual, equal, match } from "node:assert/strict";
import { isLocked, lockDirectory } from "../../../lib/base/lock_directory.ts";

const FIXTURE = new URL("./fixtures/holds_lock.ts", import.meta.url);
const DISK_WITHOUT_LOCKS = "no-flock";

/** A process that locks a directory, as soon as it has said a word. */
async function startHolder(path: string, way: string) {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--no-prompt",
      "--allow-read",
      `--allow-write=${path}`,
      FIXTURE.pathname,
      path,
      way,
    ],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const reader = child.stdout.getReader();
  const { value } = await reader.read();
  const word = new TextDecoder().decode(value).trim();
  const untilEnd = async () => {
    while (!(await reader.read()).done);
    const stderr = await new Response(child.stderr).text();
    await child.stdin.close().catch(() => {});
    return { code: (await child.status).code, stderr };
  };
  const end = async (signal?: Deno.Signal) => {
    if (signal) child.kill(signal);
    else await child.stdin.close().catch(() => {});
    return await untilEnd();
  };
  return { word, end, untilEnd };
}

function withDirectory(test: (path: string) => Promise<void> | void) {
  return async () => {
    const path = Deno.makeTempDirSync();
    try {
      await test(path);
    } finally {
      Deno.removeSync(path, { recursive: true });
    }
  };
}

const refusal = (path: string) =>
  `Cannot use ${path}: another process is working there`;

Deno.test(
  "lockDirectory() keeps others out until it is closed",
  withDirectory(async (path) => {
    equal(isLocked(path), false, "before any lock");
    const lock = lockDirectory(path);
    equal(isLocked(path), true);
    const other = await startHolder(path, "");
    deepEqual(
      [other.word, await other.end()],
      [refusal(path), { code: 0, stderr: "" }],
    );
    lock.close();
    equal(isLocked(path), false);
  }),
);

Deno.test(
  "close() lets others in at once, also while other threads start processes",
  withDirectory(async (path) => {
    // A process that is being started has all files of its parent for a while.
    const url = new URL("./fixtures/spawns_on.ts", import.meta.url);
    const worker = new Worker(url, { type: "module" });
    let spawned = 0;
    worker.onmessage = () => void spawned++;
    try {
      while (spawned < 60) {
        for (let i = 0; i < 200; i++) {
          lockDirectory(path).close();
          equal(isLocked(path), false, `after ${spawned} processes`);
        }
        await new Promise((resolve) => setTimeout(resolve));
      }
    } finally {
      worker.terminate();
    }
  }),
);

Deno.test(
  "isLocked() tells while the holder lives, and not after kill -9",
  withDirectory(async (path) => {
    const holder = await startHolder(path, "");
    equal(holder.word, "locked");
    equal(isLocked(path), true);
    await holder.end("SIGKILL");
    equal(isLocked(path), false);
  }),
);

Deno.test(
  "isLocked() is false where there is no directory",
  () => equal(isLocked("/nowhere/at/all"), false),
);

Deno.test(
  "lockDirectory() warns on a disk without locks, keeps others out, and leaves nothing",
  withDirectory(async (path) => {
    const holder = await startHolder(path, DISK_WITHOUT_LOCKS);
    equal(holder.word, "locked");
    const other = await startHolder(path, DISK_WITHOUT_LOCKS);
    equal(other.word, refusal(path));
    const warning =
      `Cannot lock ${path}: operation not supported; a file that is rewritten stands in for a lock\n`;
    const { stderr } = await other.end();
    equal(
      stderr,
      `${warning}${path}: looking for up to 10 s whether its last process lives\n`,
    );
    deepEqual(await holder.end(), { code: 0, stderr: warning });
    deepEqual([...Deno.readDirSync(path)].map(({ name }) => name), [".lock"]);
  }),
);

Deno.test(
  "lockDirectory() takes over what a killed process left on a disk without locks",
  withDirectory(async (path) => {
    const killed = await startHolder(path, DISK_WITHOUT_LOCKS);
    await killed.end("SIGKILL");
    const left = Deno.readTextFileSync(`${path}/.lock-beat`);
    match(left, /^\d+-[\d.]+ 0\n$/);
    const [next, late] = await Promise.all([
      startHolder(path, DISK_WITHOUT_LOCKS),
      startHolder(path, DISK_WITHOUT_LOCKS),
    ]);
    deepEqual(
      [next.word, late.word].sort(),
      [refusal(path), "locked"],
      "one of the two",
    );
    await Promise.all([next.end(), late.end()]);
    deepEqual([...Deno.readDirSync(path)].map(({ name }) => name), [".lock"]);
  }),
);

Deno.test(
  "a holder that was taken over ends with an error",
  withDirectory(async (path) => {
    const holder = await startHolder(path, DISK_WITHOUT_LOCKS);
    Deno.writeTextFileSync(`${path}/.lock-beat`, "1-2 3\n");
    const { code, stderr } = await holder.untilEnd();
    equal(code, 1);
    match(stderr, /Cannot go on: another process has taken .* over\n$/);
    equal(Deno.readTextFileSync(`${path}/.lock-beat`), "1-2 3\n");
  }),
);
