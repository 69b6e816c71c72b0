import assert from "node:assert/strict";
import { loadFashionMnist } from "../../lib/data/fashion_mnist.ts";
import { takeFirst } from "../../lib/data/image_dataset.ts";
import { isPresent } from "../../lib/data/load_dataset.ts";
import { loadCheckpoint } from "../../lib/run/checkpoint.ts";
import { readCsvLog } from "../../lib/run/csv_log.ts";
import {
  assertFits80Columns,
  assertNoDifferences,
  readRun,
  ROOT,
  runTask,
  withRunDirectory,
} from "./run_task.ts";

const TASK = "octmnist-autodiff";

/** Small enough for seconds, on the embedded data set, always there. */
const SMALL =
  "--dataset fashion-mnist --train-size 1100 --validation-size 200 " +
  "--test-size 300 --epochs 2 --long-epochs 3 --threads 2";

const HEADER =
  "net,table,model,learning_rate,batch_size,regularization,seed,epoch,train_loss,train_accuracy,validation_loss,validation_accuracy,test_accuracy";

/** All but times. */
function bytesOf(path: string): string {
  return ["metrics.csv", "report.md", "report.html"]
    .map((file) => readRun(path, file)).join();
}

Deno.test("octmnist-autodiff trains all nets of tables 4 to 7, each once", async () => {
  await withRunDirectory(async (out) => {
    const { code, stdout, stderr } = await runTask(
      `${TASK} ${SMALL} --out ${out} --json`,
    );
    assert.equal(stderr, "");
    assert.equal(code, 0);
    assert.ok(readRun(out, "metrics.csv").startsWith(HEADER + "\n"));
    assertFits80Columns(stdout);
    const metrics = readCsvLog(`${ROOT}/${out}/metrics.csv`);
    assert.deepEqual(
      metrics.filter(({ epoch }) => epoch === "2").map((row) =>
        [
          row.net,
          row.table,
          row.model,
          row.learning_rate,
          row.batch_size,
          row.regularization,
          row.seed,
        ].join()
      ),
      [
        "logistic-lr0.1,4,logistic regression,0.1,16,none,0",
        "logistic-lr0.01,4,logistic regression,0.01,16,none,0",
        "logistic-lr0.001,4,logistic regression,0.001,16,none,0",
        "mlp-b16-lr0.1,5 6,MLP,0.1,16,none,0",
        "mlp-b1024-lr0.1,5,MLP,0.1,1024,none,0",
        "mlp-b16-lr1,6,MLP,1,16,none,0",
        "mlp-b16-lr0.01,6,MLP,0.01,16,none,0",
        "mlp-b16-lr0.001,6,MLP,0.001,16,none,0",
        "mlp-none,7,MLP,0.1,256,none,0",
        "mlp-l2,7,MLP,0.1,256,L2,0",
        "mlp-dropout,7,MLP,0.1,256,dropout,0",
        "mlp-l1,7,MLP,0.1,256,L1,0",
      ],
    );
    assert.equal(metrics.length, 8 * 2 + 4 * 3);
    assert.equal(metrics.at(-1)!.epoch, "3");
    const number = (net: string, epoch: number, column: string) =>
      Number(
        metrics.find((row) => row.net === net && row.epoch === `${epoch}`)![
          column
        ],
      );
    // ln 10 is the loss of a net that knows nothing; 2 × 5 small steps.
    const start = number("mlp-none", 1, "train_loss");
    assert.ok(Math.abs(start - Math.log(10)) < 0.05, `${start}`);
    // Weights as they start, and the penalty is not in the reported loss: it
    // would add 0.4 under L1, and 0.007 under L2.
    for (const net of ["mlp-l1", "mlp-l2"]) {
      const difference = number(net, 1, "train_loss") - start;
      assert.notEqual(difference, 0);
      assert.ok(Math.abs(difference) < 1e-3, `${net}: ${difference}`);
    }
    assert.notEqual(number("mlp-dropout", 1, "train_loss"), start);
    assert.ok(number("mlp-dropout", 2, "train_loss") < start);
    // 2 × 69 steps.
    const learned = number("logistic-lr0.1", 2, "validation_accuracy");
    assert.ok(learned > 0.6 && learned < 0.9, `${learned}`);
    for (const row of metrics) {
      const counts = { validation_accuracy: 200, test_accuracy: 300 };
      for (const [column, count] of Object.entries(counts)) {
        const correct = Number(row[column]) * count;
        assert.ok(Math.abs(correct - Math.round(correct)) < 1e-9, column);
      }
    }

    const times = readCsvLog(`${ROOT}/${out}/times.csv`);
    assert.deepEqual(
      times.map(({ net, epoch }) => `${net} ${epoch}`),
      metrics.map(({ net, epoch }) => `${net} ${epoch}`),
    );
    assert.ok(times.every(({ seconds }) => Number(seconds) > 0));

    const result = JSON.parse(stdout.trim().split("\n").at(-1)!);
    assert.equal(result.dataset, "fashion-mnist");
    assert.equal(result.nets.length, 12);
    assert.equal(
      result.nets[3].testAccuracy,
      number("mlp-b16-lr0.1", 2, "test_accuracy"),
    );
    const { none, L2, L1, dropout } = result.nearlyZero;
    for (const share of [none, L2, L1, dropout]) {
      assert.ok(share > 0 && share < 1, `${share}`);
    }
    // Uniform in ±1/28, ±1/√200: 156,800 · 28 / 1000 + 42,000 · √200 / 1000 of
    // 198,800 weights at the start; these nets have hardly moved.
    assert.ok(Math.abs(none - 0.0251) < 0.002, `${none}`);
    assert.ok(L1 > none);

    const report = readRun(out, "report.md");
    assertNoDifferences(report);
    assert.match(report, /Table 6[^]*\| +0\.1 \| +0\.4333 \|/);
    assert.match(report, /0\.4809 and 0\.4333/);
    const { labels } = takeFirst((await loadFashionMnist()).train, 1100);
    const entropy = [...Map.groupBy(labels, (label) => label).values()]
      .map(({ length }) => length / 1100)
      .reduce((sum, share) => sum - share * Math.log(share), 0);
    assert.match(report, RegExp(`; entropy: ${entropy.toFixed(4)} +\\|`));
    assert.match(report, /fashion-mnist has no validation images/);
    assert.ok(!/\d s\b/.test(report), "no times");
    assert.match(stdout, /Table 5: time[^]* 2 min 39 s /);
    assert.match(readRun(out, "curves-mlp-b16-lr0.1.svg"), /^<svg[^]*8 and 9/);
  });
});

Deno.test("octmnist-autodiff takes one step of table 7's nets as their penalties have it", async () => {
  await withRunDirectory(async (out) => {
    const { code, stderr } = await runTask(
      `${TASK} --dataset fashion-mnist --table 7 --train-size 256 ` +
        `--long-epochs 1 --quiet --learning-rate 1 --out ${out}`,
    );
    assert.equal(stderr, "");
    assert.equal(code, 0);
    const tensorsOf = (net: string) =>
      loadCheckpoint(`${ROOT}/${out}/net-mlp-${net}.safetensors`).tensors;
    const [none, l2, l1, dropout] = ["none", "l2", "l1", "dropout"]
      .map(tensorsOf);
    const differences = (tensors: typeof none, name: string) =>
      Array.from(tensors![name]!.data, (w, i) => w - none![name]!.data[i]!);
    // From the same w and by the same gradient: L1 ends ηλ sign(w) beside, L2
    // ηλ w; w is uniform in ±1/28 in the first layer. Biases have no penalty.
    for (const layer of ["fc1", "fc2", "fc3"]) {
      const byL1 = differences(l1, `${layer}/weights`);
      const byL2 = differences(l2, `${layer}/weights`);
      byL1.forEach((d, i) => {
        assert.ok(Math.abs(Math.abs(d) - 1e-4) < 2e-8, `${layer}: ${d}`);
        assert.ok(d * byL2[i]! >= 0, `${layer}: ${d}, ${byL2[i]}`);
      });
      for (const tensors of [l1, l2]) {
        const moved = differences(tensors, `${layer}/bias`).map(Math.abs);
        assert.equal(Math.max(...moved), 0, layer);
      }
    }
    const largest = differences(l2, "fc1/weights")
      .reduce((most, d) => Math.max(most, Math.abs(d)), 0);
    assert.ok(Math.abs(largest * 28 / 1e-4 - 1) < 0.01, `${largest}`);
    // Dropout leaves the logits whole: the mean of softmax(z) − oneHot hardly
    // moves. A fifth of the logits dropped would move it by 0.01 a class.
    for (const d of differences(dropout, "fc3/bias")) {
      assert.ok(Math.abs(d) < 2e-3, `${d}`);
    }
    const changed = differences(dropout, "fc3/weights").filter((d) => d !== 0);
    assert.ok(changed.length > 1000, `${changed.length} of 2000`);
  });
});

Deno.test("octmnist-autodiff --table 4 trains three nets, the same bytes at 1 and 2 threads", async () => {
  const bytes: string[] = [];
  for (const threads of ["1", "2"]) {
    await withRunDirectory(async (out) => {
      const { code, stdout } = await runTask(
        `${TASK} ${SMALL} --table 4 --quiet --threads ${threads} --out ${out}`,
      );
      assert.equal(code, 0);
      assert.equal(stdout, "");
      const nets = readCsvLog(`${ROOT}/${out}/metrics.csv`);
      assert.deepEqual(new Set(nets.map(({ net }) => net)).size, 3);
      const report = readRun(out, "report.md");
      assert.ok(!/Table [567]:/.test(report));
      bytes.push(bytesOf(out));
      if (threads === "1") return;

      const path = `${ROOT}/${out}/metrics.csv`;
      const lines = Deno.readTextFileSync(path).split("\n");
      const damaged = async (text: string, message: RegExp) => {
        Deno.writeTextFileSync(path, text);
        const { code, stdout, stderr } = await runTask(
          `${TASK} ${SMALL} --table 4 --quiet --out ${out} --resume`,
        );
        assert.match(stderr, message);
        assert.deepEqual([code, stdout], [1, ""]);
      };
      await damaged(
        lines.slice(0, 4).join("\n"),
        /^Cannot report logistic-lr0\.01: .*its 2 epochs: got 1\n$/,
      );
      await damaged(
        `${lines[0]}\n${lines[1]!.slice(0, 9)}`,
        /^Cannot read \S+metrics\.csv: invalid .*\n$/,
      );
    });
  }
  assert.equal(bytes[1], bytes[0]);
});

Deno.test("octmnist-autodiff --help names every flag and fits 80 columns", async () => {
  const { code, stdout } = await runTask(`${TASK} --help`);
  assert.equal(code, 0);
  // deno-fmt-ignore
  const flags = [
    "table", "epochs", "long-epochs", "batch-size", "learning-rate",
    "hidden-layers", "hidden-size", "dataset", "train-size", "validation-size",
    "test-size", "seed", "threads", "out", "force", "resume", "quiet", "json",
    "help",
  ];
  for (const flag of flags) assert.ok(stdout.includes(`--${flag}`), flag);
  assertFits80Columns(stdout);
});

Deno.test({
  name:
    "octmnist-autodiff takes all three channels of CIFAR-10 (skipped where it is not in data/)",
  ignore: !isPresent("cifar-10"), // deno task data cifar-10
  async fn() {
    await withRunDirectory(async (out) => {
      const { code, stdout, stderr } = await runTask(
        `${TASK} ${SMALL} --dataset cifar-10 --table 4 --epochs 1 --out ${out}`,
      );
      assert.equal(stderr, "");
      assert.equal(code, 0);
      assert.match(stdout, /^octmnist-autodiff: 3 nets on cifar-10\n/);
      const net = loadCheckpoint(
        `${ROOT}/${out}/net-logistic-lr0.001.safetensors`,
      );
      const shapes = Object.values(net.tensors).map(({ shape }) => shape);
      assert.deepEqual(shapes, [[10], [3072, 10]]);
    });
  },
});
