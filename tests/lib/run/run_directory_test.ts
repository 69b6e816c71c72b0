import assert from "node:assert/strict";
import { saveCheckpoint } from "../../../lib/run/checkpoint.ts";
import type { RunDirectoryOptions } from "../../../lib/run/run_directory.ts";
import {
  completeLine,
  openRunDirectory,
} from "../../../lib/run/run_directory.ts";
import { crashAt } from "../train/fixtures/crash_at.ts";
import { inTemporaryDirectory } from "../../in_temporary_directory.ts";
import { readFiles } from "../train/fixtures/read_files.ts";
import { finish, spawnFixture } from "../train/fixtures/spawn_sandboxed.ts";

const weights = {
  dtype: "float32",
  shape: [2],
  data: new Float32Array([0.25, -1]),
} as const;

function open(path: string, options: Partial<RunDirectoryOptions> = {}) {
  return openRunDirectory({
    path,
    files: ["metrics.csv", "loss.svg"],
    config: { learningRate: 0.001, activation: ["relu", "linear"] },
    pinned: { simdLevel: "relaxed" },
    environment: { threads: 2 },
    force: false,
    resume: false,
    ...options,
  });
}

/** A run with one checkpoint, finished or killed after it. */
function makeRun(path: string, { finished }: { finished: boolean }) {
  const run = open(path);
  run.begin();
  Deno.writeTextFileSync(run.file("metrics.csv"), "net\nrelu\n");
  run.saveCheckpoint({ state: { step: 3 }, tensors: { weights } });
  if (finished) run.finish();
  run.close();
}

function record(path: string) {
  return JSON.parse(Deno.readTextFileSync(`${path}/config.json`));
}

function assertRefused(
  path: string,
  options: Partial<RunDirectoryOptions>,
  message: string,
) {
  const before = readFiles(path);
  assert.throws(() => open(path, options), { name: "Error", message });
  assert.deepEqual(readFiles(path), before);
}

const force = { force: true };
const resume = { resume: true };

Deno.test("openRunDirectory() makes a missing directory and records the run", () =>
  inTemporaryDirectory((directory) => {
    const path = `${directory}/runs/fashion`;
    const run = open(path);
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
      const run = open(path, options);
      run.begin();
      run.close();
      assert.equal(record(path).status, "running");
    }
  }));

Deno.test("openRunDirectory() refuses a run that is there and touches nothing", () =>
  inTemporaryDirectory((directory) => {
    const path = `${directory}/run`;
    makeRun(path, { finished: false });
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
    assert.throws(() => open(path, force), {
      message: `Cannot read ${path}: not a directory`,
    });
    assert.throws(() => open(`${path}/run`), {
      message: `Cannot read ${path}/run: not a directory`,
    });
    assert.deepEqual(readFiles(directory), { file: "kept" });
  }));

Deno.test("--force keeps the old run until begin() and the user's files for good", () =>
  inTemporaryDirectory((path) => {
    makeRun(path, { finished: true });
    Deno.writeTextFileSync(`${path}/notes.md`, "mine");
    Deno.writeTextFileSync(`${path}/metrics.csv.tmp`, "left by a kill");
    const before = readFiles(path);
    const run = open(path, {
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
      makeRun(path, { finished: true });
      const before = readFiles(path);
      crashed = crashAt(operation, "after", () => {
        open(path, { ...force, ...other }).begin();
      });
      if (record(path).status === "finished") {
        const { "config.json.tmp": _, ...files } = readFiles(path);
        assert.deepEqual(files, before);
        continue;
      }
      started++;
      const run = open(path, { ...resume, ...other });
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
      makeRun(path, { finished: true });
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

Deno.test("--resume goes on after the last checkpoint and keeps every file", () =>
  inTemporaryDirectory((path) => {
    makeRun(path, { finished: false });
    const before = readFiles(path);
    Deno.writeTextFileSync(`${path}/metrics.csv.tmp`, "left by a kill");
    const run = open(path, resume);
    assert.deepEqual(run.checkpoint, {
      state: { step: 3 },
      tensors: { weights },
    });
    assert.equal(run.finished, false);
    run.begin();
    run.close();
    assert.deepEqual(readFiles(path), before);
  }));

Deno.test("--resume records another environment once", () =>
  inTemporaryDirectory((path) => {
    makeRun(path, { finished: false });
    for (const threads of [8, 8, 1]) {
      const run = open(path, { ...resume, environment: { threads } });
      run.begin();
      run.close();
    }
    assert.deepEqual(record(path).environment, { threads: 2 });
    assert.deepEqual(record(path).resumedIn, [{ threads: 8 }, { threads: 1 }]);
    assert.deepEqual(open(path, resume).checkpoint?.state, { step: 3 });
  }));

Deno.test("--resume of a finished run says so and changes nothing", () =>
  inTemporaryDirectory((path) => {
    makeRun(path, { finished: true });
    Deno.removeSync(`${path}/checkpoint.safetensors`);
    const before = readFiles(path);
    const run = open(path, { ...resume, environment: { threads: 8 } });
    assert.equal(run.finished, true);
    run.begin();
    run.finish();
    run.close();
    assert.deepEqual(readFiles(path), before);
  }));

Deno.test("completeLine() says how long a finished run took, or nothing where no version timed it", () =>
  inTemporaryDirectory((path) => {
    makeRun(path, { finished: true });
    const lineOf = () => {
      const again = open(path, { ...resume, files: ["report.md"] });
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

Deno.test("--resume starts from the beginning where no checkpoint is yet", () =>
  inTemporaryDirectory((path) => {
    const killed = open(path);
    killed.begin();
    Deno.writeTextFileSync(killed.file("metrics.csv"), "net\nhalf a r");
    killed.close();
    const run = open(path, resume);
    assert.equal(run.checkpoint, null);
    run.begin();
    run.close();
    assert.deepEqual(Object.keys(readFiles(path)), [".lock", "config.json"]);
  }));

Deno.test("--resume refuses a missing directory and makes none", () =>
  inTemporaryDirectory((directory) => {
    const path = `${directory}/run`;
    assert.throws(() => open(path, resume), {
      name: "Error",
      message: `Cannot resume run: directory ${path} must exist: got none`,
    });
    assert.deepEqual(readFiles(directory), {});
  }));

Deno.test("--resume lists every difference and touches nothing", () =>
  inTemporaryDirectory((path) => {
    makeRun(path, { finished: false });
    assertRefused(
      path,
      {
        ...resume,
        config: { learningRate: 0.01, activation: ["relu"], clampAlpha: true },
        pinned: { simdLevel: "plain" },
      },
      "Cannot resume run: --learning-rate differs: the run has 0.001: got 0.01; " +
        '--activation differs: the run has ["relu","linear"]: got ["relu"]; ' +
        "--clamp-alpha differs: the run has none: got true; " +
        'simdLevel differs: the run has "relaxed": got "plain"; ' +
        "--force in place of --resume replaces it",
    );
  }));

Deno.test("--resume names the command that goes on where a flag differs", () =>
  inTemporaryDirectory((path) => {
    const identity = (epochs: number, dataset: string) => ({
      config: { epochs, dataset },
      pinned: { task: "mnist-models" },
      asked: { epochs, dataset: null },
    });
    const run = open(path, identity(3, "fashion-mnist"));
    run.begin();
    run.close();
    const command = `deno task mnist-models --out ${path}`;
    const difference =
      '--dataset differs: the run has "fashion-mnist": got "mnist"';
    for (
      const [present, message] of [
        [
          identity(4, "fashion-mnist"),
          `--epochs differs: the run has 3: got 4; this task lengthens no run; ${command} --resume goes on with its own flags`,
        ],
        // The data set was left out both times, and has come since.
        [
          identity(3, "mnist"),
          `${difference}; ${command} --dataset fashion-mnist --resume goes on with its own flags`,
        ],
      ] as const
    ) {
      assertRefused(
        path,
        { ...resume, ...present },
        `Cannot resume run: ${message}`,
      );
    }
  }));

Deno.test("--resume lengthens a finished run, keeps its nets' ends and outlives a kill", () =>
  inTemporaryDirectory((path) => {
    const identity = (epochs: number, learningRate = 0.1) => ({
      config: { epochs, learningRate },
      pinned: { task: "mnist-models" },
      files: ["metrics.csv", "end-a.safetensors"],
      lengthens: ["epochs"],
    });
    const write = (name: string) =>
      Deno.writeTextFileSync(`${path}/${name}`, name);
    const run = open(path, identity(3));
    run.begin();
    write("metrics.csv");
    write("end-a.safetensors");
    run.saveCheckpoint({ state: null, tensors: {} });
    run.close();
    const command = `deno task mnist-models --out ${path} --resume`;
    const refused = (present: object, rest: string) =>
      assertRefused(
        path,
        { ...resume, ...present },
        `Cannot resume run: --epochs differs: the run has 3: got ${rest}`,
      );
    refused(identity(4), `4; ${command} has to finish it first`);
    const rest = open(path, { ...resume, ...identity(3) });
    rest.begin();
    rest.finish();
    rest.close();
    refused(identity(2), `2; ${command} goes on with its own flags`);
    refused(
      identity(4, 0.2),
      `4; --learning-rate differs: the run has 0.1: got 0.2; ${command} goes on with its own flags`,
    );
    refused(
      { ...identity(4), lengthens: [] },
      `4; this task lengthens no run; ${command} goes on with its own flags`,
    );

    const names = () => Object.keys(readFiles(path));
    for (const _kill of ["before its first checkpoint", "again"]) {
      const longer = open(path, { ...resume, ...identity(4) });
      assert.equal(longer.checkpoint, null);
      assert.equal(longer.finished, false);
      longer.begin();
      assert.deepEqual(names(), [".lock", "config.json", "end-a.safetensors"]);
      assert.equal(record(path).status, "running");
      assert.deepEqual(record(path).config, { epochs: 4, learningRate: 0.1 });
      longer.close();
    }
    // A new run has none of the old one's.
    const other = open(path, { ...force, ...identity(4) });
    other.begin();
    other.close();
    assert.deepEqual(names(), [".lock", "config.json"]);
  }));

Deno.test("--resume takes the config in any order of its names", () =>
  inTemporaryDirectory((path) => {
    makeRun(path, { finished: false });
    const config = { activation: ["relu", "linear"], learningRate: 0.001 };
    open(path, { ...resume, config }).close();
  }));

Deno.test("--resume refuses a damaged checkpoint and touches nothing", () =>
  inTemporaryDirectory((path) => {
    makeRun(path, { finished: false });
    const file = `${path}/checkpoint.safetensors`;
    const bytes = Deno.readFileSync(file);
    Deno.writeFileSync(file, bytes.subarray(0, bytes.length - 1));
    assertRefused(
      path,
      resume,
      `Cannot load checkpoint ${file}: file must match the SHA-256 in its header: got altered or missing bytes`,
    );
  }));

Deno.test("--resume refuses a checkpoint that came from elsewhere", () =>
  inTemporaryDirectory((directory) => {
    const path = `${directory}/a`;
    makeRun(path, { finished: false });
    const other = open(`${directory}/b`, { config: { learningRate: 1 } });
    other.begin();
    other.saveCheckpoint({ state: 1, tensors: {} });
    other.close();
    const file = `${path}/checkpoint.safetensors`;
    Deno.copyFileSync(`${directory}/b/checkpoint.safetensors`, file);
    assertRefused(
      path,
      resume,
      "Cannot resume run: --learning-rate differs: the run has 1: got 0.001; " +
        '--activation differs: the run has none: got ["relu","linear"]; ' +
        "--force in place of --resume replaces it",
    );
    for (const state of [null, { step: 3 }]) {
      saveCheckpoint(file, { state, tensors: {} });
      assertRefused(
        path,
        resume,
        `Cannot load checkpoint ${file}: it must be of a run: got one without a run's configuration`,
      );
    }
  }));

Deno.test("a refused --resume lets the next process in", () =>
  inTemporaryDirectory((path) => {
    makeRun(path, { finished: false });
    const file = `${path}/checkpoint.safetensors`;
    const bytes = Deno.readFileSync(file);
    Deno.writeTextFileSync(file, "damaged");
    assert.throws(() => open(path, resume));
    Deno.writeFileSync(file, bytes);
    open(path, resume).close();
  }));

Deno.test("openRunDirectory() rejects --force with --resume", () =>
  inTemporaryDirectory((path) => {
    assert.throws(() => open(path, { force: true, resume: true }), {
      name: "TypeError",
      message:
        "Cannot start run: --force and --resume exclude each other: got both",
    });
  }));

Deno.test("openRunDirectory() takes plain file names only", () =>
  inTemporaryDirectory((path) => {
    for (const name of ["../a", "a/b", "", ".", "..", ".lock", "config.json"]) {
      assert.throws(() => open(path, { files: [name] }), {
        name: "TypeError",
        message:
          `Cannot start run: file names must be plain, as metrics.csv: got ${name}`,
      });
    }
    const run = open(path);
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
      () => open(path, { ...resume, config: {}, pinned: {} }),
      busy,
    );
    assert.throws(() => open(path, force), busy);
    assert.deepEqual(readFiles(path), before);
    child.kill("SIGKILL");
    reader.releaseLock();
    await finish(child);

    const run = open(path, force);
    assert.throws(() => open(path, force), busy);
    run.close();
    open(path, force).close();
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
