import assert from "node:assert/strict";
import { loadFashionMnist } from "../../lib/data/fashion_mnist.ts";
import { loadCheckpoint, saveCheckpoint } from "../../lib/run/checkpoint.ts";
import { readCsvLog } from "../../lib/run/csv_log.ts";
import * as reference from "../reference/conv2d.ts";
import { seededNumbers } from "../lib/ops/fixtures/seeded_tensor.ts";
import {
  assertFits80Columns,
  readRun,
  ROOT,
  runExists,
  runTask,
  snapshot,
  type TaskResult,
  withRunDirectory,
} from "./run_task.ts";

/** α stay within 0.0003 of 0. */
const TRAIN = "fashion-alpha --train-size 300 --test-size 200 --epochs 1 " +
  "--lambda 0 --alpha-init 0 --learning-rate 0.0001 --threads 1 --quiet";

const SIZE = 400;
const FOLD = `--test-size ${SIZE} --threads 1`;

function assertRefused(result: TaskResult, code: number, text: string) {
  assert.equal(result.stderr, `${text}\n`);
  assert.equal(result.code, code);
}

/** A net's file with other values in some tensors. */
function writeNet(
  from: string,
  to: string,
  change: (name: string, data: Float32Array) => Float32Array,
) {
  const { state, tensors } = loadCheckpoint(`${ROOT}/${from}`);
  for (const [name, tensor] of Object.entries(tensors)) {
    tensor.data = change(name, tensor.data as Float32Array);
  }
  saveCheckpoint(`${ROOT}/${to}`, { state, tensors });
}

/** Report 1's net in float64, from its file, by the oracle's loops. */
function logitsOf(path: string, image: Uint8Array): number[] {
  const { tensors } = loadCheckpoint(`${ROOT}/${path}`);
  const data = (name: string) => tensors[name]!.data;
  let x: ArrayLike<number> = Array.from(image, (pixel) => pixel / 255);
  for (
    const [layer, side, inChannels, outChannels] of [
      [1, 5, 1, 8],
      [2, 5, 8, 16],
      [3, 3, 16, 32],
    ] as const
  ) {
    const slope = "alpha_1" in tensors ? 1 - data(`alpha_${layer}`)[0]! : 1;
    const { values } = reference.conv2d(
      {
        batchSize: 1,
        inHeight: 28,
        inWidth: 28,
        inChannels,
        outHeight: 28,
        outWidth: 28,
        outChannels,
        filterHeight: side,
        filterWidth: side,
        strideHeight: 1,
        strideWidth: 1,
        dilationHeight: 1,
        dilationWidth: 1,
        padInfo: { top: (side - 1) / 2, left: (side - 1) / 2 },
      },
      x,
      data(`conv${layer}/filter`),
    );
    const bias = data(`conv${layer}/bias`);
    x = values.map((sum, i) => {
      const z = sum + bias[i % outChannels]!;
      return z > 0 ? z : slope * z;
    });
  }
  const features = x;
  return Array.from(data("fc1/bias"), (bias, k) => {
    let sum = bias;
    for (let i = 0; i < features.length; i++) {
      sum += features[i]! * data("fc1/weights")[10 * i + k]!;
    }
    return sum;
  });
}

Deno.test("fold finds softmax regression in linear nets, names the others, and writes both files", async () => {
  const { test } = await loadFashionMnist();
  await withRunDirectory((trained) =>
    withRunDirectory(async (out) => {
      assert.equal((await runTask(`${TRAIN} --out ${trained}`)).code, 0);
      const before = snapshot(trained);
      const line = `fold ${trained} ${FOLD} --out ${out}`;
      const { code, stdout, stderr } = await runTask(`${line} --json`);
      assert.equal(stderr, "");
      assert.equal(code, 0);
      assertFits80Columns(stdout);
      const result = JSON.parse(stdout.trim().split("\n").at(-1)!);
      assert.equal(result.task, "fold");
      assert.deepEqual(result.refused, [
        "Cannot fold relu: linear layers must follow each other: got ReLU between its layers",
      ]);
      const rows = readCsvLog(`${ROOT}/${out}/metrics.csv`);
      assert.deepEqual(rows.map(({ net }) => net), ["linear", "relu-alpha-0"]);
      for (const row of rows) {
        assert.equal(row.multiply_adds_before, "6529152");
        assert.equal(row.multiply_adds_after, "7840");
        assert.equal(row.parameters_after, "7850");
        assert.equal(row.test_images, String(SIZE));
        assert.equal(row.changed_by_folding, "0");
        assert.equal(row.changed_by_onnxruntime, "0");
        assert.ok(Number(row.float64_fold_difference) < 1e-12);
        const after = Deno.statSync(
          `${ROOT}/${out}/net-${row.net}.safetensors`,
        );
        assert.equal(row.bytes_after, String(after.size));
        const { tensors } = loadCheckpoint(
          `${ROOT}/${out}/net-${row.net}.safetensors`,
        );
        const [weights, bias] = ["weights", "bias"].map((name) =>
          tensors[`conv1_conv2_conv3_fc1/${name}`]!.data
        );
        const image = test.images.subarray(0, 784);
        const expected = logitsOf(
          `${trained}/net-${row.net}.safetensors`,
          image,
        );
        expected.forEach((logit, k) => {
          let sum = bias![k]!;
          image.forEach((pixel, i) =>
            sum += pixel / 255 * weights![10 * i + k]!
          );
          // α of 0.0003 are at 0 now.
          const atol = row.net === "linear" ? 1e-5 : 2e-3;
          assert.ok(
            Math.abs(sum - logit) < atol,
            `${row.net}: ${sum} ${logit}`,
          );
        });
      }
      // A kind of fold for the net with α and the one without.
      assert.equal(result.times.length, 2);
      for (const { times } of result.times) {
        assert.deepEqual(
          // deno-lint-ignore no-explicit-any -- JSON
          times.map((one: any) => `${one.program} ${one.batchSize}`),
          [
            "alphalab 1",
            "onnxruntime-web 1",
            "alphalab 100",
            "onnxruntime-web 100",
          ],
        );
      }
      const report = readRun(out, "report.md");
      assert.match(report, /deno task fold runs\/test-\S+ --test-size 400$/m);
      assert.equal(report.match(/\| held /g)!.length, 4);
      assert.match(report, /!\[linear, before and after the fold\]/);
      assert.match(readRun(out, "fold-linear.svg"), /folded: 7,840/);
      assert.deepEqual(snapshot(trained), before);

      const classified = await runTask(
        `classify ${out}/net-linear.onnx fashion-mnist[0] --json`,
      );
      assert.equal(classified.code, 0, classified.stderr);

      // Nothing is overwritten; the numbers are the same the second time.
      const kept = readRun(out, "metrics.csv");
      assertRefused(
        await runTask(`${line} --quiet`),
        1,
        `Cannot start run: directory ${out} already holds a run: --force replaces it`,
      );
      const again = await runTask(
        `fold ${trained} --test-size ${SIZE} --threads 2 --out ${out} --force --quiet`,
      );
      assert.deepEqual(again, { code: 0, stdout: "", stderr: "" });
      assert.equal(readRun(out, "metrics.csv"), kept);
    })
  );
});

Deno.test("fold takes a net's file, borders and ε included, and refuses what it cannot fold", async () => {
  await withRunDirectory((place) =>
    withRunDirectory(async (out) => {
      const train = `${TRAIN} --activation relu-alpha --out ${place}`;
      assert.equal((await runTask(train)).code, 0);
      const net = (name: string) => `${place}/net-${name}.safetensors`;
      /** Random weights of a trained net's size, and these α. */
      const write = (name: string, alphas: readonly number[]) =>
        writeNet(net("relu-alpha-0"), net(name), (tensor, data) => {
          const [, layer] = /^alpha_(\d)$/.exec(tensor) ?? [];
          if (layer !== undefined) return Float32Array.of(alphas[+layer - 1]!);
          const scale = tensor === "fc1/weights" ? 0.01 : 0.2;
          return seededNumbers(data.length, tensor.length).map((v) =>
            scale * v
          );
        });
      write("mine", [-0.002, 0.6, 0.0004]);
      const fold = (name: string, flags = "") =>
        runTask(`fold ${net(name)} ${FOLD} --out ${out} --quiet ${flags}`);

      const both = await fold("mine", "--epsilon 0.002 --json");
      assert.equal(both.stderr, "");
      const [row] = JSON.parse(both.stdout).nets;
      assert.equal(row.multiply_adds_after, 1_141_504);
      assert.ok(row.float64_fold_difference < 1e-12 * row.largest_logit);
      assert.ok(row.folding_difference < 1e-5 * row.largest_logit);
      assert.ok(row.snapping_difference > 1e-5 * row.largest_logit);

      // The default ε leaves α₁, and conv3 with fc1.
      const one = await fold("mine", "--force --json");
      const [less] = JSON.parse(one.stdout).nets;
      assert.equal(less.multiply_adds_after, 2_791_040);

      // α₂ alone: only --all folds at that price.
      write("dear", [0.5, 0, 0.5]);
      assertRefused(
        await fold("dear", "--force"),
        1,
        "Cannot fold dear: one layer in the place of conv2 and conv3 must take fewer than their 6,121,472 multiply-adds: got 9,834,496; --all folds them too",
      );
      const all = await fold("dear", "--all --force --json");
      assert.equal(
        JSON.parse(all.stdout).nets[0].multiply_adds_after,
        10_242_176,
      );
      write("curved", [0.5, 0.4, -0.3]);
      const before = snapshot(out);
      assertRefused(
        await fold("curved", "--force"),
        1,
        "Cannot fold curved: linear layers must follow each other: got α 0.5, 0.4, −0.3 between its layers",
      );
      assert.deepEqual(snapshot(out), before);

      Deno.writeTextFileSync(`${ROOT}/${net("damaged")}`, "no net");
      const damaged = await fold("damaged", "--force");
      assertRefused(
        damaged,
        1,
        `Cannot load checkpoint ${
          net("damaged")
        }: file must be an alphalab checkpoint: got other content`,
      );
    })
  );
});

Deno.test("fold takes report 2's nets, each from a file of its own", async () => {
  await withRunDirectory((place) =>
    withRunDirectory(async (out) => {
      const sweep = await runTask(
        `alpha-sweep --train-size 256 --test-size 100 --epochs 1 --lambda 40 --runs 2 --subsets 1 --jobs 1 --out ${place} --quiet`,
      );
      assert.deepEqual(sweep, { code: 0, stdout: "", stderr: "" });
      const { code, stdout, stderr } = await runTask(
        `fold ${place} ${FOLD} --out ${out} --quiet --json`,
      );
      assert.equal(stderr, "");
      assert.equal(code, 0);
      const { nets, times } = JSON.parse(stdout);
      // λ 40 takes all α to 0 in the first steps: 8×8 1 → 1 and dense 36 → 10.
      assert.deepEqual(
        // deno-lint-ignore no-explicit-any -- JSON
        nets.map((row: any) => [
          row.net,
          row.multiply_adds_before,
          row.multiply_adds_after,
          row.changed_by_folding,
        ]),
        [0, 1].map((run) => [
          `subset-0-lambda-40-run-${run}`,
          58_380,
          2_664,
          0,
        ]),
      );
      assert.equal(times.length, 1);
    })
  );
});

Deno.test("fold refuses wrong command lines before it starts anything", async () => {
  await withRunDirectory(async (out) => {
    const fold = (line: string) => runTask(`fold ${line} --out ${out}`);
    const missing = await fold("");
    assert.equal(missing.code, 2);
    assert.match(missing.stderr, /^Cannot parse source: expected a run/);
    const negative = await fold("runs/none --epsilon -1");
    assert.equal(negative.code, 2);
    assert.match(negative.stderr, /^Cannot parse --epsilon: expected a number/);
    assertRefused(
      await fold("runs/no-such-run"),
      1,
      "Cannot fold runs/no-such-run: it must be a run with trained nets, net-NAME.safetensors, or one such file: got no such directory",
    );
    assertRefused(
      await fold("runs/none/net-a.safetensors"),
      1,
      "Cannot load net runs/none/net-a.safetensors: no such file or directory",
    );
    const { code, stdout } = await fold("--help");
    assert.equal(code, 0);
    assert.match(stdout, /fold <source> \[flags\]/);
    assertFits80Columns(stdout);
    assert.ok(!runExists(out));
  });
});
