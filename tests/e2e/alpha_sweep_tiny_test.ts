import assert from "node:assert/strict";
import { readCsvLog } from "../../lib/run/csv_log.ts";
import {
  readRun,
  ROOT,
  runTask,
  snapshot,
  withRunDirectory,
} from "./run_task.ts";

const TASK = "alpha-sweep";

/** Nets of ten steps. */
const TINY =
  "--runs 1 --subsets 1 --epochs 1 --train-size 320 --batch-size 32 " +
  "--test-size 100";

const LAYERS = [1, 2, 3];

/** Tables, figures and report with their bytes. */
const resultsOf = (path: string) =>
  [...snapshot(path)].filter(([name]) => /\.(csv|md|svg)$/.test(name));

Deno.test("alpha-sweep reports a net whose loss is no number, finishes the others and tries again", async () => {
  await withRunDirectory(async (out) => {
    // 0.01 · 1e38 in one step: the next penalty is beyond float32.
    const flags =
      `${TINY} --lambda 1e38,0 --no-clamp-alpha --out ${out} --json`;
    for (const more of ["", "--resume"]) {
      const { code, stdout, stderr } = await runTask(
        `${TASK} ${flags} ${more}`,
      );
      assert.equal(code, 1);
      assert.match(
        stderr,
        /^subset 0, λ 1e\+38, run 0: Cannot go on training: the loss must be finite: got (NaN|Infinity) at step 2\nCannot complete the sweep: all 2 nets must train: got 1 that failed; deno task alpha-sweep --out \S+ --resume tries them again\n$/,
      );
      assert.match(stdout, /^alpha-sweep: 2 nets, .*, α not clamped$/m);
      const [failed, trained] = readCsvLog(`${ROOT}/${out}/sweep.csv`);
      for (const layer of LAYERS) {
        assert.equal(failed![`alpha_final_${layer}`], "");
        assert.notEqual(failed![`alpha_init_${layer}`], "");
        assert.notEqual(trained![`alpha_final_${layer}`], "");
      }
      assert.equal(failed!.test_accuracy, "");
      const result = JSON.parse(stdout.trim().split("\n").at(-1)!);
      assert.deepEqual([result.nets, result.failed], [1, 1]);
      const report = readRun(out, "report.md");
      assert.match(report, /^1 of 2 nets failed and are left out\.$/m);
      assert.match(report, /^ {4}deno task alpha-sweep .*--no-clamp-alpha/m);
      const config = JSON.parse(readRun(out, "config.json"));
      assert.equal(config.status, "running");
    }
  });
});

Deno.test("alpha-sweep --no-clamp-alpha lets α leave [0, 1]", async () => {
  await withRunDirectory(async (out) => {
    const flags = `${TINY} --lambda 70 --out ${out} --quiet`;
    const alphas = () =>
      readCsvLog(`${ROOT}/${out}/trajectories.csv`).flatMap((row) =>
        LAYERS.map((layer) => Number(row[`alpha_${layer}`]))
      );
    // Steps of 0.7 pass 0 by up to 0.7.
    await runTask(`${TASK} ${flags}`);
    assert.ok(Math.min(...alphas()) === 0);
    await runTask(`${TASK} ${flags} --force --no-clamp-alpha`);
    assert.ok(Math.min(...alphas()) < -0.1);
  });
});

Deno.test("alpha-sweep records how many images a subset has where more are asked for", async () => {
  await withRunDirectory(async (out) => {
    const { code, stdout } = await runTask(
      `${TASK} ${TINY} --lambda 0 --train-size 70000 --batch-size 6000 --out ${out}`,
    );
    assert.equal(code, 0);
    assert.match(stdout, /--train-size 60000\b/);
    const { config, asked } = JSON.parse(readRun(out, "config.json"));
    assert.deepEqual([config.trainSize, asked.trainSize], [60_000, 70_000]);
    const again = await runTask(`${TASK} --resume --quiet --out ${out}`);
    assert.deepEqual(again, { code: 0, stdout: "", stderr: "" });
  });
});

Deno.test("alpha-sweep keeps what was there when it refuses to run", async () => {
  await withRunDirectory(async (out) => {
    const flags = `${TINY} --lambda 0 --quiet --out ${out}`;
    assert.equal((await runTask(`${TASK} ${flags}`)).code, 0);
    const before = resultsOf(out);
    const refused = async (code: number, text: RegExp, more = "") => {
      const result = await runTask(`${TASK} ${flags} ${more}`);
      assert.match(result.stderr, text);
      assert.equal(result.stderr.trim().split("\n").length, 1, result.stderr);
      assert.equal(result.code, code);
      assert.deepEqual(resultsOf(out), before);
    };
    await refused(
      1,
      /already holds a run: deno task alpha-sweep .*--resume continues/,
    );
    await refused(1, /--lambda differs: /, "--resume --lambda 0,0.1");
    await refused(2, /--force: expected it without/, "--resume --force");
    await refused(2, /did you mean --subsets\?/, "--force --subset 3");
    await refused(2, /--jobs: .* got "0"/, "--force --jobs 0");
    await refused(2, /--lambda: /, "--force --lambda=-0.1");
    for (const batchSize of [321, 70_000]) {
      const expected = /--batch-size: expected at most the 320 training images/;
      await refused(2, expected, `--force --batch-size ${batchSize}`);
    }

    // A finished sweep is shown again and not trained again.
    const again = await runTask(`${TASK} ${flags} --resume --json`);
    assert.equal(again.code, 0);
    assert.deepEqual(resultsOf(out), before);
    const { secondsPerNet, nets } = JSON.parse(again.stdout);
    assert.deepEqual([secondsPerNet, nets], [null, 1]);

    const checkpoint = `${ROOT}/${out}/checkpoint.safetensors`;
    const bytes = Deno.readFileSync(checkpoint);
    bytes[bytes.length - 1]! ^= 1;
    Deno.writeFileSync(checkpoint, bytes);
    await refused(1, /^Cannot load checkpoint .*altered.*\n$/, "--resume");
  });
});
