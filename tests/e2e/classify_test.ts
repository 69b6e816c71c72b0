import assert from "node:assert/strict";
import onnxProto from "onnx-proto";
import { isPresent } from "../../lib/data/load_dataset.ts";
import { loadFashionMnist } from "../../lib/data/fashion_mnist.ts";
import { encodePng } from "../../lib/images/png.ts";
import {
  type RasterImage,
  resizeImage,
} from "../../lib/images/raster_image.ts";
import { readCsvLog } from "../../lib/run/csv_log.ts";
import {
  assertFits80Columns,
  readRun,
  ROOT,
  runTask,
  type TaskResult,
  withRunDirectory,
} from "./run_task.ts";

const TEST_SIZE = 300;

/** Seconds, and enough to know a trouser. */
const TRAIN =
  `--train-size 600 --test-size ${TEST_SIZE} --epochs 2 --batch-size 50 ` +
  "--activation relu-alpha --threads 2";

function assertOneLine(
  result: TaskResult,
  code: number,
  text: string | RegExp,
) {
  if (typeof text === "string") assert.equal(result.stderr, `${text}\n`);
  else assert.match(result.stderr, text);
  assert.equal(result.stderr.trim().split("\n").length, 1, result.stderr);
  assert.equal(result.stdout, "");
  assert.equal(result.code, code);
}

/**
 * The net with a last bias of NaN, and no digest that would tell; its second
 * copy is what onnxruntime warns of.
 */
function withNanBias(bytes: Uint8Array): Uint8Array {
  const { ModelProto } = onnxProto.onnx;
  const model = ModelProto.decode(bytes);
  model.metadataProps = model.metadataProps
    .filter(({ key }) => key !== "graph_sha256");
  const bias = model.graph!.initializer!.at(-1)!;
  bias.rawData = new Uint8Array(bias.rawData!.length).fill(0xff);
  model.graph!.initializer!.push({ ...bias, name: "unused" });
  return ModelProto.encode(model).finish();
}

Deno.test("fashion-alpha --onnx writes nets, also of a finished run, and classify takes them", async () => {
  const whole = await loadFashionMnist();
  await withRunDirectory(async (out) => {
    const trained = await runTask(
      `fashion-alpha ${TRAIN} --out ${out} --quiet`,
    );
    assert.deepEqual(trained, { code: 0, stdout: "", stderr: "" });
    const logs = () => readRun(out, "metrics.csv") + readRun(out, "steps.csv");
    const before = logs();
    const again = `${TRAIN} --out ${out} --resume --onnx --json`;
    const { code, stdout, stderr } = await runTask(`fashion-alpha ${again}`);
    assert.equal(stderr, "");
    assert.equal(code, 0);
    assert.equal(logs(), before);
    assertFits80Columns(stdout);
    assert.match(
      stdout,
      /^ {2}net-relu-alpha-0\.5\.onnx\n {4}\d+ and \d+ right, logits differ by \S+ at most$/m,
    );
    const { onnx } = JSON.parse(stdout.trim().split("\n").at(-1)!);
    assert.equal(onnx.length, 1);
    assert.equal(onnx[0].file, "net-relu-alpha-0.5.onnx");
    assert.ok(onnx[0].largestDifference <= 1e-4);
    assert.ok(onnx[0].largestDifference > 0, "two programs, the same bits");
    const [, last] = readCsvLog(`${ROOT}/${out}/metrics.csv`);
    const correct = Math.round(Number(last!.test_accuracy) * TEST_SIZE);
    assert.equal(onnx[0].correct, correct);
    assert.equal(onnx[0].otherCorrect, correct);

    const model = `${out}/net-relu-alpha-0.5.onnx`;
    const shown = await runTask(`classify ${model} fashion-mnist[2]`);
    assert.equal(shown.stderr, "");
    assert.equal(shown.code, 0);
    const lines = shown.stdout.split("\n");
    assert.equal(lines[0], "fashion-mnist[2]: Trouser");
    assertFits80Columns(shown.stdout);
    assert.match(shown.stdout, /^ +[-=+*#%@]{4,} *[-=+*#%@]{4,}$/m, "two legs");
    assert.match(shown.stdout, /^Trouser +\d\d\.\d\d % {2}█+.?$/m);
    assert.match(shown.stdout, /taken for Trouser, which is right\n$/);

    const classify = async (image: string) => {
      const result = await runTask(`classify ${model} ${image} --json`);
      assert.equal(result.stderr, "");
      return JSON.parse(result.stdout);
    };
    const expected = await classify("fashion-mnist[2]");
    assert.equal(expected.label, "Trouser");
    assert.equal(expected.predicted, "Trouser");
    assert.deepEqual(
      expected.classes.map(({ name }: { name: string }) => name),
      whole.classNames,
    );
    const sum = expected.classes.reduce(
      (sum: number, { probability }: { probability: number }) =>
        sum + probability,
      0,
    );
    assert.ok(Math.abs(sum - 1) < 1e-12);
    const [first, second] = expected.classes;
    assert.ok(
      Math.abs(
        Math.log(first.probability / second.probability) -
          (first.logit - second.logit),
      ) < 1e-9,
    );

    // The same picture as gray, as RGB, and four times as large.
    const data = whole.test.images.slice(2 * 784, 3 * 784);
    const gray: RasterImage = { width: 28, height: 28, channels: 1, data };
    const rgb: RasterImage = {
      ...gray,
      channels: 3,
      data: Uint8Array.from({ length: 3 * 784 }, (_, i) => data[i / 3 | 0]!),
    };
    const large = resizeImage(gray, { width: 56, height: 56 });
    const path = `${out}/image.png`;
    const write = (bytes: Uint8Array) =>
      Deno.writeFileSync(`${ROOT}/${path}`, bytes);
    for (const image of [gray, rgb, large]) {
      write(encodePng(image));
      const { label, note, classes } = await classify(path);
      assert.equal(label, null);
      assert.deepEqual(classes, expected.classes);
      assert.equal(
        note,
        image === large ? "resized from 56 × 56 to the model's 28 × 28" : null,
      );
    }

    const refused = async (
      code: number,
      text: string | RegExp,
      image: string,
    ) => assertOneLine(await runTask(`classify ${model} ${image}`), code, text);
    rgb.data[300] = 255 - rgb.data[300]!;
    write(encodePng(rgb));
    await refused(
      1,
      `Cannot classify ${path}: the model takes gray images: got one in colours`,
      path,
    );
    write(encodePng(gray).slice(0, 200));
    await refused(
      1,
      `Cannot read ${path}: it must be a PNG file: got other or damaged content`,
      path,
    );
    await refused(
      1,
      "Cannot read none.png: no such file or directory: expected a PNG file or 'mnist[7]'",
      "none.png",
    );
    await refused(
      1,
      /^Cannot read \/etc\/hostname: .* project's directory only: copy it there, or deno run --allow-read scripts\/classify.ts MODEL IMAGE$/m,
      "/etc/hostname",
    );
    for (const index of ["10000", "-1", "1.5", "x", ""]) {
      await refused(
        2,
        `Cannot parse image: expected an index from 0 to 9999, of the test images of fashion-mnist: got "${index}"`,
        `fashion-mnist[${index}]`,
      );
    }
    await refused(
      2,
      /^Cannot parse image: expected one of fashion-mnist, mnist, .* before the index: got "fashion"$/m,
      "fashion[0]",
    );
    if (isPresent("octmnist")) console.log("skipped: octmnist is there");
    else {
      await refused(
        1,
        /^Cannot load octmnist: octmnist is not there: deno task data octmnist brings it$/m,
        "octmnist[0]",
      );
    }

    const bytes = Deno.readFileSync(`${ROOT}/${model}`);
    Deno.writeFileSync(`${ROOT}/${model}`, withNanBias(bytes));
    await refused(
      1,
      "Cannot classify fashion-mnist[0]: the model must give finite logits: got NaN",
      "fashion-mnist[0]",
    );
    bytes[bytes.length >> 1]! ^= 1;
    Deno.writeFileSync(`${ROOT}/${model}`, bytes);
    await refused(
      1,
      `Cannot load model ${model}: its graph must match the SHA-256 in its metadata: got an altered or damaged one`,
      "fashion-mnist[0]",
    );
    Deno.writeFileSync(`${ROOT}/${model}`, bytes.subarray(0, 5_000));
    await refused(
      1,
      `Cannot load model ${model}: it must be an ONNX model: got other or damaged content`,
      "fashion-mnist[0]",
    );
    Deno.removeSync(`${ROOT}/${model}`);
    await refused(
      1,
      `Cannot load model ${model}: no such file or directory: expected an ONNX file, as --onnx writes it`,
      "fashion-mnist[0]",
    );

    const net = `${ROOT}/${out}/net-relu-alpha-0.5.safetensors`;
    Deno.writeFileSync(net, Deno.readFileSync(net).subarray(1));
    const damaged = await runTask(`fashion-alpha ${again} --quiet`);
    assertOneLine(
      damaged,
      1,
      /^Cannot load checkpoint .*net-relu-alpha-0\.5\.safetensors: /,
    );
    Deno.writeTextFileSync(`${ROOT}/${model}`, "of the run before");
    const force = `${TRAIN} --out ${out} --force --quiet`;
    assert.equal((await runTask(`fashion-alpha ${force}`)).code, 0);
    assert.throws(() => readRun(out, "net-relu-alpha-0.5.onnx"), {
      name: "NotFound",
    });
  });
});

Deno.test("classify --help fits 80 columns, and both arguments are needed", async () => {
  const { code, stdout } = await runTask("classify --help");
  assert.equal(code, 0);
  for (const word of ["<model>", "<image>", "mnist[7]", "--json"]) {
    assert.ok(stdout.includes(word), word);
  }
  assertFits80Columns(stdout);
  const missing = await runTask("classify net.onnx");
  assertOneLine(
    missing,
    2,
    /^Cannot parse image: expected a PNG file or 'mnist\[7\]': got none$/m,
  );
});
