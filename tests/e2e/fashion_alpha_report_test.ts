import assert from "node:assert/strict";
import { readCsvLog } from "../../lib/run/csv_log.ts";
import {
  readRun,
  ROOT,
  runTask,
  snapshot,
  withRunDirectory,
} from "./run_task.ts";

Deno.test("fashion-alpha:report trains every net of report 1 and its variants, for each seed", async () => {
  await withRunDirectory(async (out) => {
    const { code, stdout, stderr } = await runTask(
      "fashion-alpha:report --train-size 20 --test-size 20 --batch-size 10 " +
        `--long-epochs 4 --seed 5 --seeds 2 --out ${out}`,
    );
    assert.equal(stderr, "");
    assert.equal(code, 0);
    const metrics = readCsvLog(`${ROOT}/${out}/metrics.csv`);
    const epochs = Map.groupBy(
      metrics,
      ({ net, lambda, seed }) => [net, lambda, seed].join(" "),
    );
    const nets = [
      "relu ",
      "linear ",
      ...["0.1", "0.3", "0.5", "0.7", "0.9", "2", "5"].map((lambda) =>
        `relu-alpha-${lambda} ${lambda}`
      ),
      "relu-alpha-0.5-4-epochs 0.5",
      "relu-alpha-0.7-4-epochs 0.7",
      "relu-alpha-0.5-clamped 0.5",
      "relu-alpha-0.5-no-penalty 0.5",
    ];
    assert.deepEqual(
      [...epochs].map(([name, rows]) => [name, rows.length]),
      ["5", "6"].flatMap((seed) =>
        nets.map((net) => [`${net} ${seed}`, net.includes("-4-") ? 4 : 3])
      ),
    );
    // The longer training begins as the shorter one, and the seeds differ.
    const losses = (name: string) =>
      epochs.get(name)!.map((row) => row.train_loss);
    const short = losses("relu-alpha-0.5 0.5 6");
    assert.deepEqual(
      losses("relu-alpha-0.5-4-epochs 0.5 6").slice(0, 3),
      short,
    );
    assert.notDeepEqual(losses("relu-alpha-0.5 0.5 5"), short);
    const files = new Set([...snapshot(out).keys()]);
    const record = JSON.parse(readRun(out, "config.json"));
    for (const file of record.files) {
      assert.equal(files.has(file), !file.endsWith(".onnx"), file);
    }
    for (
      const file of ["net-relu.safetensors", "net-relu-seed-6.safetensors"]
    ) {
      assert.ok(files.has(file), file);
    }
    assert.match(stdout, /[−+]\d+\.\d\d ± \d+\.\d\d points/);
    assert.match(
      readRun(out, "report.md"),
      /deno task fashion-alpha .*--long-epochs 4/,
    );
    assert.match(readRun(out, "report.html"), /<svg[\s\S]*α of relu-alpha-5/);
  });
});
