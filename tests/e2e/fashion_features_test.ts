import assert from "node:assert/strict";
import { loadFashionMnist } from "../../lib/data/fashion_mnist.ts";
import { correlation } from "../../lib/base/statistics.ts";
import { loadCheckpoint } from "../../lib/run/checkpoint.ts";
import { readCsvLog } from "../../lib/run/csv_log.ts";
import {
  assertFits80Columns,
  readRun,
  ROOT,
  runExists,
  runTask,
  withRunDirectory,
} from "./run_task.ts";
import { imagesOf, pixelsOf, textsOf } from "../lib/images/svg_parts.ts";

const TASK = "fashion-features";

/** Small enough for seconds; some images of each class are classified right. */
const SMALL =
  "--train-size 500 --test-size 300 --epochs 1 --long-epochs 1 --threads 2";

const NETS = ["relu", "linear", "relu-alpha-0.5-1-epochs"];
const SUBJECTS = ["ankle-boot", "shirt", "trouser"];

/** The image, three means, and 8, 16 and 32 channels. */
const TILES = 1 + 3 + 8 + 16 + 32;

const figureOf = (out: string, subject: string, net: string) =>
  readRun(out, `features-${subject}-${net}.svg`);

/** Largest |r| of conv1's channels with the image, from filters in float64. */
function conv1Correlation(netPath: string, pixels: Uint8Array): number {
  const { tensors } = loadCheckpoint(netPath);
  const filter = tensors["conv1/filter"]!.data; // [5, 5, 1, 8]
  const bias = tensors["conv1/bias"]!.data;
  const best = Array.from({ length: 8 }, (_, channel) => {
    const plane = Array.from({ length: 784 }, (_, i) => {
      let sum = bias[channel]!;
      for (let fy = 0; fy < 5; fy++) {
        for (let fx = 0; fx < 5; fx++) {
          const y = Math.floor(i / 28) + fy - 2, x = i % 28 + fx - 2;
          if (y < 0 || y > 27 || x < 0 || x > 27) continue;
          sum += filter[(5 * fy + fx) * 8 + channel]! * pixels[28 * y + x]! /
            255;
        }
      }
      return Math.max(0, sum);
    });
    return Math.abs(correlation(plane, pixels));
  });
  return Math.max(...best);
}

Deno.test("fashion-features trains nets that are not there, shows them, and takes nets that are", async () => {
  await withRunDirectory(async (trained) => {
    const { code, stdout, stderr } = await runTask(
      `${TASK} ${SMALL} --out ${trained} --json`,
    );
    assert.equal(stderr, "");
    assert.equal(code, 0);
    assert.match(stdout, /training\s+them,\s+3\s+epochs/);
    assert.ok(!stdout.includes("\x1b"), "escape codes without a terminal");
    assertFits80Columns(stdout);

    const rows = readCsvLog(`${ROOT}/${trained}/features.csv`);
    assert.equal(
      Object.keys(rows[0]!).join(),
      "image,net,layer,best_channel_input,r_input,best_channel_edges,r_edges",
    );
    const layers = new Set(rows.map(({ net, layer }) => `${net} ${layer}`));
    assert.deepEqual([...layers], [
      "none input",
      ...NETS.flatMap((net) =>
        ["conv1", "conv2", "conv3"].map((layer) => `${net} ${layer}`)
      ),
    ]);
    const images = rows.filter(({ net }) => net === "none");
    assert.equal(rows.length, 10 * images.length);
    assert.ok(images.length > 3 && images.length <= 203);
    for (const row of rows) {
      const [input, edges] = [Number(row.r_input), Number(row.r_edges)];
      assert.ok(input > 0 && input <= 1 && edges > 0 && edges < 1);
    }
    assert.ok(images.every(({ r_input }) => r_input === "1"));

    const { test } = await loadFashionMnist();
    const first = rows.find(({ net, layer }) =>
      net === "relu" && layer === "conv1"
    )!;
    const at = 784 * Number(first.image);
    const expected = conv1Correlation(
      `${ROOT}/${trained}/net-relu.safetensors`,
      test.images.subarray(at, at + 784),
    );
    // float32 planes: relative errors of 25 sums, 2⁻²⁴ each
    assert.ok(Math.abs(Number(first.r_input) - expected) < 1e-5, `${expected}`);

    const result = JSON.parse(stdout.trim().split("\n").at(-1)!);
    assert.equal(result.task, TASK);
    assert.deepEqual(
      result.images.map((index: number) => test.labels[index]),
      [9, 6, 1],
    );
    assert.deepEqual(
      result.layers.map((row: Record<string, string>) =>
        `${row.net} ${row.layer}`
      ),
      [...layers],
    );
    const report = readRun(trained, "report.md");
    assert.ok(!report.includes("The nets are those of"));
    assert.match(report, /Figure 23: Trouser.*\(features-trouser-relu-alpha/s);
    for (const subject of SUBJECTS) {
      for (const net of NETS) {
        const svg = figureOf(trained, subject, net);
        assert.equal(imagesOf(svg).length, TILES);
        const headings = textsOf(svg).join(" ").match(/conv\d, channels/g);
        assert.equal(headings?.length, 3);
      }
    }
    // The first tile is the image, each of its pixels 3 × 3.
    const [tile] = imagesOf(figureOf(trained, "trouser", "linear"));
    const trouser = test.images.subarray(784 * result.images[2]);
    pixelsOf(tile!.picture, 3).forEach((shown, i) => {
      assert.ok(Math.abs(shown - trouser[i]!) <= 1, `pixel ${i}: ${shown}`);
    });

    const features = readRun(trained, "features.csv");
    const resumed = await runTask(
      `${TASK} ${SMALL} --out ${trained} --resume --quiet`,
    );
    assert.deepEqual(resumed, { code: 0, stdout: "", stderr: "" });
    assert.equal(readRun(trained, "features.csv"), features);

    await withRunDirectory(async (out) => {
      const from =
        `--test-size 300 --epochs 1 --long-epochs 1 --from ${trained} --out ${out}`;
      const images = "--image 17,3";
      const shown = await runTask(
        `${TASK} ${from} ${images} --threads 1 --quiet --json`,
      );
      assert.equal(shown.stderr, "");
      assert.deepEqual(JSON.parse(shown.stdout).images, [17, 3]);
      assert.deepEqual(JSON.parse(shown.stdout).layers, result.layers);
      assert.equal(imagesOf(figureOf(out, "test-17", "relu")).length, TILES);
      const report = readRun(out, "report.md");
      assert.ok(!report.includes("Figure 15"));
      assert.ok(report.includes(`The nets are those of ${trained}`));

      const again = `${from} ${images} --resume --quiet`;
      const path = `${ROOT}/${trained}/net-linear.safetensors`;
      const bytes = Deno.readFileSync(path);
      Deno.copyFileSync(`${ROOT}/${trained}/net-relu.safetensors`, path);
      const other = await runTask(`${TASK} ${again}`);
      assert.match(other.stderr, /^Cannot resume run: nets differs: .*\n$/);
      assert.equal(other.code, 1);

      const force = `${from} ${images} --force --quiet`;
      const before = readRun(out, "features.csv");
      Deno.writeFileSync(path, bytes.subarray(0, bytes.length - 1));
      const damaged = await runTask(`${TASK} ${force}`);
      assert.match(
        damaged.stderr,
        /^Cannot load checkpoint .*net-linear.safetensors: .*altered or missing.*\n$/,
      );
      assert.equal(damaged.code, 1);
      Deno.copyFileSync(`${ROOT}/${trained}/checkpoint.safetensors`, path);
      const foreign = await runTask(`${TASK} ${force}`);
      assert.match(
        foreign.stderr,
        /^Cannot load net .*net-linear.safetensors: cannot restore .* got none\n$/,
      );
      Deno.removeSync(path);
      const missing = await runTask(`${TASK} ${force}`);
      assert.match(
        missing.stderr,
        /^Cannot load net .*net-linear.safetensors: no such file.*\n$/,
      );
      assert.equal(missing.code, 1);
      assert.equal(readRun(out, "features.csv"), before, "nothing is replaced");
    });
  });
});

Deno.test("fashion-features refuses flags that cannot be, and leaves nothing", async () => {
  await withRunDirectory(async (out) => {
    const refused = async (code: number, text: RegExp, flags = "") => {
      const result = await runTask(`${TASK} --out ${out} ${flags}`);
      assert.match(result.stderr, text);
      assert.equal(result.stderr.trim().split("\n").length, 1, result.stderr);
      assert.equal(result.stdout, "");
      assert.equal(result.code, code);
    };
    await refused(2, /--image: .* got 10000/, "--image 10000");
    await refused(2, /--image: .* got "3,3"/, "--image 3,3");
    await refused(
      2,
      /^Cannot parse --image: expected indices below the 50 test images: got 50$/m,
      "--image 0,50 --test-size 50",
    );
    await refused(
      2,
      /--from: expected another/,
      `--from ${out}/../${out.slice(5)}`,
    );
    await refused(2, /--force: expected it without/, "--force --resume");
    await refused(2, /did you mean --image\?/, "--images 3");
    await refused(1, /^Cannot load net nowhere\/net-relu/, "--from nowhere");
    assert.ok(!runExists(out));
  });
});

Deno.test("fashion-features --help names every flag and fits 80 columns", async () => {
  const { code, stdout } = await runTask(`${TASK} --help`);
  assert.equal(code, 0);
  // deno-fmt-ignore
  const flags = [
    "image", "from", "epochs", "long-epochs", "train-size", "test-size", "dataset",
    "seed", "threads", "out", "force", "resume", "quiet", "json", "help",
  ];
  for (const flag of flags) assert.ok(stdout.includes(`--${flag}`), flag);
  assertFits80Columns(stdout);
});
