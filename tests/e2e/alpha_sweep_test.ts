import assert from "node:assert/strict";
import { readCsvLog } from "../../lib/run/csv_log.ts";
import {
  assertFits80Columns,
  finish,
  readRun,
  ROOT,
  runExists,
  runTask,
  startTask,
  untilLine,
  withRunDirectory,
} from "./run_task.ts";

const TASK = "alpha-sweep";

/** 8 nets of 180 steps: enough to learn something in seconds. */
const SMALL =
  "--lambda 0,5 --runs 2 --subsets 2 --epochs 6 --train-size 960 --test-size " +
  "500 --batch-size 32 --learning-rate 0.1 --jobs 2";

const HEADER =
  "subset,lambda,run,alpha_init_1,alpha_init_2,alpha_init_3,alpha_final_1,alpha_final_2,alpha_final_3,test_accuracy";

const LAYERS = [1, 2, 3];

/** All that a sweep leaves whose bytes depend on its nets. */
function resultsOf(path: string): string {
  return [
    "sweep.csv",
    "trajectories.csv",
    "report.md",
    "zeros.svg",
    "trajectories-alpha-1.svg",
    "histograms.svg",
    "scatter.svg",
  ].map((file) => readRun(path, file)).join("\n");
}

/** What SMALL leaves; set by the first test that trains it whole. */
let expected: string | undefined;

/** The rows of a sweep's nets at a λ. */
function rowsAt(path: string, lambda: string) {
  return readCsvLog(`${ROOT}/${path}/sweep.csv`)
    .filter((row) => row.lambda === lambda);
}

Deno.test("alpha-sweep trains its nets and leaves tables and figures whose numbers fit together", async () => {
  await withRunDirectory(async (out) => {
    const { code, stdout, stderr } = await runTask(
      `${TASK} ${SMALL} --out ${out} --json`,
    );
    assert.equal(stderr, "");
    assert.equal(code, 0);
    assert.ok(!stdout.includes("\x1b"), "escape codes without a terminal");
    const lines = stdout.trim().split("\n");
    assertFits80Columns(stdout);

    assert.ok(readRun(out, "sweep.csv").startsWith(`${HEADER}\n`));
    const nets = readCsvLog(`${ROOT}/${out}/sweep.csv`);
    assert.deepEqual(
      nets.map(({ subset, lambda, run }) => [subset, lambda, run].join()),
      ["0,0,0", "0,0,1", "0,5,0", "0,5,1", "1,0,0", "1,0,1", "1,5,0", "1,5,1"],
    );
    const points = readCsvLog(`${ROOT}/${out}/trajectories.csv`);
    assert.equal(points.length, 8 * 61);
    nets.forEach((net, i) => {
      const own = points.slice(61 * i, 61 * (i + 1));
      assert.ok(
        own.every(({ run, lambda, subset }) =>
          run === net.run && lambda === net.lambda && subset === net.subset
        ),
      );
      assert.deepEqual(own.map(({ epoch }) => Number(epoch)), [
        ...Array.from({ length: 61 }, (_, i) => i * 6 / 60),
      ]);
      for (const layer of LAYERS) {
        const init = net[`alpha_init_${layer}`]!;
        assert.match(init, /^(0(\.\d[05]?)?|1)$/, "a multiple of 0.05");
        assert.ok(Math.abs(Number(init) * 20 % 1) < 1e-9);
        assert.equal(own[0]![`alpha_${layer}`], init);
        assert.equal(own[60]![`alpha_${layer}`], net[`alpha_final_${layer}`]);
        for (const point of own) {
          const alpha = Number(point[`alpha_${layer}`]);
          assert.ok(alpha >= 0 && alpha <= 1, `${alpha}`);
        }
        // The penalty alone takes learningRate · λ = 0.5 a step.
        if (net.lambda === "5") {
          assert.equal(net[`alpha_final_${layer}`], "0");
        }
      }
      // Ten classes; logistic regression reaches 0.75 on so few images.
      const accuracy = Number(net.test_accuracy);
      assert.ok(accuracy > 0.6 && accuracy < 0.85, `${accuracy}`);
    });
    const inits = nets.map((net) =>
      LAYERS.map((layer) => net[`alpha_init_${layer}`]).join()
    );
    assert.equal(new Set(inits).size, 8);

    // 12 α each: 12 of 12 at λ = 5, and as the file says at λ = 0.
    const finals = rowsAt(out, "0").flatMap((net) =>
      LAYERS.map((layer) => Number(net[`alpha_final_${layer}`]))
    );
    const atZero = finals.filter((alpha) => alpha <= 0.05).length;
    assert.ok(atZero < 12);
    const result = JSON.parse(lines.at(-1)!);
    assert.deepEqual(result.percentAtZero, { 0: 100 * atZero / 12, 5: 100 });
    assert.deepEqual([result.nets, result.failed], [8, 0]);
    const report = readRun(out, "report.md");
    assert.match(report, /\| α at zero, λ = 0 +\| +35.4 ± 8.1 % \|/);
    assert.match(
      report,
      /\| α at zero, λ = 5 +\| +not given \| 100.0 ± 0.0 % \|/,
    );
    assert.match(report, /^1\. The report gives no seed/m);
    assert.match(report, /\(zeros\.svg\)[^]*\(scatter\.svg\)/);
    assert.match(report, /deno task alpha-sweep --lambda 0,5 --runs 2/);
    assert.match(stdout, /^α that go to zero$/m);
    assert.match(stdout, /^λ = 5 │/m);
    const config = JSON.parse(readRun(out, "config.json"));
    assert.equal(config.status, "finished");
    assert.equal(config.config.clampAlpha, true);
    // A subset's size, and all test images that the flag asks for.
    assert.equal(config.config.trainSize, 960);
    assert.equal(config.config.testSize, 500);
    expected = resultsOf(out);
  });
});

Deno.test("alpha-sweep gives the same bytes with one job and with three, and a net the same numbers in a smaller sweep", async () => {
  await withRunDirectory(async (out) => {
    const run = async (flags = "") => {
      const result = await runTask(
        `${TASK} ${SMALL} --epochs 1 --quiet --force --out ${out} ${flags}`,
      );
      assert.deepEqual(result, { code: 0, stdout: "", stderr: "" });
    };
    await run("--jobs 1");
    const one = resultsOf(out);
    const rows = rowsAt(out, "5");
    await run("--jobs 3");
    assert.equal(resultsOf(out), one);
    await run("--lambda 5 --runs 1");
    assert.deepEqual(
      rowsAt(out, "5"),
      rows.filter((row) => row.run === "0"),
    );
    await run("--seed 1 --lambda 5 --runs 1");
    assert.notDeepEqual(
      rowsAt(out, "5"),
      rows.filter((row) => row.run === "0"),
    );
  });
});

Deno.test("alpha-sweep --resume after kill -9 and Ctrl-C ends with the same bytes", async () => {
  if (expected === undefined) { // this test runs alone
    await withRunDirectory(async (out) => {
      const whole = await runTask(`${TASK} ${SMALL} --quiet --out ${out}`);
      assert.equal(whole.code, 0);
      expected = resultsOf(out);
    });
  }
  await withRunDirectory(async (out) => {
    for (const signal of ["SIGKILL", "SIGINT"] as const) {
      const existing = runExists(out) ? "--resume" : "";
      const child = startTask(`${TASK} ${SMALL} --out ${out} ${existing}`);
      // Two nets make the first line of a subset and λ.
      await untilLine(child, /^subset \d /);
      child.kill(signal);
      const { code, stderr } = await finish(child);
      if (signal === "SIGKILL") assert.equal(code, 137);
      else {
        assert.equal(code, 130);
        assert.match(
          stderr,
          /^SIGINT: saving; .*\nInterrupted after [4-7] of 8 nets: .*--resume.*\n$/,
        );
      }
    }
    const last = await runTask(`${TASK} ${SMALL} --out ${out} --resume`);
    assert.equal(last.stderr, "");
    assert.equal(last.code, 0);
    assert.match(last.stdout, /^going on after [4-7] of 8 nets$/m);
    assert.equal(resultsOf(out), expected);
  });
});

Deno.test("alpha-sweep --help names every flag and fits 80 columns", async () => {
  const { code, stdout } = await runTask(`${TASK} --help`);
  assert.equal(code, 0);
  // deno-fmt-ignore
  const flags = [
    "lambda", "runs", "subsets", "no-clamp-alpha", "epochs", "batch-size",
    "learning-rate", "train-size", "test-size", "seed", "jobs", "out",
    "force", "resume", "live", "quiet", "json", "help",
  ];
  for (const flag of flags) assert.ok(stdout.includes(`--${flag}`), flag);
  assertFits80Columns(stdout);
});
