import assert from "node:assert/strict";
import { inTemporaryDirectory } from "../../in_temporary_directory.ts";
import { readFiles } from "./fixtures/read_files.ts";
import { crashAt } from "./fixtures/crash_at.ts";
import { finish, spawnFixture } from "./fixtures/spawn_sandboxed.ts";
import { trainDurably } from "./fixtures/train_durably.ts";

const STEPS = 10;

/** Trains to the end, as a user would who is told whether a run is there. */
function trainOn(path: string, steps = STEPS) {
  const there = [...Deno.readDirSync(path)].length > 0;
  trainDurably(path, steps, there ? "resume" : "start");
}

/** Calls `body` with a fresh directory for every crash that can happen. */
function forEveryCrash(
  directory: string,
  prepare: (path: string) => void,
  run: (path: string) => void,
  check: (path: string, crash: string) => void,
): number {
  let crashes = 0;
  for (const moment of ["before", "within", "after"] as const) {
    for (let operation = 0;; operation++) {
      const path = `${directory}/${moment}-${operation}`;
      Deno.mkdirSync(path);
      prepare(path);
      const crashed = crashAt(operation, moment, () => run(path));
      check(path, `${moment} operation ${operation}`);
      if (!crashed) break;
      crashes++;
    }
  }
  return crashes;
}

Deno.test("a run that is resumed after a crash at any file operation ends with the same bytes", () =>
  inTemporaryDirectory((directory) => {
    Deno.mkdirSync(`${directory}/whole`);
    trainOn(`${directory}/whole`);
    const whole = readFiles(`${directory}/whole`);
    assert.equal(whole["steps.csv"]?.split("\n").length, STEPS + 2);
    const crashes = forEveryCrash(
      directory,
      () => {},
      (path) => trainOn(path),
      (path, crash) => {
        trainOn(path);
        assert.deepEqual(readFiles(path), whole, crash);
      },
    );
    assert.ok(crashes > 100, `${crashes} crashes`);
  }));

Deno.test("a resumed run that crashes again, over and over, ends with the same bytes", () =>
  inTemporaryDirectory((directory) => {
    Deno.mkdirSync(`${directory}/whole`);
    trainOn(`${directory}/whole`, 40);
    let crashes = 0;
    // 25 operations are enough to get from one checkpoint to the next.
    for (let operation = 25; operation < 40; operation++) {
      for (const moment of ["before", "within", "after"] as const) {
        const path = `${directory}/${moment}-${operation}`;
        Deno.mkdirSync(path);
        for (
          let left = 20;
          crashAt(operation, moment, () => trainOn(path, 40));
          left--
        ) {
          assert.ok(left > 0, "it never ends");
          crashes++;
        }
        assert.deepEqual(readFiles(path), readFiles(`${directory}/whole`));
      }
    }
    assert.ok(crashes > 2 * 45, `${crashes} crashes in 45 runs`);
  }));

Deno.test("a --force that crashes at any file operation leaves the old run whole or a new one to resume", () =>
  inTemporaryDirectory((directory) => {
    const old = { learningRate: 0.1 };
    const makeOld = (path: string) => trainDurably(path, 4, "start", old);
    for (const name of ["old", "new"]) Deno.mkdirSync(`${directory}/${name}`);
    makeOld(`${directory}/old`);
    trainOn(`${directory}/new`);
    const oldFiles = readFiles(`${directory}/old`);
    const newFiles = readFiles(`${directory}/new`);
    let kept = 0;
    forEveryCrash(
      directory,
      makeOld,
      (path) => trainDurably(path, STEPS, "force"),
      (path, crash) => {
        const { "config.json.tmp": _, ...files } = readFiles(path);
        if (files["config.json"] === oldFiles["config.json"]) {
          assert.deepEqual(files, oldFiles, crash);
          trainDurably(path, 4, "resume", old);
          kept++;
        } else {
          trainOn(path);
          assert.deepEqual(readFiles(path), newFiles, crash);
        }
      },
    );
    assert.ok(kept > 3, `${kept} kept`);
  }));

Deno.test("a run that is killed with SIGKILL at random moments ends with the same bytes", () =>
  inTemporaryDirectory(async (directory) => {
    const steps = 600;
    const start = performance.now();
    trainDurably(`${directory}/whole`, steps, "start");
    // Disks differ: at most a fifth of the way goes well at a time.
    const longest = (performance.now() - start) / 5;
    const seed = 20240607;
    let generator = seed;
    let kills = 0;
    for (let mode = "start";; mode = "resume") {
      const child = spawnFixture(
        "train_durably.ts",
        ["runs/killed", String(steps), mode],
        { cwd: directory },
      );
      const reader = child.stdout.getReader();
      await reader.read(); // "ready", or the end where an error came first
      reader.releaseLock();
      if (kills < 12) {
        generator = (Math.imul(generator, 1664525) + 1013904223) >>> 0;
        const delay = generator / 2 ** 32 * longest;
        await new Promise((resolve) => setTimeout(resolve, delay));
        try {
          child.kill("SIGKILL");
        } catch (error) {
          // It has reached its end before.
          if (!(error instanceof TypeError)) throw error;
        }
      }
      const { code, stderr } = await finish(child);
      assert.equal(stderr, "");
      if (code === 0) break;
      assert.equal(code, 137);
      kills++;
    }
    assert.ok(kills >= 2, `${kills} kills, seed ${seed}`);
    assert.deepEqual(
      readFiles(`${directory}/runs/killed`),
      readFiles(`${directory}/whole`),
      `seed ${seed}`,
    );
  }));
