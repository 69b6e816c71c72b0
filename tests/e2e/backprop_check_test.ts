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

const TASK = "backprop-check";

Deno.test("backprop-check finds the gradients equal and the formulas right for scalars", async () => {
  await withRunDirectory(async (out) => {
    const flags = `--examples 20 --max-size 6 --out ${out}`;
    const { code, stdout, stderr } = await runTask(`${TASK} ${flags} --json`);
    assert.equal(stderr, "");
    assert.equal(code, 0);
    assert.ok(!stdout.includes("\x1b"), "escape codes without a terminal");
    const lines = stdout.trim().split("\n");
    const { largestErrors, claims } = JSON.parse(lines.pop()!);
    assertFits80Columns(stdout);
    for (const sizes of ["scalars", "matrices"]) {
      const { handTfjs, handDifferences } = largestErrors[sizes];
      for (const name of ["A", "B"]) {
        // float32 and float64 differ, but by roundings
        assert.ok(handTfjs[name] > 1e-9 && handTfjs[name] < 1e-5);
        assert.ok(handDifferences[name] < 1e-8);
      }
    }
    assert.deepEqual(
      claims.map(({ verdict }: { verdict: string }) => verdict === "held"),
      [true, true, false, true, true, false, false],
    );

    const metrics = readRun(out, "metrics.csv");
    const rows = readCsvLog(`${ROOT}/${out}/metrics.csv`);
    assert.equal(rows.length, 40);
    assert.ok(rows.slice(0, 20).every(({ size }) => size === "1"));
    assert.ok(rows.slice(20).every(({ size }) => /^[2-6]$/.test(size!)));
    for (const row of rows) {
      const isScalar = row.size === "1";
      assert.equal(Number(row.printed_transpose_late_a) < 1e-12, isScalar);
      assert.equal(row.printed_number_late_b === "", !isScalar);
    }
    const report = readRun(out, "report.md");
    assert.match(report, /did not hold/);
    assert.match(readRun(out, "errors.svg"), /^<svg/);

    // its own run is replaced, by the same bytes
    const again = await runTask(`${TASK} ${flags} --quiet --force`);
    assert.deepEqual(again, { code: 0, stdout: "", stderr: "" });
    assert.equal(readRun(out, "metrics.csv"), metrics);
    const other = await runTask(
      `${TASK} ${flags} --quiet --force --seed=1`,
    );
    assert.equal(other.code, 0);
    assert.notEqual(readRun(out, "metrics.csv"), metrics);
  });
});

Deno.test("backprop-check refuses a damaged run and flags that cannot be", async () => {
  await withRunDirectory(async (out) => {
    const flags = await runTask(`${TASK} --out ${out} --max-size 1`);
    assert.equal(flags.code, 2);
    assert.match(
      flags.stderr,
      /^Cannot parse --max-size: .* from 2 to 64: got "1"\n$/,
    );
    const misspelt = await runTask(`${TASK} --example 3`);
    assert.match(misspelt.stderr, /did you mean --examples\?/);
    assert.ok(!runExists(out));

    Deno.mkdirSync(`${ROOT}/${out}`, { recursive: true });
    Deno.writeTextFileSync(`${ROOT}/${out}/config.json`, "{");
    const damaged = await runTask(`${TASK} --out ${out}`);
    assert.equal(damaged.code, 1);
    assert.match(damaged.stderr, /^Cannot read .*config\.json.*\n$/);
  });
});

Deno.test("backprop-check --help names every flag and fits 80 columns", async () => {
  const { code, stdout } = await runTask(`${TASK} --help`);
  assert.equal(code, 0);
  const flags = ["examples", "max-size", "seed", "out", "force", "json"];
  for (const flag of flags) assert.ok(stdout.includes(`--${flag}`), flag);
  assertFits80Columns(stdout);
});
