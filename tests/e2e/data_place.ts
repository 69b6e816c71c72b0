import assert from "node:assert/strict";
import { join } from "node:path";
import { sha256Of } from "../../lib/data/data_file.ts";
import { inTemporaryDirectory } from "../in_temporary_directory.ts";
import { finish, ROOT, splitWords, type TaskResult } from "./run_task.ts";

/** The data set that is brought. */
export const NAME = "pneumoniamnist";
export const FILE = `${NAME}.npz`;
const GOLDEN = join(ROOT, "tests/lib/data/golden", FILE);
export const BYTES = Deno.readFileSync(GOLDEN);
/** What `md5sum pneumoniamnist.npz` prints. */
export const MD5 = "7d8a5b991602061165d3693241f81fb5";
export const HALF = BYTES.length >> 1;
export const PLACE = `data/${NAME}`;
/** What the task says of it. */
export const REMARK = `${FILE} is not the published file: SHA-256 ${
  sha256Of(BYTES).slice(0, 16)
}…`;
/** What the task says of a download that was cut in the middle. */
export const KEPT =
  `: ${HALF} bytes are kept, the same command goes on from there`;

export const INCOMING = `${PLACE}/incoming`;
/** The files of a download that was cut. */
export const PART = [`incoming/${FILE}.part`, `incoming/${FILE}.part.version`];

/** A project of its own to bring data to, and a server that has the files. */
export interface Place {
  /** The directory that stands for the project's. */
  directory: string;
  /** The server's, whose files it serves. */
  served: string;
  /** An address of the server, which does as `mode` says. */
  mirror(mode: string): string;
  /** What was asked for since the last call: mode, Range, If-Range. */
  requests(): string[];
  /** Starts the task there with these flags, the server's host allowed. */
  start(flags: string): Deno.ChildProcess;
  /** Runs the task there to its end. */
  run(flags: string): Promise<TaskResult>;
  /** The names of the data set's files. */
  files(): string[];
}

/** Calls a test with a place, whose server runs until the test ends. */
export async function withPlace(
  test: (place: Place) => Promise<void>,
  permissions?: string,
): Promise<void> {
  await inTemporaryDirectory(async (directory) => {
    const served = `${directory}/served`;
    Deno.mkdirSync(served);
    Deno.copyFileSync(GOLDEN, join(served, FILE));
    const server = new Deno.Command(Deno.execPath(), {
      args: splitWords(
        "run -q --no-prompt --allow-net=127.0.0.1 " +
          `'--allow-read=${served}' '--allow-write=${served}' ` +
          `'${ROOT}tests/lib/data/fixtures/serves_files.ts' '${served}'`,
      ),
      stdout: "piped",
    }).spawn();
    const reader = server.stdout.getReader();
    try {
      const { value } = await reader.read();
      const host = `127.0.0.1:${new TextDecoder().decode(value).trim()}`;
      await test(placeOf(directory, served, host, permissions));
    } finally {
      await reader.cancel();
      server.kill();
      await server.status;
    }
  });
}

function placeOf(
  directory: string,
  served: string,
  host: string,
  // The task's own, with this server and this directory in place of its own.
  permissions = `-P=data --allow-net=${host} --allow-write=data`,
): Place {
  const start = (flags: string) =>
    new Deno.Command(Deno.execPath(), {
      args: splitWords(
        `run -q --no-prompt '--config=${ROOT}deno.json' ${permissions} ` +
          `'${ROOT}scripts/data.ts' ${flags}`,
      ),
      cwd: directory,
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  const log = join(served, "log");
  return {
    directory,
    served,
    start,
    mirror: (mode) => `http://${host}/${mode}`,
    requests() {
      const lines = Deno.readTextFileSync(log).trim().split("\n");
      Deno.removeSync(log);
      return lines;
    },
    run: (flags) => finishSoon(start(flags)),
    files: () =>
      [...walk(join(directory, PLACE))].filter((name) => name !== ".lock")
        .sort(),
  };
}

/** Waits for the end of a task, and kills one that waits for the server. */
export async function finishSoon(
  child: Deno.ChildProcess,
): Promise<TaskResult> {
  const timer = setTimeout(() => child.kill("SIGKILL"), 20_000);
  try {
    return await finish(child);
  } finally {
    clearTimeout(timer);
  }
}

/** Brings the data set from the server, which does as `mode` says. */
export const bring = (place: Place, mode: string, flags = "") =>
  place.run(`${NAME} --mirror ${place.mirror(mode)} --unverified ${flags}`);

/** Checks that the data set is there, called one that is not published. */
export function assertBrought(
  place: Place,
  { code, stdout, stderr }: TaskResult,
) {
  assert.equal(stderr, "");
  assert.equal(code, 0);
  assert.ok(stdout.includes(REMARK), stdout);
  assert.deepEqual(place.files(), ["files.json", FILE]);
  const path = join(place.directory, PLACE, FILE);
  assert.deepEqual(Deno.readFileSync(path), BYTES);
}

/** Checks that the task failed with one line and left these files alone. */
export function assertRefused(
  place: Place,
  { code, stderr }: TaskResult,
  message: string,
  files: string[],
) {
  const way = message.startsWith("Cannot download")
    ? `; deno task data ${NAME} --from DIR takes files from a folder`
    : "";
  assert.equal(stderr, `${message}${way}\n`);
  assert.equal(code, 1);
  assert.deepEqual(place.files(), files);
}

/** The files under a directory, by their paths in it. */
export function* walk(directory: string): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(directory)) {
    if (!isDirectory) yield name;
    else {
      for (const path of walk(join(directory, name))) yield `${name}/${path}`;
    }
  }
}
