import assert from "node:assert/strict";
import {
  linearScores,
  predictedClass,
} from "../../lib/matrices/linear_scores.ts";
import { logisticStep } from "../../lib/reports/3_homework_1/by_hand/logistic_regression.ts";
import {
  createMlp,
  mlpScores,
  mlpStep,
} from "../../lib/reports/3_homework_1/by_hand/mlp.ts";
import { perceptronStep } from "../../lib/reports/3_homework_1/by_hand/perceptron.ts";
import { standardDeviation } from "../../lib/base/statistics.ts";
import { type ImageSplit, takeFirst } from "../../lib/data/image_dataset.ts";
import {
  type DatasetName,
  isPresent,
  loadDataset,
} from "../../lib/data/load_dataset.ts";
import { createRandom } from "../../lib/base/random.ts";
import { splitValidation } from "../../lib/data/splits.ts";
import { readCsvLog } from "../../lib/run/csv_log.ts";
import { assertValuesClose } from "../assert_all_close.ts";
import { inputsOf } from "../lib/reports/3_homework_1/by_hand/synthetic_examples.ts";
import {
  assertFits80Columns,
  assertNoDifferences,
  readRun,
  ROOT,
  runExists,
  runTask,
  startTask,
  withRunDirectory,
} from "./run_task.ts";

const TASKS = ["octmnist-perceptron", "octmnist-logistic", "octmnist-mlp"];

const HEADER =
  "model,learning_rate,seed,epoch,train_loss,train_accuracy,validation_accuracy,test_accuracy";

const SIZES = { train: 1200, validation: 150, test: 1100 };

/** More than one call of a kernel for two of them. */
const SMALL = "--dataset fashion-mnist --epochs 3 --seed 4 " +
  "--train-size 1200 --validation-size 150 --test-size 1100";

/** A model of lib/reports/3_homework_1/by_hand. */
interface Reference {
  /** Returns the loss before the step. */
  step(x: Float64Array, label: number): number;
  scores(x: Float64Array): Float64Array;
}

/** In whole numbers, as inputs of pixel / 255 would round. */
function perceptronReference(pixels: number): Reference {
  const weights = new Float64Array(10 * (pixels + 1));
  const scaled = (x: Float64Array) => x.map((value) => Math.round(255 * value));
  return {
    step: (x, label) => perceptronStep(weights, scaled(x), label, 1),
    scores: (x) => linearScores(weights, scaled(x)),
  };
}

/** What the three epochs of SMALL give in float64: [loss, accuracies] each. */
async function referenceEpochs(
  create: (random: ReturnType<typeof createRandom>) => Reference,
  bias: 1 | undefined,
  dataset: DatasetName = "fashion-mnist",
) {
  const whole = splitValidation(await loadDataset(dataset));
  const splits = (["train", "validation", "test"] as const).map((name) =>
    takeFirst(whole[name], SIZES[name])
  );
  const inputs = (split: ImageSplit) =>
    Array.from(split.labels, (_, i) => inputsOf(split, i, 1 / 255, bias));
  const x = splits.map(inputs);
  const random = createRandom(4);
  const model = create(random);
  return [1, 2, 3].map(() => {
    const order = Uint32Array.from(x[0]!, (_, i) => i);
    random.shuffle(order);
    let loss = 0;
    for (const i of order) loss += model.step(x[0]![i]!, splits[0]!.labels[i]!);
    const accuracies = splits.map(({ labels, count }, split) =>
      labels.reduce((correct, label, i) => {
        const prediction = predictedClass(model.scores(x[split]![i]!));
        return correct + (prediction === label ? 1 : 0);
      }, 0) / count
    );
    return { loss, accuracies };
  });
}

function metricsOf(out: string) {
  return readCsvLog(`${ROOT}/${out}/metrics.csv`).map((row) => ({
    key: `${row.model},${row.learning_rate},${row.seed},${row.epoch}`,
    loss: row.train_loss!,
    accuracies: ["train", "validation", "test"].map((split) =>
      Number(row[`${split}_accuracy`])
    ),
  }));
}

/** Runs a task to its end and checks what all of them leave. */
async function runSmall(task: string, out: string, flags = "") {
  const { code, stdout, stderr } = await runTask(
    `${task} ${SMALL} ${flags} --out ${out} --json`,
  );
  assert.equal(stderr, "");
  assert.equal(code, 0);
  assert.ok(!stdout.includes("\x1b"), "escape codes without a terminal");
  assertFits80Columns(stdout);
  assert.ok(readRun(out, "metrics.csv").startsWith(`${HEADER}\n`));
  const report = readRun(out, "report.md");
  assert.match(report, new RegExp(`deno task ${task} .*--train-size 1200`));
  assert.match(report, /fashion-mnist has no validation images/);
  assert.match(report, /^The reported numbers are octmnist's, ours /m);
  assertNoDifferences(report);
  for (const [, figure] of report.matchAll(/\((\S+\.svg)\)/g)) {
    assert.match(readRun(out, figure!), /^<svg[\s\S]*<\/svg>\s*$/);
  }
  const config = JSON.parse(readRun(out, "config.json"));
  assert.equal(config.status, "finished");
  assert.equal(config.config.dataset, "fashion-mnist");
  assert.equal(config.config.testSize, 1100);
  return {
    stdout,
    report,
    result: JSON.parse(stdout.trim().split("\n").at(-1)!),
  };
}

Deno.test("octmnist-perceptron has the very accuracies of perceptronStep()", async () => {
  const expected = await referenceEpochs(() => perceptronReference(784), 1);
  await withRunDirectory(async (out) => {
    const { report, result } = await runSmall("octmnist-perceptron", out);
    const metrics = metricsOf(out);
    assert.deepEqual(
      metrics.map(({ key }) => key),
      [1, 2, 3].map((epoch) => `perceptron,1,4,${epoch}`),
    );
    for (const [i, { loss, accuracies }] of metrics.entries()) {
      assert.equal(loss, "");
      assert.deepEqual(accuracies, expected[i]!.accuracies);
    }
    assert.ok(metrics[2]!.accuracies[2]! > 0.5, "learns something");
    assert.equal(result.models[0].testAccuracy, metrics[2]!.accuracies[2]);
    assert.match(report, /test accuracy +\| +0\.3422 \|/);
    const train = metrics.map(({ accuracies }) => accuracies[0]!);
    assert.ok(Math.max(...train) < 1);
    assert.match(
      claimOf(report, "does not converge"),
      new RegExp(`\\| held +\\| .* to ${Math.max(...train).toFixed(4)} over`),
    );
  });
});

Deno.test("octmnist-logistic has the losses and accuracies of logisticStep() for each learning rate", async () => {
  await withRunDirectory(async (out) => {
    const { report, result } = await runSmall("octmnist-logistic", out);
    const metrics = metricsOf(out);
    assert.deepEqual(
      metrics.map(({ key }) => key),
      [0.01, 0.001].flatMap((rate) =>
        [1, 2, 3].map((epoch) => `logistic,${rate},4,${epoch}`)
      ),
    );
    for (const [model, rate] of [0.01, 0.001].entries()) {
      const expected = await referenceEpochs(() => {
        const weights = new Float64Array(10 * 785);
        return {
          step: (x, label) => logisticStep(weights, x, label, rate),
          scores: (x) => linearScores(weights, x),
        };
      }, 1);
      for (const [i, { loss, accuracies }] of expected.entries()) {
        const ours = metrics[3 * model + i]!;
        assertValuesClose([Number(ours.loss)], [loss / SIZES.train], {
          rtol: 1e-5,
          atol: 0,
        });
        // An image at a border may fall to either side.
        assertValuesClose(ours.accuracies, accuracies, {
          rtol: 0,
          atol: 1.5 / 150,
        });
      }
      assert.equal(result.models[model].learningRate, rate);
    }
    assert.match(report, /train accuracy, η 0\.001 +\| +0\.6625 \|/);
    assert.match(report, /accuracy-0\.01\.svg/);
  });
});

Deno.test("octmnist-mlp has the summed losses and accuracies of mlpStep()", async () => {
  const expected = await referenceEpochs((random) => {
    const sizes = { inputs: 784, hidden: 20, classes: 10 };
    const parameters = createMlp(sizes, random);
    return {
      step: (x, label) => mlpStep(parameters, x, label, 0.001),
      scores: (x) => mlpScores(parameters, x).z,
    };
  }, undefined);
  await withRunDirectory(async (out) => {
    const flags = "--hidden 20";
    const { report, result } = await runSmall("octmnist-mlp", out, flags);
    const metrics = metricsOf(out);
    assert.deepEqual(
      metrics.map(({ key }) => key),
      [1, 2, 3].map((epoch) => `mlp,0.001,4,${epoch}`),
    );
    for (const [i, { loss, accuracies }] of expected.entries()) {
      const ours = metrics[i]!;
      assertValuesClose([Number(ours.loss)], [loss], { rtol: 1e-4, atol: 0 });
      assertValuesClose(ours.accuracies, accuracies, {
        rtol: 0,
        atol: 1.5 / 150,
      });
    }
    assert.ok(expected[2]!.loss < 0.8 * expected[0]!.loss);
    assert.equal(`${result.models[0].trainLoss}`, metrics[2]!.loss);
    assert.match(report, /train loss, summed +\| +57795\.7751 \|/);
    assert.match(report, /loss\.svg/);
  });
});

Deno.test("octmnist-logistic gives the same bytes at 1, 2 and 4 threads, and other ones of another seed", async () => {
  await withRunDirectory(async (out) => {
    const logs: string[] = [];
    for (const flags of ["1", "2", "4", "2 --seed 5"]) {
      const { code, stdout } = await runTask(
        `octmnist-logistic ${SMALL} --epochs 5 --out ${out} --force --quiet --threads ${flags}`,
      );
      assert.equal(code, 0);
      assert.equal(stdout, "");
      logs.push(readRun(out, "metrics.csv"));
    }
    assert.equal(logs[1], logs[0]);
    assert.equal(logs[2], logs[0]);
    assert.notEqual(logs[3], logs[0]);

    const rows = metricsOf(out);
    const rates = [0, 1].map((model) => rows.slice(5 * model, 5 * model + 5));
    const [large, small] = rates.map((epochs) =>
      standardDeviation(epochs.slice(2).map(({ accuracies }) => accuracies[1]!))
    ) as [number, number];
    const [first, last] = [0, 4].map((i) => Number(rates[0]![i]!.loss));
    const report = readRun(out, "report.md");
    assert.match(
      claimOf(report, "η = 0.01 oscillates"),
      new RegExp(
        `\\| ${verdict(large > small)} +\\| ${large.toFixed(4)} and ${
          small.toFixed(4)
        } `,
      ),
    );
    assert.ok(last! < first!);
    assert.match(
      claimOf(report, "η = 0.01 diverges"),
      new RegExp(
        `\\| did not hold +\\| ${first!.toFixed(4)}, then ${last!.toFixed(4)} `,
      ),
    );
  });
});

/** The line of a report's claim. */
function claimOf(report: string, start: string): string {
  const line = report.split("\n").find((line) => line.startsWith(`| ${start}`));
  assert.ok(line, `no claim ${start}`);
  return line;
}

const verdict = (holds: boolean) => holds ? "held" : "did not hold";

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
    const [perceptron, logistic, mlp] = TASKS as [string, string, string];
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

Deno.test({
  name: "octmnist-logistic says that Fashion-MNIST stands in for OctMNIST",
  ignore: isPresent("octmnist"), // then nothing stands in
  async fn() {
    await withRunDirectory(async (out) => {
      const { code, stdout } = await runTask(
        `octmnist-logistic ${
          SMALL.slice(SMALL.indexOf("--epochs"))
        } --learning-rate 0.01 --out ${out}`,
      );
      assert.equal(code, 0);
      assert.match(stdout, /^octmnist-logistic: \d models? on fashion-mnist$/m);
      assert.match(stdout, /octmnist is not there \(deno task data octmnist/);
    });
  },
});

Deno.test({
  name: "the octmnist tasks by hand train on PneumoniaMNIST's two classes",
  ignore: !isPresent("pneumoniamnist"), // deno task data pneumoniamnist
  async fn() {
    for (const task of TASKS) {
      await withRunDirectory(async (out) => {
        const { code, stderr } = await runTask(
          `${task} --dataset pneumoniamnist --train-size 1500 --epochs 4 ` +
            `--quiet --out ${out}`,
        );
        assert.equal(stderr, "");
        assert.equal(code, 0);
        const [, , , last] = metricsOf(out);
        // 74 % of the training images show a pneumonia.
        assert.ok(last!.accuracies[0]! > 0.8, `${task}: ${last!.accuracies}`);
      });
    }
  },
});

Deno.test({
  name:
    "octmnist-perceptron takes all three channels of CIFAR-10 (skipped where it is not in data/)",
  ignore: !isPresent("cifar-10"), // deno task data cifar-10
  async fn() {
    const name = "cifar-10";
    const reference = () => perceptronReference(32 * 32 * 3);
    const expected = await referenceEpochs(reference, 1, name);
    await withRunDirectory(async (out) => {
      const { code, stdout, stderr } = await runTask(
        `octmnist-perceptron ${SMALL} --dataset ${name} --out ${out}`,
      );
      assert.equal(stderr, "");
      assert.equal(code, 0);
      assert.match(stdout, /^octmnist-perceptron: 1 model on cifar-10\n/);
      assert.match(stdout, /cifar-10 has no validation images/);
      assert.deepEqual(
        metricsOf(out).map(({ accuracies }) => accuracies),
        expected.map(({ accuracies }) => accuracies),
      );
    });
  },
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
