import assert from "node:assert/strict";
import { isPresent } from "../../lib/data/load_dataset.ts";
import {
  assertNoDifferences,
  readRun,
  ROOT,
  runExists,
  runTask,
  withRunDirectory,
} from "./run_task.ts";

/** Reports 1 and 2 on another data set, as small as each task allows. */
const SMALL = {
  "fashion-alpha": "--activation relu --epochs 1 --batch-size 50 " +
    "--train-size 100 --test-size 50",
  "fashion-features": "--epochs 1 --long-epochs 1 --image 0 " +
    "--train-size 100 --test-size 50",
  "alpha-sweep": "--lambda 0 --runs 1 --subsets 1 --epochs 1 " +
    "--test-size 50 --jobs 1",
};

/** 4,708 training images of two classes; only here where it was brought. */
const OTHER = "pneumoniamnist";

for (const [task, flags] of Object.entries(SMALL)) {
  Deno.test({
    name:
      `${task} --dataset ${OTHER} trains on it and says so (needs deno task ` +
      `data ${OTHER})`,
    ignore: !isPresent(OTHER),
  }, async () => {
    await withRunDirectory(async (out) => {
      const { code, stdout, stderr } = await runTask(
        `${task} ${flags} --dataset ${OTHER} --json --out ${out}`,
      );
      assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
      assert.equal(
        JSON.parse(stdout.trim().split("\n").at(-1)!).dataset,
        OTHER,
      );
      const { config, pinned } = JSON.parse(readRun(out, "config.json"));
      assert.equal(config.dataset, OTHER);
      assert.equal(config.testSize, 50);
      // A subset of the sweep has 10,000 images where there are as many.
      assert.equal(config.trainSize, task === "alpha-sweep" ? 4708 : 100);
      assert.equal(Object.keys(pinned.sha256)[0]!.startsWith(OTHER), true);
      const report = readRun(out, "report.md");
      assert.match(report, /^# Report [12]: /);
      assertNoDifferences(report);
      assert.match(
        report,
        /^The reported numbers are fashion-mnist's, ours pneumoniamnist's: /m,
      );
    });
  });

  Deno.test({
    name: `${task} --dataset octmnist says which command brings it`,
    ignore: isPresent("octmnist"),
  }, async () => {
    await withRunDirectory(async (out) => {
      const { code, stdout, stderr } = await runTask(
        `${task} --dataset octmnist --out ${out}`,
      );
      assert.deepEqual({ code, stdout }, { code: 1, stdout: "" });
      assert.match(
        stderr,
        /^Cannot load octmnist: octmnist is not there: deno task data octmnist brings it\n$/,
      );
      assert.ok(!runExists(out));
    });
  });
}

Deno.test("fashion-features takes nets of the same data set only", async () => {
  await withRunDirectory(async (trained) => {
    const flags =
      "--epochs 1 --long-epochs 1 --image 0 --quiet --train-size 100 " +
      "--test-size 50";
    const { code } = await runTask(
      `fashion-features ${flags} --from runs/fashion-alpha-report ` +
        `--out ${trained}`,
    );
    assert.equal(code, 0);
    const config = JSON.parse(readRun(trained, "config.json"));
    config.config.dataset = "mnist";
    Deno.writeTextFileSync(
      `${ROOT}/${trained}/config.json`,
      JSON.stringify(config),
    );
    await withRunDirectory(async (out) => {
      const { code, stderr } = await runTask(
        `fashion-features ${flags} --from ${trained} --out ${out}`,
      );
      assert.equal(
        stderr,
        `Cannot load nets of ${trained}: they must be trained on fashion-mnist: got mnist\n`,
      );
      assert.equal(code, 1);
      assert.ok(!runExists(out));
    });
  });
});
