import assert from "node:assert/strict";
import { isPresent } from "../../lib/data/load_dataset.ts";
import { metricsOf, SMALL, TASKS } from "./by_hand_task.ts";
import {
  assertFits80Columns,
  readRun,
  runExists,
  runTask,
  withRunDirectory,
} from "./run_task.ts";

Deno.test("the octmnist tasks by hand refuse what they cannot do, in one line", async () => {
  await withRunDirectory(async (out) => {
    const refused = async (
      task: string,
      code: number,
      text: RegExp,
      flags = "",
    ) => {
      const result = await runTask(`${task} ${SMALL} --out ${out} ${flags}`);
      assert.match(result.stderr, text);
      assert.equal(result.stderr.trim().split("\n").length, 1, result.stderr);
      assert.equal(result.code, code);
      assert.equal(runExists(out), false);
    };
    const [perceptron, logistic, mlp] = TASKS;
    await refused(perceptron, 2, /did you mean --epochs\?/, "--epoch 3");
    await refused(perceptron, 2, /--force: .*--resume/, "--force --resume");
    await refused(
      logistic,
      2,
      /^Cannot parse --train-size: expected at most the 54000 images of fashion-mnist: got 54001\n/,
      "--train-size 54001",
    );
    await refused(logistic, 2, /--learning-rate/, "--learning-rate 0.1,0");
    await refused(mlp, 2, /--hidden/, "--hidden 0");
    for (const name of ["octmnist", "cifar-10"] as const) {
      if (isPresent(name)) continue;
      const missing = new RegExp(
        `^Cannot load ${name}: .*deno task data ${name}`,
      );
      await refused(mlp, 1, missing, `--dataset ${name}`);
    }
  });
});

Deno.test("octmnist-mlp stops where the loss or a weight is no number", async () => {
  await withRunDirectory(async (out) => {
    const { code, stderr } = await runTask(
      `octmnist-mlp ${SMALL} --learning-rate 1e30 --out ${out}`,
    );
    assert.equal(code, 1);
    assert.match(stderr, /^Cannot go on training: loss must be finite: .*\n$/);
    assert.equal(JSON.parse(readRun(out, "config.json")).status, "running");

    // The only loss is there before the step that leaves the numbers.
    const single = await runTask(
      `octmnist-mlp ${SMALL} --train-size 1 --learning-rate 1e38 --out ${out} --force`,
    );
    assert.equal(single.code, 1);
    assert.match(single.stderr, /^Cannot go on training: weights\d must be/);
    assert.equal(metricsOf(out).length, 0);
  });
});

Deno.test("the octmnist tasks by hand have a --help that names every flag and fits 80 columns", async () => {
  for (const task of TASKS) {
    const { code, stdout } = await runTask(`${task} --help`);
    assert.equal(code, 0);
    // deno-fmt-ignore
    const flags = [
      "dataset", "train-size", "validation-size", "test-size", "epochs", "seed",
      "threads", "out", "force", "resume", "quiet", "json",
    ];
    for (const flag of flags) assert.ok(stdout.includes(`--${flag}`), flag);
    assertFits80Columns(stdout);
  }
});
