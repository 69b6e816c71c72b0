import assert from "node:assert/strict";
import { claimOf, metricsOf } from "./by_hand_task.ts";
import {
  readRun,
  ROOT,
  runTask,
  startTask,
  withRunDirectory,
} from "./run_task.ts";

/** Kills a task when it has printed a text. */
async function killAt(
  text: string,
  signal: Deno.Signal,
  task: string,
  flags = "",
) {
  const child = startTask(`${task} ${flags}`);
  const decoder = new TextDecoder();
  let printed = "", code: number | undefined;
  for await (const part of child.stdout) {
    printed += decoder.decode(part, { stream: true });
    if (code === undefined && printed.includes(text)) {
      child.kill(signal);
      code = 0;
    }
  }
  const stderr = await new Response(child.stderr).text();
  return { code: (await child.status).code, printed, stderr };
}

Deno.test("octmnist-mlp --resume after Ctrl-C and kill -9 ends with the same bytes", async () => {
  const flags =
    "--dataset fashion-mnist --train-size 3500 --validation-size 300 " +
    "--test-size 300 --epochs 12";
  const task = "octmnist-mlp";
  let expected = "";
  await withRunDirectory(async (out) => {
    const { code } = await runTask(`${task} ${flags} --quiet --out ${out}`);
    assert.equal(code, 0);
    expected = readRun(out, "metrics.csv");
  });
  await withRunDirectory(async (out) => {
    const all = `${flags} --out ${out}`;
    const first = await killAt(" 2/12", "SIGINT", task, all);
    assert.equal(first.code, 130, first.stderr);
    assert.match(
      first.stderr,
      /^SIGINT: saving; .*\nInterrupted in mlp .*--resume.*\n$/,
    );
    const second = await killAt(" 5/12", "SIGKILL", task, `${all} --resume`);
    assert.equal(second.code, 137);
    assert.match(second.printed, /going on with mlp .* after epoch \d+ and/);
    const third = await killAt(" 6/12", "SIGTERM", task, `${all} --resume`);
    assert.equal(third.code, 143, third.stderr);
    const last = await runTask(`${task} ${all} --resume`);
    assert.equal(last.stderr, "");
    assert.equal(last.code, 0);
    assert.equal(readRun(out, "metrics.csv"), expected);

    const losses = metricsOf(out).map(({ loss }) => Number(loss));
    const fall = losses[0]! - losses[11]!;
    assert.ok(losses[2]! < losses[0]! - fall / 2, "most of it in 3 epochs");
    const share = (100 * (losses[0]! - losses[2]!) / fall).toFixed(0);
    assert.match(
      claimOf(readRun(out, "report.md"), "from epoch 2.5 on"),
      new RegExp(`\\| held +\\| .* in epoch 3, .*: ${share} % of the fall`),
    );
    // a mean can be compared with one of another number of images
    assert.match(
      readRun(out, "report.md"),
      new RegExp(
        `train loss, mean +\\| +0\\.5929 \\| +${
          (losses[11]! / 3500).toFixed(4)
        } `,
      ),
    );
  });
});

Deno.test("octmnist-logistic --resume in its first model trains the second from its beginning", async () => {
  const flags =
    "--dataset fashion-mnist --train-size 20000 --validation-size 1000 " +
    "--test-size 1000 --epochs 8";
  const task = "octmnist-logistic";
  await withRunDirectory(async (out) => {
    const all = `${flags} --out ${out}`;
    const { code, stderr } = await killAt(" 2/8", "SIGINT", task, all);
    assert.equal(code, 130);
    assert.match(
      stderr,
      /^SIGINT: saving; .*\nInterrupted in logistic \(learning rate 0\.01\)/,
    );
    assert.equal((await runTask(`${task} ${all} --resume`)).code, 0);
    const resumed = readRun(out, "metrics.csv");
    assert.equal((await runTask(`${task} ${all} --force`)).code, 0);
    assert.equal(readRun(out, "metrics.csv"), resumed);
  });
});

Deno.test("octmnist-perceptron --resume goes on with its whole numbers, and shows a finished run again", async () => {
  const flags =
    "--dataset fashion-mnist --train-size 20000 --validation-size 3000 " +
    "--test-size 3000 --epochs 30";
  const task = "octmnist-perceptron";
  await withRunDirectory(async (out) => {
    const all = `${flags} --out ${out}`;
    const { code } = await killAt(" 3/30", "SIGINT", task, all);
    assert.equal(code, 130);
    assert.equal((await runTask(`${task} ${all} --resume`)).code, 0);
    const resumed = readRun(out, "metrics.csv");
    assert.equal(resumed.trim().split("\n").length, 31);
    const again = await runTask(`${task} ${all} --resume`);
    assert.equal(again.code, 0);
    assert.match(again.stdout, /test accuracy/);
    assert.equal(readRun(out, "metrics.csv"), resumed);
    const cut = resumed.split("\n").slice(0, 5).join("\n");
    Deno.writeTextFileSync(`${ROOT}/${out}/metrics.csv`, cut);
    const damaged = await runTask(`${task} ${all} --resume --quiet`);
    assert.equal(
      damaged.stderr,
      "Cannot report perceptron, learning rate 1: metrics.csv must have its 30 epochs: got 4\n",
    );
    assert.equal(damaged.code, 1);
    assert.equal((await runTask(`${task} ${all} --force`)).code, 0);
    assert.equal(readRun(out, "metrics.csv"), resumed);
  });
});
