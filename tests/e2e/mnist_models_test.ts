import assert from "node:assert/strict";
import { isPresent } from "../../lib/data/load_dataset.ts";
import { readCsvLog } from "../../lib/run/csv_log.ts";
import {
  assertFits80Columns,
  assertNoDifferences,
  killAtRow,
  readRun,
  ROOT,
  runExists,
  runTask,
  withRunDirectory,
} from "./run_task.ts";

const TASK = "mnist-models";

/** Small enough for seconds, on the embedded data set, always there. */
const SIZES = "--train-size 500 --test-size 200 --epochs 2 --threads 2";
const SMALL = `--dataset fashion-mnist ${SIZES}`;

const metricsOf = (out: string) => readCsvLog(`${ROOT}/${out}/metrics.csv`);

/** All but times. */
const bytesOf = (out: string) =>
  ["metrics.csv", "report.md", "report.html"]
    .map((file) => readRun(out, file)).join();

Deno.test("mnist-models trains the report's three nets and leaves all files", async () => {
  await withRunDirectory(async (out) => {
    const { code, stdout, stderr } = await runTask(
      `${TASK} ${SMALL} --out ${out} --json --onnx`,
    );
    assert.equal(stderr, "");
    assert.equal(code, 0);
    assertFits80Columns(stdout);
    assert.ok(
      readRun(out, "metrics.csv").startsWith(
        "model,seed,epoch,train_loss,test_loss,test_accuracy\n",
      ),
    );
    const metrics = metricsOf(out);
    assert.deepEqual(
      metrics.map(({ model, seed, epoch }) => `${model} ${seed} ${epoch}`),
      [
        "softmax 0 1",
        "softmax 0 2",
        "mlp 0 1",
        "mlp 0 2",
        "convnet 0 1",
        "convnet 0 2",
      ],
    );
    for (const i of [0, 2, 4]) {
      const [before, after] = [metrics[i]!, metrics[i + 1]!];
      // ln 10 is the loss of a net that knows nothing; 2 × 4 steps.
      assert.ok(Number(before.train_loss) < 2.6, `${before.train_loss}`);
      assert.ok(Number(after.train_loss) < Number(before.train_loss));
      assert.ok(Number(after.test_loss) < Math.log(10));
      assert.ok(Number(after.test_accuracy) > 0.3, "learns something");
      const correct = Number(after.test_accuracy) * 200;
      assert.ok(Math.abs(correct - Math.round(correct)) < 1e-9);
    }
    const result = JSON.parse(stdout.trim().split("\n").at(-1)!);
    assert.deepEqual(
      result.nets.map((net: Record<string, number>) =>
        [net.net, net.epoch, net.trainLoss, net.testLoss, net.testAccuracy]
          .join()
      ),
      [1, 3, 5].map((i) => {
        const { model, train_loss, test_loss, test_accuracy } = metrics[i]!;
        return [model, 2, train_loss, test_loss, test_accuracy].join();
      }),
    );
    const times = readCsvLog(`${ROOT}/${out}/times.csv`);
    for (const { net, seconds } of result.nets) {
      const [first, second] = times.filter((row) => row.net === net);
      assert.equal(seconds, Number(first!.seconds) + Number(second!.seconds));
    }
    assert.equal(result.onnx.length, 3);
    for (const [i, { file, ...agreement }] of result.onnx.entries()) {
      assert.ok(readRun(out, file).includes("graph_sha256"), file);
      const right = Number(metrics[2 * i + 1]!.test_accuracy) * 200;
      assert.equal(agreement.correct, Math.round(right));
      assert.equal(agreement.otherCorrect, agreement.correct);
      assert.ok(agreement.largestDifference < 1e-4);
    }
    const report = readRun(out, "report.md");
    assertNoDifferences(report);
    assert.match(report, /\| +98\.33 % \|/);
    assert.match(
      report,
      /^The reported numbers are mnist's, ours fashion-mnist's: /m,
    );
    assert.match(report, /could not be tested[^\n]*on fashion-mnist, epoch 2/);
    for (const name of ["loss-softmax", "loss-convnet", "accuracy"]) {
      assert.ok(report.includes(`(${name}.svg)`), name);
      assert.match(readRun(out, `${name}.svg`), /^<svg[^]*<\/svg>\s*$/);
    }
    assert.ok(!readRun(out, "accuracy.svg").includes("reported"));
    assert.ok(
      runExists(out) && readRun(out, "times.csv").includes("convnet,2"),
    );
  });
});

Deno.test("mnist-models gives the same bytes at 1 and 2 threads, a net's own for each seed", async () => {
  const bytes: string[] = [];
  for (const threads of ["1", "2"]) {
    await withRunDirectory(async (out) => {
      const { code, stdout } = await runTask(
        `${TASK} ${SMALL} --model convnet,mlp --epochs 1 --train-size 300 ` +
          `--test-size 100 --seed 4 --seeds 2 --threads ${threads} --out ` +
          `${out} --quiet`,
      );
      assert.deepEqual([code, stdout], [0, ""]);
      assert.deepEqual(
        metricsOf(out).map(({ model, seed }) => `${model} ${seed}`),
        ["convnet 4", "mlp 4", "convnet 5", "mlp 5"],
      );
      const losses = metricsOf(out).map(({ test_loss }) => test_loss);
      assert.equal(new Set(losses).size, 4);
      for (const name of ["net-mlp", "net-mlp-seed-5"]) {
        assert.ok(
          Deno.statSync(`${ROOT}/${out}/${name}.safetensors`).size >
            4 * 669_706,
        );
      }
      assert.match(readRun(out, "report.md"), / ± [\d.]+ %/);
      bytes.push(bytesOf(out));
    });
  }
  assert.equal(bytes[1], bytes[0]);
});

Deno.test("mnist-models --resume after Ctrl-C ends with the same bytes; it refuses a damaged checkpoint", async () => {
  const flags =
    "--dataset fashion-mnist --model mlp --epochs 9 --train-size 640 " +
    "--test-size 200 --quiet";
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
    assert.match(stderr, /Interrupted in mlp after step \d+: .*--resume/);
    const again = await runTask(`${TASK} ${flags} --out ${out} --resume`);
    assert.equal(again.code, 0, again.stderr);
    assert.equal(bytesOf(out), expected);

    const checkpoint = `${ROOT}/${out}/checkpoint.safetensors`;
    const bytes = Deno.readFileSync(checkpoint);
    bytes[bytes.length >> 1]! ^= 1;
    Deno.writeFileSync(checkpoint, bytes);
    const damaged = await runTask(`${TASK} ${flags} --out ${out} --resume`);
    assert.match(damaged.stderr, /^Cannot load checkpoint .*altered.*\n$/);
    assert.equal(damaged.code, 1);
  });
});

Deno.test("mnist-models names what is wrong with its flags", async () => {
  await withRunDirectory(async (out) => {
    const refused = async (code: number, text: RegExp, flags = "") => {
      const all = `${SMALL} --quiet --out ${out} ${flags}`;
      const result = await runTask(`${TASK} ${all}`);
      assert.match(result.stderr, text);
      assert.equal(result.stderr.trim().split("\n").length, 1, result.stderr);
      assert.deepEqual([result.code, result.stdout], [code, ""]);
      assert.ok(!runExists(out));
    };
    await refused(2, /--model: .*convnet: got "mlp,cnn"/, "--model mlp,cnn");
    await refused(2, /did you mean --epochs\?/, "--epoch 3");
    await refused(
      2,
      /--seeds: .*4294967295/,
      "--seed 4294967295 --seeds=2",
    );
    await refused(
      2,
      /--batch-size: expected at most the 500 training images: got 501/,
      "--batch-size 501",
    );
    await refused(
      2,
      /--train-size: expected at most the 60000 images of fashion-mnist: got 60001/,
      "--train-size 60001",
    );
    await refused(2, /--force: expected it without/, "--resume --force");
    if (!isPresent("octmnist")) {
      const missing = /^Cannot load octmnist: .*deno task data octmnist/;
      await refused(1, missing, "--dataset octmnist");
    }
  });
});

Deno.test({
  name: "mnist-models takes MNIST by itself where it is there",
  ignore: !isPresent("mnist"), // deno task data mnist
  async fn() {
    await withRunDirectory(async (out) => {
      const { code, stdout } = await runTask(
        `${TASK} --model softmax --epochs 1 --train-size 12800 --out ${out}`,
      );
      assert.equal(code, 0);
      assert.match(stdout, /mnist-models: softmax on mnist\n/);
      assert.match(stdout, /softmax, reported/);
      // PyTorch 1.13 has 0.877 to 0.883 with seeds 0 to 2.
      assert.ok(Number(metricsOf(out)[0]!.test_accuracy) > 0.85);
      assert.match(readRun(out, "report.md"), /91\.55 ± 0\.05 %.*points/);
    });
  },
});

Deno.test({
  name: "mnist-models says that Fashion-MNIST stands in for MNIST",
  ignore: isPresent("mnist"), // then nothing stands in
  async fn() {
    await withRunDirectory(async (out) => {
      const { code, stdout } = await runTask(
        `${TASK} ${SIZES} --model softmax --out ${out}`,
      );
      assert.equal(code, 0);
      assert.match(stdout, /mnist-models: softmax on fashion-mnist/);
      assert.match(stdout, /mnist is not there \(deno task data mnist/);
    });
  },
});

Deno.test({
  name: "mnist-models trains on PneumoniaMNIST's two classes",
  ignore: !isPresent("pneumoniamnist"), // deno task data pneumoniamnist
  async fn() {
    await withRunDirectory(async (out) => {
      const { code, stderr } = await runTask(
        `${TASK} --dataset pneumoniamnist --model mlp,convnet --train-size ` +
          `500 --epochs 1 --quiet --out ${out}`,
      );
      assert.equal(stderr, "");
      assert.equal(code, 0);
      for (const { train_loss } of metricsOf(out)) {
        // ln 2 at the start
        assert.ok(Number(train_loss) < 1.5, `${train_loss}`);
      }
    });
  },
});

Deno.test("mnist-models --help names every flag and fits 80 columns", async () => {
  const { code, stdout } = await runTask(`${TASK} --help`);
  assert.equal(code, 0);
  // deno-fmt-ignore
  const flags = [
    "model", "dataset", "epochs", "batch-size", "train-size", "test-size",
    "onnx", "seed", "seeds", "threads", "out", "force", "resume", "quiet",
    "json",
  ];
  for (const flag of flags) assert.ok(stdout.includes(`--${flag}`), flag);
  assertFits80Columns(stdout);
});
