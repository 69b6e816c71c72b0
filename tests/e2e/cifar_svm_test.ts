import assert from "node:assert/strict";
import { loadCheckpoint } from "../../lib/run/checkpoint.ts";
import { readCsvLog } from "../../lib/run/csv_log.ts";
import {
  assertFits80Columns,
  finish,
  readRun,
  ROOT,
  runExists,
  runTask,
  startTask,
  untilLine,
  withRunDirectory,
} from "./run_task.ts";
import { hasTerminal, runInTerminal } from "../lib/cli/run_in_sandbox.ts";
import { imagesOf, textsOf } from "../lib/images/svg_parts.ts";

const TASK = "cifar-svm";

/** Steps by the hundred on the images that are part of the project. */
const SMALL =
  "--dataset fashion-mnist --train-size 800 --epochs 3 --validation-size 200 " +
  "--test-size 300 --jobs 2 --validation-every 2";

/** All that a run leaves whose bytes depend on its nets. */
function resultsOf(path: string): string {
  return [
    "sweep.csv",
    "steps.csv",
    "search.csv",
    "confusion.csv",
    "report.md",
    "first-run.svg",
    "final.svg",
  ].map((file) => readRun(path, file)).join("\n");
}

Deno.test("cifar-svm trains the first run and the report's best combination, and shows weights and confusions", async () => {
  await withRunDirectory(async (out) => {
    const { code, stdout, stderr } = await runTask(
      `${TASK} ${SMALL} --out ${out} --json`,
    );
    assert.equal(stderr, "");
    assert.equal(code, 0);
    assert.ok(!stdout.includes("\x1b"), "escape codes without a terminal");
    const lines = stdout.trim().split("\n");
    assertFits80Columns(stdout);
    const nets = readCsvLog(`${ROOT}/${out}/sweep.csv`);
    assert.deepEqual(
      nets.map((row) =>
        [
          row.net,
          row.hinge,
          row.learning_rate,
          row.lambda,
          row.regularization,
          row.batch_size,
          row.epochs,
        ].join()
      ),
      [
        "first-run,max,1e-7,50000,l2,200,3",
        "combination-4-sum,sum,3e-7,10000,l2,400,3",
        "combination-4-max,max,3e-7,10000,l2,400,3",
      ],
    );
    // Ten classes; 6 to 12 steps bring them to about 60 %.
    for (const net of nets) {
      for (const split of ["train", "validation"]) {
        const accuracy = Number(net[`${split}_accuracy`]);
        assert.ok(accuracy > 0.3 && accuracy < 0.9, `${net.net} ${accuracy}`);
      }
      assert.equal(net.diverged_after_step, "");
    }
    // The report does not test the first run.
    assert.deepEqual(nets.map((net) => net.test_accuracy === ""), [
      true,
      false,
      false,
    ]);
    const steps = readCsvLog(`${ROOT}/${out}/steps.csv`);
    assert.deepEqual(
      steps.filter(({ net }) => net === "first-run").map(({ step }) => step),
      ["0", "2", "4", "6", "8", "10", "12"],
    );
    assert.equal(steps[0]!.train_loss, "");
    const confusions = readCsvLog(`${ROOT}/${out}/confusion.csv`);
    const counts = confusions.map(({ class: _, ...row }) =>
      Object.values(row).map(Number)
    );
    const all = counts.flat().reduce((sum, count) => sum + count, 0);
    assert.equal(all, 300);
    const right = counts.reduce((sum, row, k) => sum + row[k]!, 0);
    assert.equal(Number(nets[2]!.test_accuracy), right / 300);

    const { tensors } = loadCheckpoint(`${ROOT}/${out}/final.safetensors`);
    assert.deepEqual(tensors["svm/weights"]!.shape, [784, 10]);
    const templates = readRun(out, "templates.svg");
    assert.equal(imagesOf(templates).length, 10);
    assert.ok(textsOf(templates).includes("Ankle boot"));
    const report = readRun(out, "report.md");
    assert.match(report, /\| test accuracy, sum \(§5\.2\) +\| +37\.3 % \|/);
    assert.match(report, /Confusion matrix/);
    assert.match(report, /33\.2, 31\.5 and 31\.8 %/);
    assert.match(report, /the last 1000 of its 60000 training images/);
    assert.match(stdout, /^T-shirt\/top +Trouser +Pullover/m);
    const result = JSON.parse(lines.at(-1)!);
    assert.equal(result.final, "combination-4-max");
    assert.equal(result.nets[2].testAccuracy, right / 300);
    assert.equal(result.search, null);
    assert.equal(JSON.parse(readRun(out, "config.json")).status, "finished");
  });
});

Deno.test("cifar-svm --tune shows all eight combinations, one of which diverges, tests the best, and searches on", async () => {
  await withRunDirectory(async (out) => {
    const { code, stdout, stderr } = await runTask(
      `${TASK} ${SMALL} --tune --epochs 10 --search 4 --hinge sum --out ${out} --json`,
    );
    assert.equal(stderr, "");
    assert.equal(code, 0);
    const nets = readCsvLog(`${ROOT}/${out}/sweep.csv`);
    assert.equal(nets.length, 11);
    const eight = nets.slice(2, 10);
    assert.deepEqual(
      eight.map((row) =>
        [
          row.net,
          row.learning_rate,
          row.lambda,
          row.regularization,
          row.batch_size,
        ].join()
      ),
      [
        "combination-1-sum,1e-8,10000,l1,50",
        "combination-2-sum,1e-7,30000,l2,100",
        "combination-3-sum,3e-7,50000,l1,200",
        "combination-4-sum,3e-7,10000,l2,400",
        "combination-5-sum,5e-7,80000,l1,100",
        "combination-6-sum,8e-7,100000,l2,200",
        "combination-7-sum,0.000001,50000,l1,200",
        "combination-8-sum,0.00001,500000,l2,400",
      ],
    );
    // 81ⁿ λ Σ w² = 81ⁿ · 5e5 · 7840 · 1e-8 is beyond float32 from n = 20 on.
    assert.match(
      stdout,
      /combination-8-sum +10 epochs +diverged after step \d/,
    );
    assert.equal(eight[7]!.validation_accuracy, "");
    const step = Number(eight[7]!.diverged_after_step);
    assert.ok(step >= 18 && step <= 20, `${step}`);
    const result = JSON.parse(stdout.trim().split("\n").at(-1)!);
    const accuracies = eight.map((row) => Number(row.validation_accuracy));
    const best = accuracies.indexOf(Math.max(...accuracies));
    assert.equal(result.final, eight[best]!.net);
    const tested = eight.filter((row) => row.test_accuracy !== "");
    assert.deepEqual(
      new Set(tested.map(({ net }) => net)),
      new Set(["combination-4-sum", result.final]),
    );
    // 4 candidates for 1 epoch, the best of them for 3.
    const search = readCsvLog(`${ROOT}/${out}/search.csv`);
    assert.deepEqual(search.map(({ epochs }) => epochs), [
      "1",
      "1",
      "1",
      "1",
      "3",
    ]);
    const first = search.slice(0, 4)
      .toSorted((a, b) =>
        Number(b.validation_accuracy) - Number(a.validation_accuracy)
      )[0]!;
    assert.equal(search[4]!.net, first.net);
    assert.match(stdout, new RegExp(`^${first.net} +3 epochs +train`, "m"));
    assert.equal(nets[10]!.net, first.net);
    assert.equal(String(result.search.lambda), search[4]!.lambda);
    const report = readRun(out, "report.md");
    assert.match(
      report,
      /\| +8 \| +1e−5 \| +5e5 \| L2 +\| +400 \| diverged +\| diverged/,
    );
    assert.match(
      report,
      /a random search .* \| could not be tested \| .*needs all of CIFAR-10/,
    );
  });
});

Deno.test("cifar-svm gives the same bytes with one job and with three, and after an interruption", async () => {
  await withRunDirectory(async (out) => {
    const few = "--epochs 1 --search 2";
    const loud = `${SMALL} ${few} --out ${out}`;
    const flags = `${loud} --quiet`;
    const whole = await runTask(`${TASK} ${flags} --jobs 1`);
    assert.deepEqual(whole, { code: 0, stdout: "", stderr: "" });
    const expected = resultsOf(out);
    await runTask(`${TASK} ${flags} --jobs 3 --force`);
    assert.equal(resultsOf(out), expected);

    const child = startTask(`${TASK} ${loud} --force`);
    await untilLine(child, /^search-\d /);
    child.kill("SIGINT");
    const { code, stderr } = await finish(child);
    assert.equal(code, 130);
    assert.match(
      stderr,
      /^SIGINT: saving; .*\nInterrupted after \d trainings: .*--resume.*\n$/,
    );
    const last = await runTask(`${TASK} ${loud} --resume`);
    assert.deepEqual([last.code, last.stderr], [0, ""]);
    const [, before] = last.stdout.match(
      /^going on after ([4-6]) trainings$/m,
    )!;
    // 3 nets, 2 candidates and the better one again; none of them twice.
    const trained = last.stdout.match(/^\S+ +\d epochs? +train/gm) ?? [];
    assert.equal(trained.length, 6 - Number(before));
    assert.equal(resultsOf(out), expected);
  });
});

Deno.test("cifar-svm names what is wrong with its flags and its files", async () => {
  await withRunDirectory(async (out) => {
    const refused = async (code: number, text: RegExp, flags = "") => {
      const all = `${SMALL} --quiet --out ${out} ${flags}`;
      const result = await runTask(`${TASK} ${all}`);
      assert.match(result.stderr, text);
      assert.equal(result.stderr.trim().split("\n").length, 1, result.stderr);
      assert.deepEqual([result.code, result.stdout], [code, ""]);
    };
    await refused(2, /--hinge: expected one of max, sum/, "--hinge min");
    await refused(2, /did you mean --lambda\?/, "--lamda 3");
    await refused(2, /--learning-rate: .* got "0"/, "--learning-rate 0");
    await refused(
      2,
      /--train-size: expected at least 400, the largest batch/,
      "--train-size 399",
    );
    await refused(
      2,
      /--batch-size: expected at most the 800 training/,
      "--batch-size 801",
    );
    await refused(2, /--force: expected it without/, "--resume --force");
    assert.ok(!runExists(out));

    const flags = `${SMALL} --epochs 1 --quiet --out ${out}`;
    assert.equal((await runTask(`${TASK} ${flags}`)).code, 0);
    const report = readRun(out, "report.md");
    await refused(1, /already holds a run/, "--epochs 1");
    const checkpoint = `${ROOT}/${out}/checkpoint.safetensors`;
    const bytes = Deno.readFileSync(checkpoint);
    bytes[bytes.length - 1]! ^= 1;
    Deno.writeFileSync(checkpoint, bytes);
    await refused(
      1,
      /^Cannot load checkpoint .*altered/,
      "--epochs 1 --resume",
    );
    assert.equal(readRun(out, "report.md"), report);
  });
});

Deno.test("cifar-svm --help names every flag and fits 80 columns", async () => {
  const { code, stdout } = await runTask(`${TASK} --help`);
  assert.equal(code, 0);
  // deno-fmt-ignore
  const flags = [
    "hinge", "learning-rate", "lambda", "regularization", "batch-size",
    "epochs", "validation-every", "tune", "search", "dataset", "train-size",
    "validation-size", "test-size", "seed", "jobs", "out", "force", "resume",
    "quiet", "json", "help",
  ];
  for (const flag of flags) assert.ok(stdout.includes(`--${flag}`), flag);
  assertFits80Columns(stdout);
});

Deno.test({
  name:
    "cifar-svm asks its terminal how to show pictures before it trains, and not with --quiet",
  ignore: !await hasTerminal(),
  fn: () =>
    withRunDirectory(async (out) => {
      const script = new URL("../../scripts/cifar_svm.ts", import.meta.url);
      const run = async (more: string) => {
        const { code, stdout } = await runInTerminal(
          script,
          `${SMALL} --epochs 1 --out ${out} ${more}`.split(" "),
          { NO_COLOR: "" },
        );
        assert.equal(code, 0, stdout);
        return stdout;
      };
      const question = "\x1b[c";
      const [before, after, ...more] = (await run("--jobs 1")).split(question);
      assert.deepEqual(more, []);
      assert.doesNotMatch(before!, /starting/);
      assert.match(after!, /starting/);
      assert.ok(!(await run("--force --quiet")).includes(question));
    }),
});
