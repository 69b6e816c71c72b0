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

const TASK = "boolean-mlp";
const lastLine = (stdout: string) =>
  JSON.parse(stdout.trim().split("\n").at(-1)!);

Deno.test("boolean-mlp without flags gives the report's two cases and its figures", async () => {
  await withRunDirectory(async (out) => {
    const { code, stdout, stderr } = await runTask(
      `${TASK} --out ${out} --json`,
    );
    assert.equal(stderr, "");
    assert.equal(code, 0);
    assert.ok(!stdout.includes("\x1b"), "escape codes without a terminal");
    assertFits80Columns(stdout);
    // figure 13: the lines x₁ + x₂ = ±1 on either side of (−1, +1), twice
    assert.equal(stdout.match(/ 1\.0 ┤╲ [· ]*● [· ]*╲ +○/g)?.length, 2);
    assert.match(stdout, /1 of 4 wrong \(figures 11, 12\)\n╱ z: x₁ − x₂ = 1 /);
    // 2 functions, 4 nets, 4 inputs
    assert.match(stdout, /\n32 passes of inputs/);

    const { functions, claims } = lastLine(stdout);
    const net = {
      wrong: 0,
      margin: 1 / Math.sqrt(2),
      perturbation: 0.5,
      euclideanPerturbation: 1 / Math.sqrt(2),
      attained: false,
    };
    const perceptron = { end: "cycles", epochs: 2, wrong: 1 };
    assert.deepEqual(functions, [
      { dimension: 2, lower: -1, upper: 1, sign: net, relu: net, perceptron },
      { dimension: 2, lower: 0, upper: 0, sign: net, relu: net, perceptron },
    ]);
    assert.equal(claims.length, 15);

    const rows = readCsvLog(`${ROOT}/${out}/metrics.csv`);
    // deno-fmt-ignore
    assert.deepEqual(Object.keys(rows[0]!), [
      "dimension", "lower", "upper", "net", "inputs", "wrong", "margin",
      "perturbation", "attained",
    ]);
    assert.deepEqual(
      rows.map(({ lower, net, margin }) =>
        `${lower} ${net} ${Number(margin).toFixed(2)}`
      ),
      [
        "-1 plain 0.71",
        "-1 sign 0.71",
        "-1 relu 0.71",
        "0 plain 0.00",
        "0 sign 0.71",
        "0 relu 0.71",
      ],
    );
    const report = readRun(out, "report.md");
    for (const figure of ["perceptron.svg", "net-1.svg", "net-2.svg"]) {
      assert.ok(report.includes(`(${figure})`), figure);
      assert.match(readRun(out, figure), /^<svg/);
    }
    assert.match(report, /did not hold/);
  });
});

Deno.test("boolean-mlp checks one function, and replaces a run with --force only", async () => {
  await withRunDirectory(async (out) => {
    const flags = "--dimension 5 --lower -1 --upper=3";
    const small = `--out ${out} --quiet`;
    const { stdout, stderr } = await runTask(
      `${TASK} ${flags} ${small} --json`,
    );
    assert.equal(stderr, "");
    assert.equal(stdout.trim().split("\n").length, 1);
    const result = JSON.parse(stdout);
    const { dimension, lower, upper, sign, relu, perceptron } = result;
    assert.deepEqual([dimension, lower, upper], [5, -1, 3]);
    for (const net of [sign, relu]) {
      assert.deepEqual(
        [net.wrong, net.margin, net.perturbation, net.attained],
        [0, 1 / Math.sqrt(5), 1 / 5, false],
      );
    }
    assert.equal(perceptron.end, "cycles");
    assert.ok(perceptron.wrong > 0);

    const metrics = readRun(out, "metrics.csv");
    const refused = await runTask(`${TASK} ${small}`);
    assert.deepEqual(refused, {
      code: 1,
      stdout: "",
      stderr:
        `Cannot start run: directory ${out} already holds a run: --force replaces it\n`,
    });
    assert.equal(readRun(out, "metrics.csv"), metrics);
    const again = await runTask(`${TASK} ${flags} ${small} --force`);
    assert.deepEqual(again, { code: 0, stdout: "", stderr: "" });
    assert.equal(readRun(out, "metrics.csv"), metrics);
    const forced = await runTask(`${TASK} ${small} --force`);
    assert.deepEqual(forced, { code: 0, stdout: "", stderr: "" });
    assert.notEqual(readRun(out, "metrics.csv"), metrics);
  });
});

Deno.test("boolean-mlp --all finds every function right, and the formulas that fail", async () => {
  await withRunDirectory(async (out) => {
    const { code, stdout } = await runTask(
      `${TASK} --all --dimension 12 --out ${out} --json`,
    );
    assert.equal(code, 0);
    const result = lastLine(stdout);
    // Σ (2D + 1)(D + 1) pairs A ≤ B within ±D, Σ (2D + 5)(D + 3) up to 2 beyond
    assert.equal(result.functions, 1546);
    assert.equal(result.functionsBeyond, 2338 - 1546);
    for (const net of [result.sign, result.relu]) {
      assert.equal(net.wrong, 0);
      assert.equal(net.perturbation, 1 / 12);
      assert.ok(Math.abs(net.margin - 1 / Math.sqrt(12)) < 1e-15);
    }
    const failed = result.claims
      .filter(({ verdict }: { verdict: string }) => verdict === "did not hold")
      .map(({ measured }: { measured: string }) => measured);
    assert.equal(failed.length, 5);
    assert.match(failed[0], /^78 of 1222 functions not: D = 1, \[0, 0\]: w/);
    assert.match(failed[1], /^1092 of 1378 .* D = 1, \[−1, 0\]: margin 0$/);
    const shown = stdout.slice(0, stdout.indexOf('{"task"'));
    assert.equal(shown.match(/ did not hold /g)?.length, 5);
    // one row per net, and the header
    const rows = readCsvLog(`${ROOT}/${out}/metrics.csv`);
    assert.equal(rows.length, 3 * 2338);
    assert.ok(rows.every(({ wrong }) => wrong === "0"));
  });
});

Deno.test("boolean-mlp refuses flags that cannot be, and leaves nothing", async () => {
  await withRunDirectory(async (out) => {
    const refused = async (text: RegExp, flags = "") => {
      const result = await runTask(`${TASK} --out ${out} ${flags}`);
      assert.match(result.stderr, text);
      assert.equal(result.stderr.trim().split("\n").length, 1, result.stderr);
      assert.equal(result.stdout, "");
      assert.equal(result.code, 2);
    };
    const both = "--lower 1 --upper 0";
    await refused(
      /^Cannot parse --lower: expected at most --upper 0: got 1$/m,
      both,
    );
    await refused(/--lower: expected --upper with it: got 1$/m, "--lower 1");
    await refused(/--upper: expected --lower with it: got 0$/m, "--upper 0");
    await refused(
      /--lower: expected an integer.* got "0.5"$/m,
      "--lower 0.5",
    );
    await refused(
      /--dimension: .* from 1 to 24: got "25"$/m,
      "--dimension 25",
    );
    await refused(/--dimension: .* got "0"$/m, "--dimension 0");
    await refused(
      /--dimension: expected at most 16 with --all: got 17$/m,
      "--all --dimension 17",
    );
    await refused(
      /--upper: expected it without --all: got 0$/m,
      "--all --upper 0",
    );
    await refused(/did you mean --dimension\?/, "--dimensions 3");
    assert.ok(!runExists(out));
  });
});

Deno.test("boolean-mlp --help names every flag and fits 80 columns", async () => {
  const { code, stdout } = await runTask(`${TASK} --help`);
  assert.equal(code, 0);
  // deno-fmt-ignore
  const flags = [
    "dimension", "lower", "upper", "all", "seed", "out", "force", "quiet",
    "json", "help",
  ];
  for (const flag of flags) assert.ok(stdout.includes(`--${flag}`), flag);
  assertFits80Columns(stdout);
});
