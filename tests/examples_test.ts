import assert from "node:assert/strict";
import { createOnnxClassifier } from "../lib/onnx/onnx_classifier.ts";
import { importsOf, readFile, ROOT } from "./project_files.ts";

/** Runs an example by the command in its header; what it prints. */
async function runExample(name: string, ...more: string[]): Promise<string> {
  const path = `docs/examples/${name}.ts`;
  const command = /^ \* {3}deno run (.*\.ts)/m.exec(readFile(path))![1]!;
  assert.ok(command.endsWith(` ${path}`), command);
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt"].concat(command.split(" "), more),
    cwd: ROOT,
    env: { NO_COLOR: "1" },
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  assert.deepEqual([code, text(stderr)], [0, ""], name);
  return text(stdout);
}

/** The numbers of a line that begins with a name. */
function numbersOf(output: string, name: string): number[] {
  const line = output.split("\n").find((line) => line.startsWith(`${name} `));
  return (line?.match(/-?[\d.]+(?:e-?\d+)?/g) ?? []).map(Number);
}

function assertNear(actual: number[], expected: number[], within: number) {
  assert.equal(actual.length, expected.length);
  const isNear = actual.every((x, i) => Math.abs(x - expected[i]!) <= within);
  assert.ok(isNear, `${actual} is not ${expected} ± ${within}`);
}

Deno.test("relu_alpha_gradient.ts prints ReLU_α and its gradients", async () => {
  const output = await runExample("relu_alpha_gradient");
  assert.deepEqual(numbersOf(output, "y"), [-0.5, -0.25, 1, 2]);
  assert.deepEqual(numbersOf(output, "dx"), [0.25, 0.25, 1, 1]);
  assert.deepEqual(numbersOf(output, "dα"), [3]);
});

Deno.test("train_a_net.ts trains on Fashion-MNIST and writes an ONNX model", async () => {
  const directory = `runs/examples-test-${Deno.pid}`;
  const file = `${directory}/net.onnx`;
  await Deno.mkdir(new URL(directory, ROOT), { recursive: true });
  try {
    const output = await runExample("train_a_net", file);
    const [accuracy] = numbersOf(output, "test accuracy");
    assert.ok(accuracy! > 76 && accuracy! < 88, output);
    const bytes = await Deno.readFile(new URL(file, ROOT));
    assert.deepEqual(numbersOf(output, "ONNX model"), [bytes.length]);
    const model = await createOnnxClassifier(bytes, file);
    assert.equal(model.classNames![9], "Ankle boot");
    await model.close();
  } finally {
    await Deno.remove(new URL(directory, ROOT), { recursive: true });
  }
});

Deno.test("own_layer.ts finds the scale and the shift that it is shown", async () => {
  const output = await runExample("own_layer");
  assertNear(numbersOf(output, "s"), [2, -1], 1e-3);
  assertNear(numbersOf(output, "t"), [1, 0], 1e-3);
});

Deno.test("own_optimizer.ts takes AdaGrad's steps", async () => {
  const x = [1, -2], squares = [0, 0];
  for (let step = 0; step < 20; step++) {
    x.forEach((value, i) => {
      squares[i]! += (2 * value) ** 2;
      x[i]! -= 0.5 * 2 * value / (Math.sqrt(squares[i]!) + 1e-8);
    });
  }
  const output = await runExample("own_optimizer");
  // 20 steps, each rounded to float32 a few times, of values up to 2.
  assertNear(numbersOf(output, "x"), x, 20 * 2 ** -22);
});

Deno.test("own_kernel.ts compiles softsign, and differentiates it", async () => {
  const output = await runExample("own_kernel");
  assert.deepEqual(numbersOf(output, "y"), [-0.75, 0, 0.5]);
  assert.deepEqual(numbersOf(output, "dx"), [0.0625, 1, 0.25]);
});

Deno.test("each example has a test, and imports the project as a user does", () => {
  const source = readFile("tests/examples_test.ts");
  const names = [...Deno.readDirSync(new URL("docs/examples/", ROOT))]
    .map(({ name }) => name);
  assert.ok(names.length >= 5);
  for (const name of names) {
    assert.ok(source.includes(`Deno.test("${name} `), name);
    for (const specifier of importsOf(readFile(`docs/examples/${name}`))) {
      assert.doesNotMatch(specifier, /^[.#]/, name);
    }
  }
});
