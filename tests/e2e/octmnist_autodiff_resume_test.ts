import assert from "node:assert/strict";
import { loadCheckpoint, saveCheckpoint } from "../../lib/run/checkpoint.ts";
import { readCsvLog } from "../../lib/run/csv_log.ts";
import {
  killAtRow,
  readRun,
  ROOT,
  runExists,
  runTask,
  withRunDirectory,
} from "./run_task.ts";

const TASK = "octmnist-autodiff";

/** Small enough for seconds, on the embedded data set, always there. */
const SMALL =
  "--dataset fashion-mnist --train-size 1100 --validation-size 200 " +
  "--test-size 300 --epochs 2 --long-epochs 3 --threads 2";

/** All but times. */
function bytesOf(path: string): string {
  return ["metrics.csv", "report.md", "report.html"]
    .map((file) => readRun(path, file)).join();
}

Deno.test("octmnist-autodiff --resume after Ctrl-C ends with the same bytes, and adds up times", async () => {
  const flags =
    "--dataset fashion-mnist --table 5 --epochs 12 --train-size 1100 " +
    "--validation-size 200 --test-size 300 --hidden-size 50 --quiet";
  let expected = "";
  await withRunDirectory(async (out) => {
    assert.equal((await runTask(`${TASK} ${flags} --out ${out}`)).code, 0);
    expected = bytesOf(out);
  });
  await withRunDirectory(async (out) => {
    const line = `${TASK} ${flags} --out ${out}`;
    const { code, stderr } = await killAtRow(
      line,
      "SIGINT",
      out,
      "metrics.csv",
    );
    assert.equal(code, 130, stderr);
    const [, net, step] = /Interrupted in (\S+) after step (\d+)/.exec(stderr)!;
    assert.ok(Number(step) > 0);
    // As if the present epoch had taken 1,000 s more so far.
    const path = `${ROOT}/${out}/checkpoint.safetensors`;
    const { state, tensors } = loadCheckpoint(path);
    const saved = state as { state: { seconds: number } };
    assert.ok(saved.state.seconds > 0 && saved.state.seconds < 100);
    saved.state.seconds += 1000;
    saveCheckpoint(path, { state, tensors });

    const again = await runTask(`${TASK} ${flags} --out ${out} --resume`);
    assert.equal(again.code, 0, again.stderr);
    assert.equal(bytesOf(out), expected);
    const times = readCsvLog(`${ROOT}/${out}/times.csv`);
    assert.equal(times.length, 2 * 12);
    const total = times.filter((row) => row.net === net)
      .reduce((sum, { seconds }) => sum + Number(seconds), 0);
    assert.ok(total > 1000 && total < 1100, `${total}`);
  });
});

Deno.test("octmnist-autodiff records a net that diverges, and trains the next", async () => {
  await withRunDirectory(async (out) => {
    const { code, stdout, stderr } = await runTask(
      `${TASK} ${SMALL} --table 5,7 --learning-rate 1e21 --out ${out} --json`,
    );
    assert.equal(stderr, "");
    assert.equal(code, 0);
    const metrics = readCsvLog(`${ROOT}/${out}/metrics.csv`);
    assert.deepEqual(
      metrics.map(({ net, epoch, train_loss, validation_accuracy }) =>
        [net, epoch, train_loss, validation_accuracy].join()
      ),
      [
        "mlp-b16-lr1e+21",
        "mlp-b1024-lr1e+21",
        "mlp-none",
        "mlp-l2",
        "mlp-dropout",
        "mlp-l1",
      ].map((net) => `${net},1,NaN,NaN`),
    );
    assert.match(stdout, /mlp-l1: diverged in epoch 1/);
    const result = JSON.parse(stdout.trim().split("\n").at(-1)!);
    assert.ok(result.nets.every((net: { diverged: boolean }) => net.diverged));
    assert.deepEqual(result.nearlyZero, {});
    assert.match(
      readRun(out, "report.md"),
      /\| +16 \| +0\.4809 \| diverged \|/,
    );
    assert.equal(JSON.parse(readRun(out, "config.json")).status, "finished");
    const files = [...Deno.readDirSync(`${ROOT}/${out}`)].map(({ name }) =>
      name
    );
    assert.ok(!files.some((name) => name.startsWith("net-")), files.join());

    const again = await runTask(
      `${TASK} ${SMALL} --table 5,7 --learning-rate 1e21 --out ${out} --resume`,
    );
    assert.equal(again.code, 0, again.stderr);
  });
});

Deno.test("octmnist-autodiff names what is wrong with its flags", async () => {
  await withRunDirectory(async (out) => {
    const refused = async (text: RegExp, flags = "") => {
      const all = `${SMALL} --quiet --out ${out} ${flags}`;
      const { code, stdout, stderr } = await runTask(`${TASK} ${all}`);
      assert.match(stderr, text);
      assert.equal(stderr.trim().split("\n").length, 1, stderr);
      assert.deepEqual([code, stdout], [2, ""]);
      assert.ok(!runExists(out));
    };
    await refused(/--table: expected .*4, 5, 6, 7: got "3"/, "--table 3");
    await refused(/--table: .*without repeats/, "--table 4,4");
    await refused(/did you mean --epochs\?/, "--epoch 3");
    await refused(/--dataset: .*pneumoniamnist/, "--dataset oct");
    await refused(/--hidden-layers: .* got "0"/, "--hidden-layers 0");
    await refused(
      /--train-size: expected at least 1024, the batch of mlp-b1024-lr0\.1: got 1023/,
      "--train-size 1023",
    );
    await refused(
      /--batch-size: expected at most the 800 training images: got 900/,
      "--train-size 800 --batch-size 900",
    );
    await refused(
      /--test-size: expected at most the 10000 images of fashion-mnist: got 10001/,
      "--test-size 10001",
    );
    await refused(/--force: expected it without/, "--resume --force");
  });
});
