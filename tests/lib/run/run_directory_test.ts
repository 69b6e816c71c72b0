import assert from "node:assert/strict";
import { completeLine } from "../../../lib/run/run_directory.ts";
import { crashAt } from "../train/fixtures/crash_at.ts";
import { inTemporaryDirectory } from "../../in_temporary_directory.ts";
import { readFiles } from "../train/fixtures/read_files.ts";
import { finish, spawnFixture } from "../train/fixtures/spawn_sandboxed.ts";
import {
  assertRefused,
  makeExampleRun,
  openExampleRun,
  record,
} from "./fixtures/example_run.ts";

const force = { force: true };
const resume = { resume: true };

Deno.test("openRunDirectory() makes a missing directory and records the run", () =>
  inTemporaryDirectory((directory) => {
    const path = `${directory}/runs/fashion`;
    const run = openExampleRun(path);
    assert.equal(run.checkpoint, null);
    assert.equal(run.finished, false);
    run.begin();
    assert.deepEqual(record(path), {
      format: "alphalab-run",
      version: 1,
      status: "running",
      config: { learningRate: 0.001, activation: ["relu", "linear"] },
      pinned: { simdLevel: "relaxed" },
      environment: { threads: 2 },
      resumedIn: [],
      files: ["metrics.csv", "loss.svg", "checkpoint.safetensors"],
    });
    run.finish();
    run.close();
    assert.equal(record(path).status, "finished");
    assert.deepEqual(Object.keys(readFiles(path)), [".lock", "config.json"]);
  }));

Deno.test("openRunDirectory() takes an empty directory", () =>
  inTemporaryDirectory((directory) => {
    for (const options of [{}, force, resume]) {
      const path = `${directory}/${JSON.stringify(options)}`;
      Deno.mkdirSync(path);
      const run = openExampleRun(path, options);
      run.begin();
      run.close();
      assert.equal(record(path).status, "running");
    }
  }));

Deno.test("openRunDirectory() refuses a run that is there and touches nothing", () =>
  inTemporaryDirectory((directory) => {
    const path = `${directory}/run`;
    makeExampleRun(path, { finished: false });
    // Not even a lock file comes into being.
    Deno.removeSync(`${path}/.lock`);
    assertRefused(
      path,
      {},
      `Cannot start run: directory ${path} already holds a run: --resume continues it, --force replaces it`,
    );
    assertRefused(
      path,
      { resume: null },
      `Cannot start run: directory ${path} already holds a run: --force replaces it`,
    );
  }));

Deno.test("openRunDirectory() refuses a directory of other things whatever is asked", () =>
  inTemporaryDirectory((directory) => {
    Deno.writeTextFileSync(`${directory}/thesis.tex`, "years of work");
    for (const options of [{}, force, resume]) {
      assertRefused(
        directory,
        options,
        `Cannot ${
          "resume" in options ? "resume" : "start"
        } run: directory ${directory} must be empty or hold a run of alphalab: got other files, thesis.tex for one`,
      );
    }
    const path = `${directory}/config.json`;
    for (
      const [text, reason] of [
        ["{", "it must be the record of a run: got no JSON"],
        [
          "null",
          'its format must be alphalab-run 1: got "undefined undefined"',
        ],
        [
          '{"name":"app"}',
          'its format must be alphalab-run 1: got "undefined undefined"',
        ],
        [
          '{"format":"alphalab-run","version":2}',
          'its format must be alphalab-run 1: got "alphalab-run 2"',
        ],
        [
          '{"format":"alphalab-run","version":1,"config":{},"pinned":{},"environment":{},"resumedIn":[],"files":["../a"]}',
          "it must be the record of a run: got an edited one",
        ],
      ] as const
    ) {
      Deno.writeTextFileSync(path, text);
      for (const options of [{}, force, resume]) {
        assertRefused(directory, options, `Cannot read ${path}: ${reason}`);
      }
    }
  }));

Deno.test("openRunDirectory() refuses a path that is a file", () =>
  inTemporaryDirectory((directory) => {
    const path = `${directory}/file`;
    Deno.writeTextFileSync(path, "kept");
    assert.throws(() => openExampleRun(path, force), {
      message: `Cannot read ${path}: not a directory`,
    });
    assert.throws(() => openExampleRun(`${path}/run`), {
      message: `Cannot read ${path}/run: not a directory`,
    });
    assert.deepEqual(readFiles(directory), { file: "kept" });
  }));

Deno.test("--force keeps the old run until begin() and the user's files for good", () =>
  inTemporaryDirectory((path) => {
    makeExampleRun(path, { finished: true });
    Deno.writeTextFileSync(`${path}/notes.md`, "mine");
    Deno.writeTextFileSync(`${path}/metrics.csv.tmp`, "left by a kill");
    const before = readFiles(path);
    const run = openExampleRun(path, {
      ...force,
      files: ["other.csv"],
      config: { learningRate: 0.1 },
    });
    assert.equal(run.checkpoint, null);
    assert.equal(run.finished, false);
    assert.deepEqual(readFiles(path), before);
    run.begin();
    run.close();
    assert.deepEqual(Object.keys(readFiles(path)), [
      ".lock",
      "config.json",
      "notes.md",
    ]);
    assert.deepEqual(record(path).config, { learningRate: 0.1 });
    assert.deepEqual(record(path).files, [
      "other.csv",
      "checkpoint.safetensors",
    ]);
  }));

Deno.test("--force that is killed while it clears leaves the rest to the next --resume", () =>
  inTemporaryDirectory((directory) => {
    const other = { files: ["other.csv"] };
    let started = 0;
    for (let operation = 0, crashed = true; crashed; operation++) {
      const path = `${directory}/${operation}`;
      makeExampleRun(path, { finished: true });
      const before = readFiles(path);
      crashed = crashAt(operation, "after", () => {
        openExampleRun(path, { ...force, ...other }).begin();
      });
      if (record(path).status === "finished") {
        const { "config.json.tmp": _, ...files } = readFiles(path);
        assert.deepEqual(files, before);
        continue;
      }
      started++;
      const run = openExampleRun(path, { ...resume, ...other });
      assert.equal(run.checkpoint, null);
      run.begin();
      run.close();
      assert.deepEqual(Object.keys(readFiles(path)), [".lock", "config.json"]);
    }
    assert.ok(started > 8, `${started} started`);
  }));

Deno.test({
  name: "--force keeps the old run when the disk has no room for the new one",
  ignore: Deno.build.os !== "linux", // no /dev/full elsewhere
  fn: () =>
    inTemporaryDirectory(async (directory) => {
      const path = `${directory}/run`;
      makeExampleRun(path, { finished: true });
      const before = readFiles(path);
      Deno.symlinkSync("/dev/full", `${path}/config.json.tmp`);
      const child = spawnFixture("train_durably.ts", ["run", "9", "force"], {
        cwd: directory,
        permissions: ["-A"],
      });
      assert.deepEqual(await finish(child), {
        code: 1,
        stdout: "",
        stderr: "Cannot write run/config.json: no space left on device\n",
      });
      assert.deepEqual(readFiles(path), before);
    }),
});

Deno.test("completeLine() says how long a finished run took, or nothing where no version timed it", () =>
  inTemporaryDirectory((path) => {
    makeExampleRun(path, { finished: true });
    const lineOf = () => {
      const again = openExampleRun(path, { ...resume, files: ["report.md"] });
      const line = completeLine(again);
      again.close();
      return line;
    };
    assert.equal(lineOf(), `complete in 0.0 s: ${path}/report.md`);
    const { seconds: _, ...untimed } = record(path);
    const write = (record: unknown) =>
      Deno.writeTextFileSync(`${path}/config.json`, JSON.stringify(record));
    write({ ...untimed, seconds: 83 });
    assert.equal(lineOf(), `complete in 1 min 23 s: ${path}/report.md`);
    write(untimed);
    assert.equal(lineOf(), `complete: ${path}/report.md`);
  }));

Deno.test("openRunDirectory() rejects --force with --resume", () =>
  inTemporaryDirectory((path) => {
    assert.throws(() => openExampleRun(path, { force: true, resume: true }), {
      name: "TypeError",
      message:
        "Cannot start run: --force and --resume exclude each other: got both",
    });
  }));

Deno.test("openRunDirectory() takes plain file names only", () =>
  inTemporaryDirectory((path) => {
    for (const name of ["../a", "a/b", "", ".", "..", ".lock", "config.json"]) {
      assert.throws(() => openExampleRun(path, { files: [name] }), {
        name: "TypeError",
        message:
          `Cannot start run: file names must be plain, as metrics.csv: got ${name}`,
      });
    }
    const run = openExampleRun(path);
    assert.equal(run.file("loss.svg"), `${path}/loss.svg`);
    assert.throws(() => run.file("alpha.svg"), {
      name: "TypeError",
      message:
        "Cannot write alpha.svg: it must be one of the run's metrics.csv,loss.svg",
    });
    run.close();
  }));

Deno.test("a directory is one process's alone until that closes it or is killed", () =>
  inTemporaryDirectory(async (directory) => {
    const path = `${directory}/runs/a`;
    const busy = {
      name: "Error",
      message: `Cannot use ${path}: another process is working there`,
    };
    const child = spawnFixture("train_durably.ts", ["runs/a", "0", "hold"], {
      cwd: directory,
    });
    const reader = child.stdout.getReader();
    await reader.read();
    const before = readFiles(path);
    assert.throws(
      () => openExampleRun(path, { ...resume, config: {}, pinned: {} }),
      busy,
    );
    assert.throws(() => openExampleRun(path, force), busy);
    assert.deepEqual(readFiles(path), before);
    child.kill("SIGKILL");
    reader.releaseLock();
    await finish(child);

    const run = openExampleRun(path, force);
    assert.throws(() => openExampleRun(path, force), busy);
    run.close();
    openExampleRun(path, force).close();
  }));

Deno.test("openRunDirectory() works in the sandbox, and under runs/ only", () =>
  inTemporaryDirectory(async (directory) => {
    const train = async (path: string, mode: string) =>
      await finish(
        spawnFixture("train_durably.ts", [path, "9", mode], { cwd: directory }),
      );
    assert.deepEqual(await train("runs/a", "start"), {
      code: 0,
      stdout: "ready\n",
      stderr: "",
    });
    assert.equal((await train("runs/a", "force")).stderr, "");
    assert.equal((await train("runs/a", "resume")).stderr, "");
    for (const path of ["elsewhere", "runs/../elsewhere", "/etc/alphalab"]) {
      assert.deepEqual(await train(path, "start"), {
        code: 1,
        stdout: "",
        stderr: `Cannot write ${path}: the task may write under runs/ only\n`,
      });
    }
    assert.deepEqual(
      [...Deno.readDirSync(directory)].map(({ name }) => name),
      ["runs"],
    );
  }));
