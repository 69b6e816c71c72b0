import assert from "node:assert/strict";
import { readCsvLog } from "../../lib/run/csv_log.ts";
import {
  assertFits80Columns,
  readRun,
  ROOT,
  runExists,
  runTask,
  withRunDirectory,
} from "./run_task.ts";

const TASK = "model-families";
const SMALL = "--trials 5 --examples 60 --gradient 1e-7";

Deno.test("model-families ends at one loss down to min(K − 1, m), K > m or not", async () => {
  await withRunDirectory(async (out) => {
    const flags = `${SMALL} --shapes 3x3,4x2 --out ${out}`;
    const { code, stdout, stderr } = await runTask(`${TASK} ${flags} --json`);
    assert.equal(stderr, "");
    assert.equal(code, 0);
    assert.ok(!stdout.includes("\x1b"), "escape codes without a terminal");
    const lines = stdout.trim().split("\n");
    const { shapes, claims } = JSON.parse(lines.pop()!);
    assertFits80Columns(stdout);
    for (const { classes, inputs, loss, factored } of shapes) {
      const needed = Math.min(classes - 1, inputs);
      assert.equal(factored.length, classes);
      for (const one of factored) {
        const excess = one.loss - loss;
        if (one.inner < needed) assert.ok(excess > 1e-3, `${excess}`);
        else assert.ok(Math.abs(excess) < 1e-9, `${excess}`);
        assert.equal(one.rank, Math.min(one.inner, needed));
        assert.equal(one.toFactored === null, one.inner < needed);
      }
    }
    assert.deepEqual(
      claims.map(({ verdict }: { verdict: string }) => verdict === "held"),
      [true, true, true, true, false, true],
    );

    const rows = readCsvLog(`${ROOT}/${out}/metrics.csv`);
    assert.deepEqual(
      rows.map(({ classes, inputs, inner }) => `${classes}x${inputs} ${inner}`),
      [
        "3x3 ",
        "3x3 1",
        "3x3 2",
        "3x3 3",
        "4x2 ",
        "4x2 1",
        "4x2 2",
        "4x2 3",
        "4x2 4",
      ],
    );
    assert.match(
      stdout,
      new RegExp(`^complete in .* s: ${out}/report.md$`, "m"),
    );
    const metrics = readRun(out, "metrics.csv");
    const report = readRun(out, "report.md");
    for (const shape of ["3x3", "4x2"]) {
      for (const figure of [`loss-${shape}.svg`, `path-${shape}.svg`]) {
        assert.ok(report.includes(`(${figure})`), figure);
        assert.match(readRun(out, figure), /^<svg/);
      }
    }
    const again = await runTask(`${TASK} ${flags} --quiet --force`);
    assert.deepEqual(again, { code: 0, stdout: "", stderr: "" });
    assert.equal(readRun(out, "metrics.csv"), metrics);
  });
});

Deno.test("model-families says so where a descent does not end", async () => {
  await withRunDirectory(async (out) => {
    const { code, stderr } = await runTask(
      `${TASK} --shapes 3x2 --max-steps 5 --quiet --out ${out}`,
    );
    assert.equal(code, 1);
    assert.match(
      stderr,
      /^Cannot train softmax\(W x\), 3x2: gradients must fall to 1e-8 in 5 steps .*: got 0\.\d+\n$/,
    );
  });
});

Deno.test("model-families refuses sizes that cannot be, and a damaged run", async () => {
  await withRunDirectory(async (out) => {
    for (const shapes of ["4", "1x3", "4x100", "3x2,3x2", "3x2,"]) {
      const { code, stderr } = await runTask(
        `${TASK} --out ${out} --shapes ${shapes}`,
      );
      assert.equal(code, 2);
      assert.match(
        stderr,
        /^Cannot parse --shapes: .* both from 2 to 99: got "[^"]*"\n$/,
      );
    }
    // too loose for losses that are compared up to 1e-9
    const loose = await runTask(`${TASK} --out ${out} --gradient 1e-5`);
    assert.equal(loose.code, 2);
    assert.match(loose.stderr, /^Cannot parse --gradient: .*: got "1e-5"\n$/);
    assert.ok(!runExists(out));
    Deno.mkdirSync(`${ROOT}/${out}`, { recursive: true });
    Deno.writeTextFileSync(`${ROOT}/${out}/config.json`, "{");
    const damaged = await runTask(`${TASK} --out ${out}`);
    assert.equal(damaged.code, 1);
    assert.match(damaged.stderr, /^Cannot read .*config\.json.*\n$/);
  });
});

Deno.test("model-families --help names every flag and fits 80 columns", async () => {
  const { code, stdout } = await runTask(`${TASK} --help`);
  assert.equal(code, 0);
  // deno-fmt-ignore
  const flags = [
    "shapes", "trials", "examples", "learning-rate", "gradient", "max-steps",
    "seed", "out", "force", "quiet", "json",
  ];
  for (const flag of flags) assert.ok(stdout.includes(`--${flag}`), flag);
  assertFits80Columns(stdout);
});
