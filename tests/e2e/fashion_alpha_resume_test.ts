import assert from "node:assert/strict";
import { readCsvLog } from "../../lib/run/csv_log.ts";
import {
  countRows,
  killAtRow,
  readRun,
  ROOT,
  runTask,
  snapshot,
  withRunDirectory,
} from "./run_task.ts";

const TASK = "fashion-alpha";

const FLAGS = "--train-size 200 --test-size 100 --batch-size 50 --activation " +
  "relu,relu-alpha --long-lambda 0.1 --long-epochs 1 --quiet";

/** What of a run's files is the same however often it was interrupted. */
function resultsOf(files: ReadonlyMap<string, string>) {
  return [...files].filter(([name]) =>
    /^(metrics\.csv|steps\.csv|report\.md|(net|end)-.*|.*\.svg)$/.test(name)
  );
}

let whole: Promise<ReadonlyMap<string, string>> | undefined;

/** The files of a run of two epochs that nothing interrupts, trained once. */
function wholeRun(): Promise<ReadonlyMap<string, string>> {
  return whole ??= (async () => {
    let files: ReadonlyMap<string, string> = new Map();
    await withRunDirectory(async (out) => {
      const result = await runTask(`${TASK} ${FLAGS} --epochs 2 --out ${out}`);
      assert.equal(result.code, 0, result.stderr);
      files = snapshot(out);
    });
    return files;
  })();
}

Deno.test("fashion-alpha --resume after kill -9 and Ctrl-C ends with the same bytes", async () => {
  const expected = resultsOf(await wholeRun());
  await withRunDirectory(async (out) => {
    let rows = 0;
    // Each is in the middle of the epoch after one that is saved.
    for (const signal of ["SIGKILL", "SIGINT", "SIGKILL"] as const) {
      // What decides results is taken from the record.
      const flags = rows > 0 ? "--quiet --resume" : `${FLAGS} --epochs 2`;
      const line = `${TASK} ${flags} --out ${out}`;
      const { code, stderr } = await killAtRow(
        line,
        signal,
        out,
        "steps.csv",
        rows,
      );
      if (signal === "SIGINT") {
        assert.match(stderr, /^SIGINT: saving.*\nInterrupted .*--resume.*\n$/);
        assert.equal(code, 130);
      } else assert.equal(code, 137, stderr);
      rows = countRows(out, "steps.csv");
    }
    const last = await runTask(`${TASK} --resume --quiet --out ${out}`);
    assert.equal(last.code, 0, last.stderr);
    assert.deepEqual(resultsOf(snapshot(out)), expected);
  });
});

Deno.test("fashion-alpha --epochs 2 --resume lengthens a finished run, as if it had been longer from the start", async () => {
  const expected = resultsOf(await wholeRun());
  await withRunDirectory(async (out) => {
    const short = await runTask(`${TASK} ${FLAGS} --epochs 1 --out ${out}`);
    assert.equal(short.code, 0, short.stderr);
    const before = countRows(out, "metrics.csv");
    const resume = `--resume --out ${out} --epochs`;
    const longer = await runTask(`${TASK} ${resume} 2`);
    assert.equal(longer.code, 0, longer.stderr);
    assert.match(longer.stdout, /^going on where 3 of 3 nets ended$/m);
    // No epoch is trained twice, and the net of --long-epochs not at all.
    assert.doesNotMatch(longer.stdout, /\b1\/[12]\b/);
    assert.deepEqual(resultsOf(snapshot(out)), expected);
    assert.equal(countRows(out, "metrics.csv"), before + 2);

    const shorter = await runTask(`${TASK} ${resume} 1`);
    assert.equal(
      shorter.stderr,
      "Cannot resume run: --epochs differs: the run has 2: got 1; deno task " +
        `fashion-alpha --out ${out} --resume goes on with its own flags\n`,
    );
    assert.equal(shorter.code, 1);
    assert.deepEqual(resultsOf(snapshot(out)), expected);
  });
});

const logsOf = (path: string) =>
  readRun(path, "metrics.csv") + readRun(path, "steps.csv");

Deno.test("fashion-alpha --architecture batch-norm-pool resumes with its running statistics", async () => {
  const flags =
    "--architecture batch-norm-pool --activation relu-alpha --train-size " +
    "400 --test-size 200 --batch-size 40 --epochs 4 --quiet";
  let expected = "";
  await withRunDirectory(async (out) => {
    assert.equal((await runTask(`${TASK} ${flags} --out ${out}`)).code, 0);
    expected = logsOf(out);
    const last = readCsvLog(`${ROOT}/${out}/metrics.csv`).at(-1)!;
    assert.ok(Number(last.test_accuracy) > 0.6);
  });
  await withRunDirectory(async (out) => {
    const line = `${TASK} ${flags} --out ${out}`;
    const { code } = await killAtRow(line, "SIGINT", out, "steps.csv");
    assert.equal(code, 130);
    const partly = logsOf(out);
    assert.ok(partly.length < expected.length);
    const result = await runTask(`${TASK} ${flags} --out ${out} --resume`);
    assert.equal(result.code, 0, result.stderr);
    assert.equal(logsOf(out), expected);
  });
});
