import assert from "node:assert/strict";
import { saveCheckpoint } from "../../../lib/run/checkpoint.ts";
import { inTemporaryDirectory } from "../../in_temporary_directory.ts";
import { readFiles } from "../train/fixtures/read_files.ts";
import {
  assertRefused,
  makeExampleRun,
  openExampleRun,
  record,
  weights,
} from "./fixtures/example_run.ts";

const force = { force: true };
const resume = { resume: true };

Deno.test("--resume goes on after the last checkpoint and keeps every file", () =>
  inTemporaryDirectory((path) => {
    makeExampleRun(path, { finished: false });
    const before = readFiles(path);
    Deno.writeTextFileSync(`${path}/metrics.csv.tmp`, "left by a kill");
    const run = openExampleRun(path, resume);
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
    makeExampleRun(path, { finished: false });
    for (const threads of [8, 8, 1]) {
      const run = openExampleRun(path, { ...resume, environment: { threads } });
      run.begin();
      run.close();
    }
    assert.deepEqual(record(path).environment, { threads: 2 });
    assert.deepEqual(record(path).resumedIn, [{ threads: 8 }, { threads: 1 }]);
    assert.deepEqual(openExampleRun(path, resume).checkpoint?.state, {
      step: 3,
    });
  }));

Deno.test("--resume of a finished run says so and changes nothing", () =>
  inTemporaryDirectory((path) => {
    makeExampleRun(path, { finished: true });
    Deno.removeSync(`${path}/checkpoint.safetensors`);
    const before = readFiles(path);
    const run = openExampleRun(path, {
      ...resume,
      environment: { threads: 8 },
    });
    assert.equal(run.finished, true);
    run.begin();
    run.finish();
    run.close();
    assert.deepEqual(readFiles(path), before);
  }));

Deno.test("--resume starts from the beginning where no checkpoint is yet", () =>
  inTemporaryDirectory((path) => {
    const killed = openExampleRun(path);
    killed.begin();
    Deno.writeTextFileSync(killed.file("metrics.csv"), "net\nhalf a r");
    killed.close();
    const run = openExampleRun(path, resume);
    assert.equal(run.checkpoint, null);
    run.begin();
    run.close();
    assert.deepEqual(Object.keys(readFiles(path)), [".lock", "config.json"]);
  }));

Deno.test("--resume refuses a missing directory and makes none", () =>
  inTemporaryDirectory((directory) => {
    const path = `${directory}/run`;
    assert.throws(() => openExampleRun(path, resume), {
      name: "Error",
      message: `Cannot resume run: directory ${path} must exist: got none`,
    });
    assert.deepEqual(readFiles(directory), {});
  }));

Deno.test("--resume lists every difference and touches nothing", () =>
  inTemporaryDirectory((path) => {
    makeExampleRun(path, { finished: false });
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
    const run = openExampleRun(path, identity(3, "fashion-mnist"));
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
    const run = openExampleRun(path, identity(3));
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
    const rest = openExampleRun(path, { ...resume, ...identity(3) });
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
      const longer = openExampleRun(path, { ...resume, ...identity(4) });
      assert.equal(longer.checkpoint, null);
      assert.equal(longer.finished, false);
      longer.begin();
      assert.deepEqual(names(), [".lock", "config.json", "end-a.safetensors"]);
      assert.equal(record(path).status, "running");
      assert.deepEqual(record(path).config, { epochs: 4, learningRate: 0.1 });
      longer.close();
    }
    // A new run has none of the old one's.
    const other = openExampleRun(path, { ...force, ...identity(4) });
    other.begin();
    other.close();
    assert.deepEqual(names(), [".lock", "config.json"]);
  }));

Deno.test("--resume takes the config in any order of its names", () =>
  inTemporaryDirectory((path) => {
    makeExampleRun(path, { finished: false });
    const config = { activation: ["relu", "linear"], learningRate: 0.001 };
    openExampleRun(path, { ...resume, config }).close();
  }));

Deno.test("--resume refuses a damaged checkpoint and touches nothing", () =>
  inTemporaryDirectory((path) => {
    makeExampleRun(path, { finished: false });
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
    makeExampleRun(path, { finished: false });
    const other = openExampleRun(`${directory}/b`, {
      config: { learningRate: 1 },
    });
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
    makeExampleRun(path, { finished: false });
    const file = `${path}/checkpoint.safetensors`;
    const bytes = Deno.readFileSync(file);
    Deno.writeTextFileSync(file, "damaged");
    assert.throws(() => openExampleRun(path, resume));
    Deno.writeFileSync(file, bytes);
    openExampleRun(path, resume).close();
  }));
