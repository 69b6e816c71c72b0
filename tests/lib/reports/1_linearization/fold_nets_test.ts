import assert from "node:assert/strict";
import { foldNet, snapAlphas } from "../../../../lib/models/fold_net.ts";
import {
  activationsText,
  netBytes,
  netDigests,
  netSettings,
  netSources,
  sourceDataset,
} from "../../../../lib/reports/1_linearization/fold_nets.ts";
import {
  type CheckpointTensor,
  decodeCheckpoint,
} from "../../../../lib/run/checkpoint.ts";
import { inTemporaryDirectory } from "../../../in_temporary_directory.ts";
import { alpha, norm, reportOne } from "../../models/fixtures/plain_layers.ts";

const tensor = (...shape: number[]): CheckpointTensor => ({
  dtype: "float32",
  shape,
  data: new Float32Array(shape.reduce((size, side) => size * side, 1)),
});

Deno.test("netSources() finds a run's nets, or takes one file", async () => {
  await inTemporaryDirectory((directory) => {
    assert.deepEqual(netSources("runs/a/net-relu-alpha-0.1.safetensors"), [
      { name: "relu-alpha-0.1", path: "runs/a/net-relu-alpha-0.1.safetensors" },
    ]);
    assert.deepEqual(netSources("mine.safetensors"), [
      { name: "mine", path: "mine.safetensors" },
    ]);
    for (const file of ["net-b.safetensors", "net-a.safetensors", "end-a.x"]) {
      Deno.writeTextFileSync(`${directory}/${file}`, "x");
    }
    const sources = netSources(directory);
    assert.deepEqual(sources.map(({ name }) => name), ["a", "b"]);
    const digest =
      "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881";
    assert.deepEqual(netDigests(sources), { a: digest, b: digest });
    assert.equal(sourceDataset(directory), null);
    assert.equal(sourceDataset(`${directory}/net-a.safetensors`), null);
    Deno.mkdirSync(`${directory}/empty`);
    for (
      const [path, got] of [["none", "no such directory"], ["empty", "none"]]
    ) {
      assert.throws(() => netSources(`${directory}/${path}`), {
        message:
          `Cannot fold ${directory}/${path}: it must be a run with trained nets, net-NAME.safetensors, or one such file: got ${got}`,
      });
    }
    assert.throws(
      () => netDigests([{ name: "c", path: `${directory}/c` }]),
      /^Error: Cannot load net .*\/c: no such file or directory$/,
    );
  });
});

Deno.test("netSettings() knows the nets by their tensors, and ReLU by the name", () => {
  const settings = (name: string, tensors: Record<string, CheckpointTensor>) =>
    netSettings({ name, path: `${name}.safetensors` }, tensors);
  const conv1 = { "conv1/filter": tensor(5, 5, 1, 8) };
  const pick = (...args: Parameters<typeof settings>) => {
    const { architecture, activation } = settings(...args)!;
    return `${architecture} ${activation}`;
  };
  assert.equal(pick("linear", conv1), "plain linear");
  assert.equal(pick("relu-seed-1", conv1), "plain relu");
  const withAlpha = { ...conv1, alpha_1: tensor() };
  assert.equal(pick("relu-alpha-0.5", withAlpha), "plain relu-alpha");
  const pooled = { ...withAlpha, "norm1/scale": tensor(8) };
  assert.equal(pick("mine", pooled), "batch-norm-pool relu-alpha");
  const small = { "conv1/filter": tensor(2, 2, 1, 15), alpha_1: tensor() };
  assert.equal(settings("mine", small), null);
  assert.throws(() => settings("relu", { "fc1/bias": tensor(2) }), {
    message:
      "Cannot fold relu.safetensors: it must be net-NAME.safetensors of fashion-alpha, fashion-features or alpha-sweep: got a file with fc1/bias",
  });
  // Nothing in the file says whether there is ReLU.
  assert.throws(() => settings("reluctant", conv1), /got a file with conv1/);
});

Deno.test("activationsText() has each α, or what stands in its place", () => {
  assert.equal(activationsText([]), "no activation");
  assert.equal(
    activationsText([alpha(0.5), alpha(0, -0.00041234)]),
    "α 0.5, 0, −0.000412",
  );
  assert.equal(activationsText([{ kind: "activation", alpha: null }]), "ReLU");
});

Deno.test("netBytes() keeps each layer's settings and tensors", () => {
  const { layers } = foldNet(
    snapAlphas(reportOne([0, 0.5, 0.001]), 0.001),
    [28, 28, 1],
    { all: false },
  );
  const bytes = netBytes([...layers, norm("n", 3)]);
  const { state, tensors } = decodeCheckpoint(bytes, "net");
  // deno-lint-ignore no-explicit-any -- JSON
  const described = (state as any).layers;
  assert.deepEqual(
    described.map(({ kind }: { kind: string }) => kind),
    ["bordered-conv2d", "activation", "flatten", "dense", "batch-norm"],
  );
  const [first, , , last] = described;
  assert.equal(first.name, "conv1_conv2");
  assert.deepEqual(first.pads, [2, 2, 2, 2]);
  assert.equal(first.pieces.length, 3);
  const original = layers[0]!;
  assert.ok(original.kind === "bordered-conv2d");
  const piece = original.pieces[0]![1]!;
  const saved = first.pieces[0][1];
  assert.deepEqual([saved.top, saved.left, saved.rows], [2, 0, 2]);
  assert.deepEqual(tensors[saved.filter], {
    dtype: "float32",
    shape: piece.shape,
    data: Float32Array.from(piece.filter),
  });
  assert.deepEqual(tensors[last.weights]!.shape, [12_544, 10]);
  assert.deepEqual(tensors["alpha_of_layer_1"]!.data, Float32Array.of(0.5));
  assert.deepEqual(tensors["n/runningMean"]!.shape, [3]);
});
