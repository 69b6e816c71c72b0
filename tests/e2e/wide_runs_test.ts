/**
 * Runs with V8's flags, and so with kernels of 256 bits that no bounds check
 * guards, against the same runs without.
 */
import assert from "node:assert/strict";
import { IS_WIDE, V8_FLAGS } from "../wide_host.ts";
import {
  killAtRow,
  readRun,
  runTask,
  snapshot,
  withRunDirectory,
} from "./run_task.ts";

const FLAGS = V8_FLAGS.join(" ");

/** Small runs: convolutions, perceptrons, and workers with small nets. */
const RUNS: Readonly<Record<string, string>> = {
  "fashion-alpha":
    "--train-size 400 --test-size 200 --batch-size 50 --epochs 2 --lambda 0.5",
  "alpha-sweep": "--runs 1 --subsets 1 --epochs 1 --train-size 320 " +
    "--batch-size 32 --test-size 100 --lambda 0,5 --jobs 2",
  "octmnist-autodiff": "--dataset fashion-mnist --epochs 1 --long-epochs 1 " +
    "--train-size 1100 --validation-size 200 --test-size 300",
};

/** All CSV files with their bytes, but for what a run took. */
const tablesOf = (out: string) =>
  [...snapshot(out)].filter(([name]) => /^(?!times).*\.csv$/.test(name));

/** What a run's record says of the kernels of its last part. */
function kernelsOf(out: string) {
  const { pinned, environment, resumedIn } = JSON.parse(
    readRun(out, "config.json"),
  );
  return [pinned.simd, [environment, ...resumedIn].at(-1).vectorBits];
}

/** The same run's tables, of a process without V8's flags. */
async function narrowTables(task: string) {
  let tables: ReturnType<typeof tablesOf> = [];
  await withRunDirectory(async (out) => {
    const result = await runTask(`${task} ${RUNS[task]} --quiet --out ${out}`);
    assert.equal(result.code, 0, result.stderr);
    assert.deepEqual(kernelsOf(out), ["relaxed", 128]);
    tables = tablesOf(out);
  });
  assert.ok(tables.length > 0);
  return tables;
}

let fashionTables: ReturnType<typeof narrowTables> | undefined;

/** The tables of fashion-alpha, trained once. */
const expectedTables = () => fashionTables ??= narrowTables("fashion-alpha");

for (const task of Object.keys(RUNS)) {
  Deno.test({
    name: `${task} with 256 bits writes the bytes of one with 128`,
    ignore: !IS_WIDE,
    async fn() {
      const expected = task === "fashion-alpha"
        ? await expectedTables()
        : await narrowTables(task);
      await withRunDirectory(async (out) => {
        const line = `${task} ${RUNS[task]} --quiet --out ${out}`;
        const { code, stderr } = await runTask(line, FLAGS);
        assert.equal(code, 0, stderr);
        assert.deepEqual(kernelsOf(out), ["relaxed", 256]);
        assert.deepEqual(tablesOf(out), expected);
      });
    },
  });
}

Deno.test({
  name: "a run is resumed with 128 bits and with 256, to the same bytes",
  ignore: !IS_WIDE,
  async fn() {
    await withRunDirectory(async (out) => {
      let line = `fashion-alpha ${RUNS["fashion-alpha"]} --quiet --out ${out}`;
      // Each ends in the middle of an epoch.
      for (const [bits, flags, rows] of [[256, FLAGS, 10], [128, "", 26]]) {
        const { code, stderr } = await killAtRow(
          line,
          "SIGKILL",
          out,
          "steps.csv",
          Number(rows),
          String(flags),
        );
        assert.equal(code, 137, stderr);
        assert.deepEqual(kernelsOf(out), ["relaxed", bits]);
        line = `fashion-alpha --resume --quiet --out ${out}`;
      }
      const { code, stderr } = await runTask(line, FLAGS);
      assert.equal(code, 0, stderr);
      assert.deepEqual(tablesOf(out), await expectedTables());
    });
  },
});

/** Runs fashion-alpha into a kernel's wild pointer, and then to its end. */
async function runWildly(flags: string, ended: (stderr: string) => void) {
  const preload = "--preload tests/e2e/fixtures/wild_pointer.ts";
  await withRunDirectory(async (out) => {
    const line = `fashion-alpha ${RUNS["fashion-alpha"]} --quiet --out ${out}`;
    const { code, stderr } = await runTask(line, `${flags} ${preload}`);
    assert.equal(code, flags ? 139 : 1, stderr);
    ended(stderr);
    const resumed = await runTask(
      `fashion-alpha --resume --quiet --out ${out}`,
      flags,
    );
    assert.equal(resumed.code, 0, resumed.stderr);
    assert.deepEqual(tablesOf(out), await expectedTables());
  });
}

Deno.test({
  name:
    "with V8's flags a kernel's wild pointer ends the process at once, and the last checkpoint is good",
  ignore: !IS_WIDE,
  fn: () => runWildly(FLAGS, (stderr) => assert.doesNotMatch(stderr, /Cannot/)),
});

Deno.test("without V8's flags a kernel's wild pointer is an error in words, and the last checkpoint is good", () =>
  runWildly(
    "",
    (stderr) => assert.match(stderr, /memory access out of bounds/),
  ));
