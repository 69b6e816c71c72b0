import assert from "node:assert/strict";
import { linearScores } from "../../lib/matrices/linear_scores.ts";
import { logisticStep } from "../../lib/reports/3_homework_1/by_hand/logistic_regression.ts";
import {
  createMlp,
  mlpScores,
  mlpStep,
} from "../../lib/reports/3_homework_1/by_hand/mlp.ts";
import { standardDeviation } from "../../lib/base/statistics.ts";
import { isPresent } from "../../lib/data/load_dataset.ts";
import { assertValuesClose } from "../assert_all_close.ts";
import { hasTerminal, runInTerminal } from "../lib/cli/run_in_sandbox.ts";
import { perceptronReference, referenceEpochs } from "./by_hand_reference.ts";
import { claimOf, metricsOf, SIZES, SMALL, TASKS } from "./by_hand_task.ts";
import {
  assertFits80Columns,
  assertNoDifferences,
  readRun,
  runTask,
  withRunDirectory,
} from "./run_task.ts";

const HEADER =
  "model,learning_rate,seed,epoch,train_loss,train_accuracy,validation_accuracy,test_accuracy";

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

const verdict = (holds: boolean) => holds ? "held" : "did not hold";

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

Deno.test({
  name: "the models by hand say at a terminal which split is evaluated",
  ignore: !await hasTerminal(),
  fn: () =>
    withRunDirectory(async (out) => {
      const { code, stdout } = await runInTerminal(
        new URL("../../scripts/octmnist_mlp.ts", import.meta.url),
        `--dataset fashion-mnist --train-size 10000 --epochs 1 --out ${out}`
          .split(" "),
        { NO_COLOR: "1" },
      );
      assert.equal(code, 0, stdout);
      assert.match(
        stdout,
        /] +100 % {2}(train|validation|test) \d+ % {2}\d+ images\/s/,
      );
    }),
});
