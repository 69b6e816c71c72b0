import assert from "node:assert/strict";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { isPresent } from "../../lib/data/load_dataset.ts";
import { sha256Of } from "../../lib/data/data_file.ts";
import { lockDirectory } from "../../lib/base/lock_directory.ts";
import { cifarBatchOf } from "../lib/data/fixtures/write_cifar_10.ts";
import { idxOf } from "../lib/data/fixtures/write_idx.ts";
import { tarOf } from "../lib/data/fixtures/write_tar.ts";
import { withTempDirectory } from "../lib/data/with_temp_directory.ts";
import { finish, ROOT, splitWords, type TaskResult } from "./run_task.ts";

const NAME = "pneumoniamnist";
const FILE = `${NAME}.npz`;
const GOLDEN = join(ROOT, "tests/lib/data/golden", FILE);
const BYTES = Deno.readFileSync(GOLDEN);
/** `md5sum pneumoniamnist.npz`. */
const MD5 = "7d8a5b991602061165d3693241f81fb5";
const HALF = BYTES.length >> 1;
const PLACE = `data/${NAME}`;
const REMARK = `${FILE} is not the published file: SHA-256 ${
  sha256Of(BYTES).slice(0, 16)
}…`;

/** A project of its own to bring data to, and a server that has the files. */
interface Place {
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

async function withPlace(
  test: (place: Place) => Promise<void>,
  permissions?: string,
): Promise<void> {
  await withTempDirectory(async (directory) => {
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
async function finishSoon(child: Deno.ChildProcess): Promise<TaskResult> {
  const timer = setTimeout(() => child.kill("SIGKILL"), 20_000);
  try {
    return await finish(child);
  } finally {
    clearTimeout(timer);
  }
}

const bring = (place: Place, mode: string, flags = "") =>
  place.run(`${NAME} --mirror ${place.mirror(mode)} --unverified ${flags}`);

function assertBrought(place: Place, { code, stdout, stderr }: TaskResult) {
  assert.equal(stderr, "");
  assert.equal(code, 0);
  assert.ok(stdout.includes(REMARK), stdout);
  assert.deepEqual(place.files(), ["files.json", FILE]);
  const path = join(place.directory, PLACE, FILE);
  assert.deepEqual(Deno.readFileSync(path), BYTES);
}

/** Fails with one line, and leaves these files and no more. */
function assertRefused(
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

const kept = `: ${HALF} bytes are kept, the same command goes on from there`;
const INCOMING = `${PLACE}/incoming`;
const PART = [`incoming/${FILE}.part`, `incoming/${FILE}.part.version`];

Deno.test("data brings a data set from a mirror and says that it is not the published one", () =>
  withPlace(async (place) => {
    const result = await bring(place, "good/");
    assertBrought(place, result);
    assert.equal(
      result.stdout,
      `
bringing pneumoniamnist to data/pneumoniamnist/
${FILE}: from ${place.mirror("good")}/${FILE}
┌────────────────┬───────┬───────────┬───────┬────────────┬──────┬─────┐
│ data set       │ files │ published │ train │ validation │ test │  MB │
├────────────────┼───────┼───────────┼───────┼────────────┼──────┼─────┤
│ pneumoniamnist │     1 │ no        │     3 │          1 │    2 │ 0.0 │
└────────────────┴───────┴───────────┴───────┴────────────┴──────┴─────┘
  ${REMARK}
`.trimStart(),
    );
    assert.deepEqual(place.requests(), ["good"]);

    const directory = join(place.directory, "data/fashion-mnist");
    Deno.symlinkSync(`${ROOT}/data/fashion-mnist`, directory);
    const { stdout, code } = await place.run("--json");
    assert.equal(code, 0);
    assert.match(stdout, /│ fashion-mnist +│ +4 │ yes +│ 60000 │/);
    assert.match(stdout, /│ pneumoniamnist +│ +1 │ no +│ +3 │/);
    assert.ok(stdout.includes(REMARK));
    assert.match(
      stdout,
      /^octmnist is not there: deno task data octmnist brings it$/m,
    );
    const { datasets } = JSON.parse(stdout.trimEnd().split("\n").at(-1)!);
    assert.deepEqual(datasets[1], {
      name: NAME,
      files: [{
        name: FILE,
        bytes: BYTES.length,
        sha256: sha256Of(BYTES),
        isPublished: false,
      }],
      train: 3,
      validation: 1,
      test: 2,
      remarks: [REMARK],
    });
  }));

Deno.test("data goes on where a cut connection left off, by ETag or by date", () =>
  withPlace(async (place) => {
    const versions = {
      good: '"first"',
      dated: "Sat, 21 Nov 2026 12:00:00 GMT",
    };
    for (const [mode, version] of Object.entries(versions)) {
      const cut = mode === "good" ? "cut" : "cut-dated";
      assertRefused(
        place,
        await bring(place, cut),
        `Cannot download ${
          place.mirror(cut)
        }/${FILE}: error reading a body from connection${kept}`,
        PART,
      );
      assertBrought(place, await bring(place, mode));
      assert.deepEqual(place.requests(), [
        cut,
        `${mode} bytes=${HALF}- ${version}`,
      ]);
      Deno.removeSync(join(place.directory, PLACE), { recursive: true });
    }
  }));

Deno.test("data asks again where a server sends less than the rest", () =>
  withPlace(async (place) => {
    await bring(place, "cut");
    assertBrought(place, await bring(place, "in-pieces"));
    const starts = [];
    for (let start = HALF; start < BYTES.length; start += 100) {
      starts.push(`in-pieces bytes=${start}- "first"`);
    }
    assert.ok(starts.length > 2);
    assert.deepEqual(place.requests(), ["cut", ...starts]);
  }));

Deno.test("data begins anew where the server has another version, or no ranges", () =>
  withPlace(async (place) => {
    await bring(place, "cut");
    // Other bytes, so that a part of another version would be seen.
    const path = join(place.directory, INCOMING, `${FILE}.part`);
    Deno.writeFileSync(path, new Uint8Array(HALF));
    assertBrought(place, await bring(place, "changed"));
    assert.deepEqual(place.requests(), [
      "cut",
      `changed bytes=${HALF}- "first"`,
    ]);

    Deno.removeSync(join(place.directory, PLACE), { recursive: true });
    await bring(place, "cut"); // whose version must be forgotten
    assertRefused(
      place,
      await bring(place, "cut-no-ranges"),
      `Cannot download ${
        place.mirror("cut-no-ranges")
      }/${FILE}: error reading a body from connection`,
      PART.slice(0, 1),
    );
    assertBrought(place, await bring(place, "no-ranges"));
    assert.deepEqual(place.requests(), [
      "cut",
      `cut-no-ranges bytes=${HALF}- "first"`,
      "no-ranges",
    ]);
  }));

Deno.test("data leaves a file packed that a server calls gzip-encoded", () =>
  withPlace(async (place) => {
    const packed = new Uint8Array(gzipSync(BYTES));
    Deno.writeFileSync(join(place.served, FILE), packed);
    const { stdout } = await bring(place, "encoded");
    assert.ok(stdout.includes(REMARK), stdout); // of the unpacked content
    const path = join(place.directory, PLACE, FILE);
    assert.deepEqual(Deno.readFileSync(path), packed);
  }));

Deno.test("data takes a part that was whole already, and begins anew where the rest does not fit", () =>
  withPlace(async (place) => {
    const path = join(place.directory, INCOMING, `${FILE}.part`);
    const rest = (kept: number) => `bytes=${kept}- "first"`;
    for (const length of [BYTES.length, BYTES.length + 1]) {
      await bring(place, "cut");
      const part = new Uint8Array(length);
      part.set(BYTES);
      Deno.writeFileSync(path, part);
      assertBrought(place, await bring(place, "good"));
      assert.deepEqual(place.requests(), [
        "cut",
        `good ${rest(length)}`,
        ...length > BYTES.length ? ["good"] : [],
      ]);
    }
    await bring(place, "cut");
    assertBrought(place, await bring(place, "wrong-range"));
    assert.deepEqual(place.requests(), [
      "cut",
      `wrong-range ${rest(HALF)}`,
      "wrong-range",
    ]);
  }));

Deno.test("data keeps no file with a wrong checksum, and leaves the old one alone", () =>
  withPlace(async (place) => {
    const wrong =
      `Cannot accept ${FILE}: its md5 must be 28209eda62fecd6e6a2d98b1501bb15f: got ${MD5} (--unverified takes it all the same)`;
    const flags = `${NAME} --mirror ${place.mirror("good")}`;
    assertRefused(place, await place.run(flags), wrong, []);

    await bring(place, "good");
    const files = ["files.json", FILE];
    assertRefused(place, await place.run(flags), wrong, files);
    assertRefused(
      place,
      await place.run(`${NAME} --from ${place.served}`),
      wrong,
      files,
    );
  }));

Deno.test("data says in one line what a server answers, or that it says nothing", () =>
  withPlace(async (place) => {
    const refused = async (mode: string, reason: string, files: string[]) =>
      assertRefused(
        place,
        await bring(place, mode, "--timeout 0.5"),
        `Cannot download ${place.mirror(mode)}/${FILE}: ${reason}`,
        files,
      );
    const status = "the server must send the file: got";
    await refused("missing", `${status} 404 Not Found`, []);
    await refused("busy", `${status} 503 Service Unavailable`, []);
    await refused("silent", "nothing came for 0.5 s", []);
    await refused("stall", `nothing came for 0.5 s${kept}`, PART);
    // What is kept outlives an error.
    await refused("missing", `${status} 404 Not Found`, PART);
    assertBrought(place, await bring(place, "good"));
  }));

Deno.test("data stops at Ctrl-C and keeps what has come", () =>
  withPlace(async (place) => {
    const mirror = place.mirror("stall");
    const child = place.start(`${NAME} --mirror ${mirror} --unverified`);
    const path = join(place.directory, INCOMING, `${FILE}.part`);
    while (sizeOf(path) < HALF) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    child.kill("SIGINT");
    const { code, stderr } = await finishSoon(child);
    assert.equal(
      stderr,
      `SIGINT: saving; a second Ctrl-C ends at once\nInterrupted in ${mirror}/${FILE}${kept}\n`,
    );
    assert.equal(code, 130);
    assert.deepEqual(place.files(), PART);
    assertBrought(place, await bring(place, "good"));
  }));

Deno.test("data may reach no host but its own, nor be led to one", () =>
  withPlace(async (place) => {
    const refused = async (mirror: string, host: string, hosts = host) =>
      assertRefused(
        place,
        await place.run(`${NAME} --mirror ${mirror}`),
        `Cannot download ${mirror}/${FILE}: the task may use its publishers' hosts only, not ${host}: deno run --no-prompt -P=data --allow-net=${hosts} scripts/data.ts and the same flags allow it`,
        [],
      );
    await refused("https://example.org/x", "example.org:443");
    const { host, port } = new URL(place.mirror("moved"));
    const other = `localhost:${port}`;
    await refused(place.mirror("moved"), other, `${host},${other}`);
  }));

Deno.test({
  name: "data leaves no file behind on a full disk",
  ignore: Deno.build.os !== "linux", // no /dev/full elsewhere
  fn: () =>
    withPlace(async (place) => {
      const incoming = join(place.directory, INCOMING);
      Deno.mkdirSync(incoming, { recursive: true });
      const full = (name: string) =>
        Deno.symlinkSync("/dev/full", join(incoming, name));
      full(`${FILE}.part`);
      const { code, stderr } = await bring(place, "good");
      assert.equal(
        stderr,
        `Cannot write ${INCOMING}/${FILE}.part: no space left on device\n`,
      );
      assert.equal(code, 1);
      assert.ok(!place.files().includes(FILE));

      full(`${FILE}.tmp`);
      const copied = await place.run(
        `${NAME} --from ${place.served} --unverified`,
      );
      assert.equal(
        copied.stderr,
        `Cannot write ${INCOMING}/${FILE}: no space left on device\n`,
      );
      assert.equal(copied.code, 1);
      assert.ok(!place.files().includes(FILE));
    }, "-A"), // else Deno forbids /dev/full
});

Deno.test("data takes files from a folder, or says which is missing", () =>
  withPlace(async (place) => {
    const { served } = place;
    assertBrought(
      place,
      await place.run(`${NAME} --from ${served} --unverified`),
    );
    assert.equal(
      (await place.run(`mnist --from ${served}`)).stderr,
      `Cannot bring mnist: ${served} must hold train-images-idx3-ubyte.gz: got no such file\n`,
    );
    assert.equal(
      (await place.run(`mnist --from ${served}/nowhere`)).stderr,
      `Cannot bring mnist: ${served}/nowhere must be a folder: got nothing of that name\n`,
    );
  }));

Deno.test("data takes parts of CIFAR-10, plain or gzipped, but only unverified", () =>
  withPlace(async (place) => {
    const train = cifarBatchOf([3, 1]), test = cifarBatchOf([9]);
    const write = (name: string, bytes: Uint8Array) =>
      Deno.writeFileSync(join(place.served, name), bytes);
    write("data_batch_2.bin", train);
    write("test_batch.bin.gz", gzipSync(test));
    const flags = `cifar-10 --from ${place.served}`;
    const refused = await place.run(flags);
    assert.equal(
      refused.stderr,
      "Cannot accept data_batch_2.bin: it must have a published checksum: got none (--unverified takes it all the same)\n",
    );
    assert.equal(refused.code, 1);
    await place.run(`${flags} --unverified`);
    const { stdout } = await place.run("");
    assert.match(stdout, /│ cifar-10 +│ +2 │ no +│ +2 │ +— │ +1 │/);
    const remarks = [
      ...Object.entries({
        "data_batch_2.bin": train,
        "test_batch.bin.gz": test,
      })
        .map(([name, bytes]) =>
          `${name} is not the published file: SHA-256 ${
            sha256Of(bytes).slice(0, 16)
          }…`
        ),
      "cifar-10 has 1 of its 5 training batches: 2 images",
    ];
    assert.ok(stdout.includes(`\n  ${remarks.join("\n  ")}\n`), stdout);
  }));

Deno.test("data keeps no bad batch of CIFAR-10, and lets no archive write outside", () =>
  withPlace(async (place) => {
    const refused = async (
      name: string,
      bytes: Uint8Array,
      message: string,
    ) => {
      Deno.writeFileSync(join(place.served, name), bytes);
      const { code, stderr } = await place.run(
        `cifar-10 --from ${place.served} --unverified`,
      );
      assert.equal(stderr, `${message}\n`);
      assert.equal(code, 1);
      assert.deepEqual(
        [...walk(join(place.directory, "data"))],
        ["cifar-10/.lock"],
      );
    };
    const good = cifarBatchOf([0]);
    const name = "data_batch_1.bin";
    Deno.writeFileSync(join(place.served, "test_batch.bin"), good);
    await refused(
      name,
      good.subarray(0, 3000),
      `Cannot parse data/cifar-10/incoming/${name}: it must hold whole records of 3073 bytes: got 3000 bytes`,
    );
    await refused(
      name,
      cifarBatchOf([9, 10]),
      `Cannot parse data/cifar-10/incoming/${name}: labels must be 0 to 9: got 10 in record 2`,
    );
    const archive = "cifar-10-binary.tar.gz";
    const paths = ["../../outside.bin", "../mnist/x", "/tmp/outside.bin"];
    for (const path of paths) {
      await refused(
        archive,
        gzipSync(tarOf([{ path, content: good }])),
        `Cannot unpack data/cifar-10/incoming/${archive}: it must hold nothing but files right in cifar-10-batches-bin/: got the file "${path}"`,
      );
    }
    await refused(
      archive,
      gzipSync(tarOf([])).subarray(0, -9),
      `Cannot unpack ${archive}: gzip data must be whole and undamaged: got unexpected end of file`,
    );
  }));

Deno.test("data keeps no unverified file that is no such data set, but what was there", () =>
  withPlace(async (place) => {
    const message =
      `Cannot unpack ${INCOMING}/${FILE}: zip data must be whole and undamaged: got End of central directory not found`;
    const bad = BYTES.subarray(0, HALF);
    Deno.writeFileSync(join(place.served, FILE), bad);
    assertRefused(place, await bring(place, "good"), message, []);

    Deno.writeFileSync(join(place.served, FILE), BYTES);
    await bring(place, "good");
    Deno.writeFileSync(join(place.served, FILE), bad);
    const files = ["files.json", FILE];
    assertRefused(place, await bring(place, "good"), message, files);
    const { stdout } = await place.run("");
    assert.match(stdout, /│ pneumoniamnist +│ +1 │ no +│ +3 │/);

    Deno.removeSync(join(place.directory, PLACE, FILE));
    const damaged = await place.run("");
    assert.match(
      damaged.stdout,
      /^Cannot read [^\n]+: got no such file \(deno task data pneumoniamnist brings it anew\)$/m,
    );
  }));

Deno.test("data leaves a set alone of which not all the files come", () =>
  withPlace(async (place) => {
    const write = (part: string, label: number) => {
      const put = (name: string, content: Uint8Array) =>
        Deno.writeFileSync(join(place.served, name), gzipSync(content));
      put(`${part}-images-idx3-ubyte.gz`, idxOf([1, 28, 28], 0));
      put(`${part}-labels-idx1-ubyte.gz`, idxOf([1], label));
    };
    write("train", 3);
    write("t10k", 3);
    const flags = `mnist --mirror ${place.mirror("good")} --unverified`;
    assert.equal((await place.run(flags)).code, 0);

    write("train", 4);
    Deno.removeSync(join(place.served, "t10k-images-idx3-ubyte.gz"));
    const { code, stderr } = await place.run(flags);
    assert.match(stderr, /t10k-images-idx3-ubyte.gz: [^\n]+: got 500 /);
    assert.equal(code, 1);
    const { stdout } = await place.run("");
    assert.match(stdout, /│ mnist +│ +4 │ no +│ +1 │ +— │ +1 │/);
  }));

Deno.test("data does not work where another process does", () =>
  withPlace(async (place) => {
    Deno.mkdirSync(join(place.directory, PLACE), { recursive: true });
    using _lock = lockDirectory(join(place.directory, PLACE));
    assertRefused(
      place,
      await bring(place, "good"),
      `Cannot use ${PLACE}: another process is working there`,
      [],
    );
  }));

Deno.test({
  name:
    "data brings the published MNIST, and only once (skipped where it is not in data/)",
  ignore: !isPresent("mnist"),
  fn: () =>
    withPlace(async (place) => {
      const files = [...Deno.readDirSync(`${ROOT}/data/mnist`)]
        .map(({ name }) => name).filter((name) => name.endsWith(".gz"));
      for (const name of files) {
        Deno.copyFileSync(
          `${ROOT}/data/mnist/${name}`,
          join(place.served, name),
        );
      }
      const flags = `mnist --mirror ${place.mirror("good")}`;
      const last = join(place.served, "t10k-labels-idx1-ubyte.gz");
      Deno.renameSync(last, `${last}.later`);
      assert.equal((await place.run(flags)).code, 1);
      Deno.renameSync(`${last}.later`, last);
      for (let time = 0; time < 2; time++) {
        const { code, stdout, stderr } = await place.run(flags);
        assert.equal(stderr, "");
        assert.equal(code, 0);
        assert.match(
          stdout,
          /│ mnist +│ +4 │ yes +│ 60000 │ +— │ 10000 │ 11.6 │/,
        );
        assert.doesNotMatch(stdout, /not the published/);
      }
      assert.equal(place.requests().length, 5); // 4, and the last again

      // One file in another packing: the others are kept.
      const name = "t10k-labels-idx1-ubyte.gz";
      const path = join(place.served, name);
      const content = gunzipSync(Deno.readFileSync(path));
      Deno.writeFileSync(path, gzipSync(content, { level: 1 }));
      Deno.removeSync(join(place.directory, "data/mnist", name));
      const { stdout, stderr } = await place.run(`${flags} --unverified`);
      assert.equal(stderr, "");
      assert.match(stdout, /│ mnist +│ +4 │ no +│ 60000 │ +— │ 10000 │/);
      assert.ok(stdout.includes(`\n  ${name} is not the published file: `));
      assert.deepEqual(place.requests(), ["good"]);
      assert.deepEqual(
        [...walk(join(place.directory, "data/mnist"))].sort(),
        [".lock", "files.json", ...files.sort()],
      );
    }),
});

Deno.test("data explains itself and says which flag is wrong", () =>
  withPlace(async (place) => {
    const help = await place.run("--help");
    assert.equal(help.code, 0);
    assert.match(help.stdout, /^Usage: deno task data \[name\] \[flags\]\n/);
    assert.match(
      help.stdout,
      /^deno run --no-prompt -P=data --allow-net=HOST scripts\/data.ts NAME --mirror URL$/m,
    );
    // A place of its own, where not even Fashion-MNIST is.
    const empty = await place.run("");
    assert.equal(empty.code, 0);
    assert.doesNotMatch(empty.stdout, /│/);
    assert.match(empty.stdout, /^mnist is not there: deno task data mnist /m);
    const refused = async (flags: string, message: string) => {
      const { code, stderr } = await place.run(flags);
      assert.equal(stderr, `${message}\n`);
      assert.equal(code, 2);
    };
    await refused(
      "mnits",
      'Cannot parse name: expected one of fashion-mnist, mnist, octmnist, pneumoniamnist, cifar-10: got "mnits"',
    );
    await refused(
      "--unverified",
      "Cannot parse name: expected a data set to bring: got none",
    );
    await refused(
      "mnist --from . --mirror https://example.org",
      "Cannot parse --from: expected it without --mirror",
    );
    await refused(
      "mnist --timeout 3000000",
      'Cannot parse --timeout: expected a number greater than 0 and of at most 86400: got "3000000"',
    );
    await refused(
      "mnist --mirror example.org",
      'Cannot parse --mirror: expected an http or https address: got "example.org"',
    );
  }));

/** The files under a directory, by their paths in it. */
function* walk(directory: string): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(directory)) {
    if (!isDirectory) yield name;
    else {
      for (const path of walk(join(directory, name))) yield `${name}/${path}`;
    }
  }
}

function sizeOf(path: string): number {
  try {
    return Deno.statSync(path).size;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return 0;
    throw error;
  }
}
