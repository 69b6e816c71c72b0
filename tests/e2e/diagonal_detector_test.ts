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
import { imagesOf } from "../lib/images/svg_parts.ts";

const TASK = "diagonal-detector";

/** Small enough for seconds. */
const SMALL = "--test-size 400 --train-size 200 --epochs 1 --noise 0.01,0.03";

Deno.test("diagonal-detector measures the rule, trains two nets and keeps the run, at any number of threads", async () => {
  await withRunDirectory(async (out) => {
    const { code, stdout, stderr } = await runTask(
      `${TASK} ${SMALL} --threads 2 --out ${out} --json`,
    );
    assert.equal(stderr, "");
    assert.equal(code, 0);
    assert.ok(!stdout.includes("\x1b"), "escape codes without a terminal");
    assertFits80Columns(stdout);
    assert.match(stdout, /2 peaks: class 2\n/);
    assert.match(stdout, /0 peaks: class 2\n/); // a falling diagonal

    const rows = readCsvLog(`${ROOT}/${out}/conditions.csv`);
    const names = [...new Set(rows.map(({ condition }) => condition!))];
    // deno-fmt-ignore
    assert.deepEqual(names, [
      "plain", "noise 0.01", "noise 0.03", "flips 0.01", "flips 0.03",
      "lengths 4 to 6", "both directions", "both, 4 to 6, noise 0.03",
    ]);
    const of = (condition: string, column: string) =>
      rows.filter((row) => row.condition === condition)
        .map((row) => Number(row[column]));
    // what is known without running anything
    assert.deepEqual(of("plain", "rule_accuracy"), [1, 1]);
    assert.deepEqual(of("plain", "peaks"), [1, 2]);
    assert.deepEqual(of("lengths 4 to 6", "rule_accuracy"), [0, 1]);
    for (const noise of ["noise 0.01", "noise 0.03"]) {
      assert.equal(of(noise, "rule_accuracy")[1], 1); // noise takes no peak
    }
    // each within four standard errors of what the chain gives
    for (const row of rows) {
      const [got, p] = [
        Number(row.rule_accuracy),
        Number(row.expected_accuracy),
      ];
      const sd = Math.sqrt(p * (1 - p) / 200);
      assert.ok(Math.abs(got - p) <= 4 * sd + 1e-12, `${row.condition} ${got}`);
    }
    const [one, two] = of("both directions", "peaks");
    assert.ok(one! < 0.75 && two! < 1.5 && one! > 0.25 && two! > 0.5);

    const result = JSON.parse(stdout.trim().split("\n").at(-1)!);
    assert.equal(result.task, TASK);
    assert.equal(result.conditions.length, rows.length);
    assert.equal(result.conditions[1].peaks, 2);
    const metrics = readCsvLog(`${ROOT}/${out}/metrics.csv`);
    assert.deepEqual(metrics.map(({ net }) => net), ["plain", "noisy"]);
    // equal weights at the start, so that only their images tell them apart
    assert.notEqual(metrics[0]!.train_loss, metrics[1]!.train_loss);

    const report = readRun(out, "report.md");
    for (const name of ["example-plain", "filters-noisy"]) {
      assert.ok(report.includes(`(${name}.svg)`), name);
      const images = imagesOf(readRun(out, `${name}.svg`));
      assert.equal(images.length, name === "example-plain" ? 3 : 9);
    }
    assert.match(report, /did not hold/);

    await withRunDirectory(async (again) => {
      const single = await runTask(
        `${TASK} ${SMALL} --threads 1 --out ${again} --quiet`,
      );
      assert.deepEqual(single, { code: 0, stdout: "", stderr: "" });
      for (const file of ["metrics.csv", "conditions.csv", "report.md"]) {
        const [a, b] = [out, again].map((path) => readRun(path, file));
        assert.equal(a!.replace(out, ""), b!.replace(again, ""), file);
      }
      const resumed = await runTask(
        `${TASK} ${SMALL} --out ${again} --resume --quiet`,
      );
      assert.deepEqual(resumed, { code: 0, stdout: "", stderr: "" });
      const net = `${ROOT}/${again}/net-noisy.safetensors`;
      Deno.writeTextFileSync(net, "damaged");
      const damaged = await runTask(
        `${TASK} ${SMALL} --out ${again} --resume --quiet`,
      );
      assert.equal(damaged.code, 1);
      assert.match(damaged.stderr, /^Cannot load .*net-noisy.*\n$/);
      Deno.removeSync(net);
      const missing = await runTask(
        `${TASK} ${SMALL} --out ${again} --resume --quiet`,
      );
      assert.equal(missing.code, 1);
      assert.match(missing.stderr, /^Cannot load .*net-noisy.*\n$/);
    });
  });
});

Deno.test("diagonal-detector refuses flags that cannot be, and leaves nothing", async () => {
  await withRunDirectory(async (out) => {
    const refused = async (text: RegExp, flags = "") => {
      const result = await runTask(`${TASK} --out ${out} ${flags}`);
      assert.match(result.stderr, text);
      assert.equal(result.stderr.trim().split("\n").length, 1, result.stderr);
      assert.equal(result.code, 2);
    };
    await refused(/--noise: .* got "0"$/m, "--noise 0");
    await refused(/--noise: .* got "0.6"$/m, "--noise 0.6");
    await refused(
      /^Cannot parse --batch-size: expected at most the 20 training images: got 50$/m,
      "--train-size 20",
    );
    await refused(/did you mean --noise\?/, "--nois 0.1");
    assert.ok(!runExists(out));
  });
});

Deno.test("diagonal-detector --help names every flag and fits 80 columns", async () => {
  const { code, stdout } = await runTask(`${TASK} --help`);
  assert.equal(code, 0);
  // deno-fmt-ignore
  const flags = [
    "noise", "test-size", "train-size", "train-noise", "epochs", "batch-size",
    "learning-rate", "seed", "threads", "out", "force", "resume", "quiet",
    "json", "help",
  ];
  for (const flag of flags) assert.ok(stdout.includes(`--${flag}`), flag);
  assertFits80Columns(stdout);
});
