import assert from "node:assert/strict";
import { mean } from "../../lib/base/statistics.ts";
import { readCsvLog } from "../../lib/run/csv_log.ts";
import {
  assertFits80Columns,
  readRun,
  ROOT,
  runTask,
  withRunDirectory,
} from "./run_task.ts";

const TASK = "fashion-alpha";

/** Small enough for seconds, large enough to learn something. */
const SMALL =
  "--train-size 300 --test-size 200 --batch-size 25 --epochs 2 --threads 2";

const METRICS_HEADER =
  "net,activation,lambda,seed,epoch,train_loss,train_accuracy,test_loss,test_accuracy,alpha_1,alpha_2,alpha_3";

function logsOf(path: string): string {
  return readRun(path, "metrics.csv") + readRun(path, "steps.csv");
}

Deno.test("fashion-alpha trains the report's three nets and leaves all files", async () => {
  await withRunDirectory(async (out) => {
    const { code, stdout, stderr } = await runTask(
      `${TASK} ${SMALL} --out ${out} --json`,
    );
    assert.equal(stderr, "");
    assert.equal(code, 0);
    assert.ok(!stdout.includes("\x1b"), "escape codes without a terminal");
    assertFits80Columns(stdout);

    assert.ok(readRun(out, "metrics.csv").startsWith(METRICS_HEADER + "\n"));
    const metrics = readCsvLog(`${ROOT}/${out}/metrics.csv`);
    assert.deepEqual(
      metrics.map(({ net, activation, lambda, seed, epoch }) =>
        [net, activation, lambda, seed, epoch].join()
      ),
      [
        "relu,relu,,0,1",
        "relu,relu,,0,2",
        "linear,linear,,0,1",
        "linear,linear,,0,2",
        "relu-alpha-0.5,relu-alpha,0.5,0,1",
        "relu-alpha-0.5,relu-alpha,0.5,0,2",
      ],
    );
    for (const [first, second] of [[0, 1], [2, 3], [4, 5]] as const) {
      const [before, after] = [metrics[first]!, metrics[second]!];
      assert.ok(Number(after.train_loss) < Number(before.train_loss));
      assert.ok(Number(after.test_accuracy) > 0.4, "learns something");
      assert.ok(Number(after.test_accuracy) < 1);
    }
    assert.equal(metrics[0]!.alpha_1, "");
    // Adam moves by about its learning rate a step: 24 steps towards 0.
    for (const name of ["alpha_1", "alpha_2", "alpha_3"]) {
      const alpha = Number(metrics[5]![name]);
      assert.ok(alpha < 0.5 && alpha > 0.5 - 24 * 0.0011, `${name}: ${alpha}`);
    }

    const steps = readCsvLog(`${ROOT}/${out}/steps.csv`);
    assert.equal(
      Object.keys(steps[0]!).join(),
      "net,seed,step,loss,accuracy,alpha_1,alpha_2,alpha_3",
    );
    assert.equal(steps.length, 3 * 24);
    const epoch1 = steps.filter((row) => row.net === "relu").slice(0, 12);
    for (const name of ["loss", "accuracy"]) {
      const ours = mean(epoch1.map((row) => Number(row[name])));
      const expected = Number(metrics[0]![`train_${name}`]);
      assert.ok(Math.abs(ours - expected) < 1e-12, name);
    }
    // ln 10 is the loss of a net that knows nothing; plus 0.5 · 3 · 0.5.
    assert.ok(Math.abs(Number(steps[0]!.loss) - Math.log(10)) < 0.1);
    assert.ok(Math.abs(Number(steps[48]!.loss) - Math.log(10) - 0.75) < 0.1);

    const result = JSON.parse(stdout.trim().split("\n").at(-1)!);
    assert.equal(result.task, TASK);
    assert.deepEqual(
      result.nets.map((row: Record<string, number>) => row.test_accuracy),
      [1, 3, 5].map((i) => Number(metrics[i]!.test_accuracy)),
    );
    const report = readRun(out, "report.md");
    for (
      const figure of ["curves-linear.svg", "alpha-relu-alpha-0.5.svg"]
    ) {
      assert.ok(report.includes(`(${figure})`));
      assert.match(readRun(out, figure), /^<svg[\s\S]*<\/svg>\s*$/);
    }
    const config = JSON.parse(readRun(out, "config.json"));
    assert.equal(config.status, "finished");
    assert.equal(config.config.learningRate, 0.001);
    assert.equal(config.environment.threads, 2);
  });
});

Deno.test("fashion-alpha gives the same bytes at 1, 2 and 4 threads", async () => {
  await withRunDirectory(async (out) => {
    const logs: string[] = [];
    for (const threads of ["1", "2", "4"]) {
      const { code, stdout } = await runTask(
        `${TASK} ${SMALL} --activation relu-alpha --epochs 1 --train-size 100 ` +
          `--threads ${threads} --out ${out} --force --quiet`,
      );
      assert.equal(code, 0);
      assert.equal(stdout, "");
      logs.push(logsOf(out));
    }
    assert.equal(logs[1], logs[0]);
    assert.equal(logs[2], logs[0]);
  });
});

Deno.test("fashion-alpha --penalty none reports the penalty without its gradient", async () => {
  await withRunDirectory(async (out) => {
    const flags =
      `${SMALL} --activation relu-alpha --lambda 0,5 --epochs 1 --penalty ` +
      `none --quiet --out ${out}`;
    assert.equal((await runTask(`${TASK} ${flags}`)).code, 0);
    const steps = readCsvLog(`${ROOT}/${out}/steps.csv`);
    const without = steps.filter((row) => row.net === "relu-alpha-0");
    const reported = steps.filter((row) => row.net === "relu-alpha-5");
    for (const [i, row] of reported.entries()) {
      const same = without[i]!;
      assert.equal(row.alpha_2, same.alpha_2);
      const before = i === 0
        ? [0.5, 0.5, 0.5]
        : [1, 2, 3].map((k) => Number(reported[i - 1]![`alpha_${k}`]));
      const penalty = 5 * before.reduce((sum, a) => sum + Math.abs(a), 0);
      const difference = Number(row.loss) - Number(same.loss);
      assert.ok(Math.abs(difference - penalty) < 1e-5, `${difference}`);
    }
  });
});

Deno.test("fashion-alpha --clamp-alpha keeps α in [0, 1]", async () => {
  await withRunDirectory(async (out) => {
    const flags =
      `${SMALL} --activation relu-alpha --lambda 5 --alpha-init 0.003 ` +
      `--clamp-alpha --epochs 1 --quiet --out ${out}`;
    assert.equal((await runTask(`${TASK} ${flags}`)).code, 0);
    const steps = readCsvLog(`${ROOT}/${out}/steps.csv`);
    assert.equal(steps.at(-1)!.alpha_1, "0");
    for (const row of steps) {
      for (const name of ["alpha_1", "alpha_2", "alpha_3"]) {
        assert.ok(Number(row[name]) >= 0);
      }
    }
  });
});

Deno.test("fashion-alpha stops where the loss is no number, and can be told from a finished run", async () => {
  await withRunDirectory(async (out) => {
    const { code, stderr } = await runTask(
      `${TASK} --train-size 500 --test-size 100 --batch-size 50 --activation ` +
        `relu --learning-rate 1e30 --out ${out}`,
    );
    assert.equal(code, 1);
    assert.match(stderr, /^Cannot go on training: .*(NaN|Infinity).*\n$/);
    const config = JSON.parse(readRun(out, "config.json"));
    assert.equal(config.status, "running");
  });
});

Deno.test("fashion-alpha writes nowhere but under runs/", async () => {
  const { code, stderr } = await runTask(`${TASK} --out elsewhere`);
  assert.equal(code, 1);
  assert.match(stderr, /^Cannot write elsewhere: .*runs\/ only\n$/);
});

Deno.test("fashion-alpha --help names every flag and fits 80 columns", async () => {
  const { code, stdout } = await runTask(`${TASK} --help`);
  assert.equal(code, 0);
  // deno-fmt-ignore
  const flags = [
    "activation", "lambda", "long-lambda", "long-epochs", "variant-lambda",
    "architecture", "alpha-init", "clamp-alpha", "penalty", "seeds", "epochs",
    "batch-size", "learning-rate", "train-size", "test-size", "dataset", "seed",
    "threads", "out", "force", "resume", "live", "onnx", "quiet", "json", "help",
  ];
  for (const flag of flags) assert.ok(stdout.includes(`--${flag}`), flag);
  assertFits80Columns(stdout);
});
