import assert from "node:assert/strict";
import { mean } from "../../lib/base/statistics.ts";
import { createRandom } from "../../lib/base/random.ts";
import { readCsvLog } from "../../lib/run/csv_log.ts";
import {
  assertFits80Columns,
  finish,
  readRun,
  ROOT,
  runExists,
  runTask,
  startTask,
  withRunDirectory,
} from "./run_task.ts";

const TASK = "fashion-alpha";

/** Small enough for seconds, large enough to learn something. */
const SMALL =
  "--train-size 600 --test-size 300 --batch-size 50 --epochs 2 --threads 2";

const METRICS_HEADER =
  "net,activation,lambda,seed,epoch,train_loss,train_accuracy,test_loss,test_accuracy,alpha_1,alpha_2,alpha_3";

function logsOf(path: string): string {
  return readRun(path, "metrics.csv") + readRun(path, "steps.csv");
}

/** All files of a run with their contents, to see that nothing changed. */
function snapshot(path: string): Map<string, string> {
  const files = [...Deno.readDirSync(`${ROOT}/${path}`)];
  return new Map(
    files.map(({ name }) =>
      [name, Deno.readFileSync(`${ROOT}/${path}/${name}`).join()] as const
    ).sort(),
  );
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
        `${TASK} ${SMALL} --activation relu-alpha --epochs 1 --threads ` +
          `${threads} --out ${out} --force --quiet`,
      );
      assert.equal(code, 0);
      assert.equal(stdout, "");
      logs.push(logsOf(out));
    }
    assert.equal(logs[1], logs[0]);
    assert.equal(logs[2], logs[0]);
  });
});

Deno.test("fashion-alpha --resume after kill -9 and Ctrl-C ends with the same bytes", async () => {
  const flags = `${SMALL} --activation relu,relu-alpha --quiet`;
  const resultsOf = (out: string) => logsOf(out) + readRun(out, "report.md");
  const hasRecord = (out: string) =>
    runExists(out) && snapshot(out).has("config.json");
  let expected = "";
  await withRunDirectory(async (out) => {
    assert.equal((await runTask(`${TASK} ${flags} --out ${out}`)).code, 0);
    expected = resultsOf(out);
  });
  const random = createRandom(7);
  const codes = new Set<number>();
  await withRunDirectory(async (out) => {
    for (let round = 0;; round++) {
      assert.ok(round < 40, "the run never ends");
      // A kill may come before the record is written; what decides results is
      // taken from it.
      const decisive = hasRecord(out) ? ["--resume"] : flags;
      const child = startTask(`${TASK} ${decisive} --quiet --out ${out}`);
      const ended = finish(child);
      let runs = true;
      void child.status.then(() => runs = false);
      const signal = round % 2 === 0 ? "SIGKILL" : "SIGINT";
      const before = readIfThere(out, "steps.csv").length;
      const hasSaved = () => readIfThere(out, "steps.csv").length > before;
      // Not before more is saved, so that the run comes to its end.
      while (signal === "SIGKILL" && runs && !hasSaved()) await sleep(10);
      const delay = signal === "SIGKILL" ? 0 : 700;
      await sleep(delay + 400 * random.uniform());
      if (runs) child.kill(signal);
      const { code, stderr } = await ended;
      codes.add(code);
      if (code === 0) break;
      if (code === 130) {
        assert.match(
          stderr,
          /^(SIGINT: saving.*\nInterrupted .*--resume.*\n)?$/,
        );
      } else assert.equal(code, 137, stderr);
    }
    assert.equal(resultsOf(out), expected);
  });
  assert.ok(codes.has(137), "no round was killed");
});

Deno.test("fashion-alpha --epochs 2 --resume lengthens a finished run, as if it had been longer from the start", async () => {
  const flags =
    "--train-size 200 --test-size 100 --batch-size 50 --activation " +
    "relu,relu-alpha --long-lambda 0.1 --long-epochs 1 --quiet";
  const files = ["metrics.csv", "steps.csv", "report.md"];
  const resultsOf = (out: string) => {
    const all = snapshot(out);
    const kept = [...all.keys()].filter((name) =>
      /^(net|end)-|svg$/.test(name)
    );
    return [...files, ...kept].map((name) => [name, all.get(name)]);
  };
  let expected: unknown;
  await withRunDirectory(async (out) => {
    const whole = await runTask(`${TASK} ${flags} --epochs 2 --out ${out}`);
    assert.equal(whole.code, 0, whole.stderr);
    expected = resultsOf(out);
  });
  await withRunDirectory(async (out) => {
    const short = await runTask(`${TASK} ${flags} --epochs 1 --out ${out}`);
    assert.equal(short.code, 0, short.stderr);
    const before = readRun(out, "metrics.csv").split("\n").length;
    const resume = `--resume --out ${out} --epochs`;
    const longer = await runTask(`${TASK} ${resume} 2`);
    assert.equal(longer.code, 0, longer.stderr);
    assert.match(longer.stdout, /^going on where 3 of 3 nets ended$/m);
    // No epoch is trained twice, and the net of --long-epochs not at all.
    assert.doesNotMatch(longer.stdout, /\b1\/[12]\b/);
    assert.deepEqual(resultsOf(out), expected);
    assert.equal(readRun(out, "metrics.csv").split("\n").length, before + 2);

    const shorter = await runTask(`${TASK} ${resume} 1`);
    assert.equal(
      shorter.stderr,
      "Cannot resume run: --epochs differs: the run has 2: got 1; deno task " +
        `fashion-alpha --out ${out} --resume goes on with its own flags\n`,
    );
    assert.equal(shorter.code, 1);
    assert.deepEqual(resultsOf(out), expected);
  });
});

Deno.test("fashion-alpha keeps what was there when it refuses to run", async () => {
  await withRunDirectory(async (out) => {
    const flags =
      "--train-size 100 --test-size 100 --epochs 1 --activation relu-alpha " +
      `--quiet --out ${out}`;
    assert.equal((await runTask(`${TASK} ${flags}`)).code, 0);
    const before = snapshot(out);
    const refused = async (code: number, text: RegExp, more = "") => {
      const result = await runTask(`${TASK} ${flags} ${more}`);
      assert.match(result.stderr, text);
      assert.equal(result.stderr.trim().split("\n").length, 1, result.stderr);
      assert.equal(result.code, code);
      assert.equal(result.stdout, "");
      assert.deepEqual(snapshot(out), before);
    };
    const resume = `deno task fashion-alpha --out ${out} --resume`;
    await refused(1, new RegExp(`already holds a run: ${resume} continues`));
    await refused(
      1,
      new RegExp(`--learning-rate differs: .*; ${resume} goes on with its own`),
      "--resume --learning-rate=1",
    );
    await refused(2, /--force: expected it without/, "--resume --force");
    await refused(2, /did you mean --epochs\?/, "--force --epoch 3");
    await refused(2, /--epochs: .* got "0"/, "--force --epochs 0");
    await refused(2, /--epochs: .* got "1.5"/, "--force --epochs 1.5");
    await refused(2, /--lambda: /, "--force --lambda 0.1,NaN");
    await refused(2, /--learning-rate: /, "--force --learning-rate=-1");
    await refused(2, /--alpha-init: /, "--force --alpha-init Infinity");
    await refused(2, /--batch-size: /, "--force --batch-size 101");
    await refused(2, /--threads: /, "--force --threads 9");
    await refused(
      2,
      /^Cannot parse --seeds: .*4294967295: got 4294967296$/m,
      "--force --seed 4294967295 --seeds 2",
    );
    for (const name of ["--long-lambda", "--variant-lambda"]) {
      await refused(
        2,
        new RegExp(`^Cannot parse ${name}: .* got relu,linear$`, "m"),
        `--force --activation relu,linear ${name} 0.5`,
      );
    }
    for (const varied of ["--clamp-alpha", "--penalty none"]) {
      await refused(
        2,
        /^Cannot parse --variant-lambda: .* loss as written: got a variant$/m,
        `--force --variant-lambda 0.5 ${varied}`,
      );
    }

    // A finished run is shown again and not trained again.
    const again = await runTask(`${TASK} ${flags} --resume --json`);
    assert.equal(again.code, 0);
    assert.equal(logsOf(out).length > 0, true);
    assert.equal(JSON.parse(again.stdout).nets[0].epoch, 1);

    const checkpoint = `${ROOT}/${out}/checkpoint.safetensors`;
    const bytes = Deno.readFileSync(checkpoint);
    bytes[bytes.length >> 1]! ^= 1;
    Deno.writeFileSync(checkpoint, bytes);
    const damaged = await runTask(`${TASK} ${flags} --resume`);
    assert.match(damaged.stderr, /^Cannot load checkpoint .*altered.*\n$/);
    assert.equal(damaged.code, 1);
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
      `--clamp-alpha --quiet --out ${out}`;
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

Deno.test("fashion-alpha:report trains every net of report 1 and its variants, for each seed", async () => {
  await withRunDirectory(async (out) => {
    const { code, stdout, stderr } = await runTask(
      "fashion-alpha:report --train-size 100 --test-size 100 --batch-size 50 " +
        `--long-epochs 4 --seed 5 --seeds 2 --out ${out}`,
    );
    assert.equal(stderr, "");
    assert.equal(code, 0);
    const metrics = readCsvLog(`${ROOT}/${out}/metrics.csv`);
    const epochs = Map.groupBy(
      metrics,
      ({ net, lambda, seed }) => [net, lambda, seed].join(" "),
    );
    const nets = [
      "relu ",
      "linear ",
      ...["0.1", "0.3", "0.5", "0.7", "0.9", "2", "5"].map((lambda) =>
        `relu-alpha-${lambda} ${lambda}`
      ),
      "relu-alpha-0.5-4-epochs 0.5",
      "relu-alpha-0.7-4-epochs 0.7",
      "relu-alpha-0.5-clamped 0.5",
      "relu-alpha-0.5-no-penalty 0.5",
    ];
    assert.deepEqual(
      [...epochs].map(([name, rows]) => [name, rows.length]),
      ["5", "6"].flatMap((seed) =>
        nets.map((net) => [`${net} ${seed}`, net.includes("-4-") ? 4 : 3])
      ),
    );
    // The longer training begins as the shorter one, and the seeds differ.
    const losses = (name: string) =>
      epochs.get(name)!.map((row) => row.train_loss);
    const short = losses("relu-alpha-0.5 0.5 6");
    assert.deepEqual(
      losses("relu-alpha-0.5-4-epochs 0.5 6").slice(0, 3),
      short,
    );
    assert.notDeepEqual(losses("relu-alpha-0.5 0.5 5"), short);
    const files = new Set([...snapshot(out).keys()]);
    const record = JSON.parse(readRun(out, "config.json"));
    for (const file of record.files) {
      assert.equal(files.has(file), !file.endsWith(".onnx"), file);
    }
    for (
      const file of ["net-relu.safetensors", "net-relu-seed-6.safetensors"]
    ) {
      assert.ok(files.has(file), file);
    }
    assert.match(stdout, /[−+]\d+\.\d\d ± \d+\.\d\d points/);
    assert.match(
      readRun(out, "report.md"),
      /deno task fashion-alpha .*--long-epochs 4/,
    );
    assert.match(readRun(out, "report.html"), /<svg[\s\S]*α of relu-alpha-5/);
  });
});

Deno.test("fashion-alpha --architecture batch-norm-pool resumes with its running statistics", async () => {
  const flags =
    "--architecture batch-norm-pool --activation relu-alpha --train-size " +
    "2000 --test-size 300 --epochs 2 --quiet";
  let expected = "";
  await withRunDirectory(async (out) => {
    assert.equal((await runTask(`${TASK} ${flags} --out ${out}`)).code, 0);
    expected = logsOf(out);
    const [, last] = readCsvLog(`${ROOT}/${out}/metrics.csv`);
    assert.ok(Number(last!.test_accuracy) > 0.6);
  });
  await withRunDirectory(async (out) => {
    const child = startTask(`${TASK} ${flags} --out ${out}`);
    for (;;) {
      await sleep(20);
      if (!runExists(out)) continue;
      if (readIfThere(out, "steps.csv").length > 0) break;
    }
    child.kill("SIGINT");
    assert.equal((await finish(child)).code, 130);
    const partly = logsOf(out);
    assert.ok(partly.length < expected.length);
    const result = await runTask(`${TASK} ${flags} --out ${out} --resume`);
    assert.equal(result.code, 0, result.stderr);
    assert.equal(logsOf(out), expected);
  });
});

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function readIfThere(path: string, file: string): string {
  try {
    return readRun(path, file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}
