import assert from "node:assert/strict";
import { UsageError } from "../../../../lib/base/errors.ts";
import {
  featurePlans,
  findNets,
  netDigests,
  settingsOf,
  sourceFile,
  sourceNotes,
  trainingText,
} from "../../../../lib/reports/1_linearization/feature_nets.ts";

const PLANS = featurePlans({ epochs: 3, longEpochs: 12 });
const split = {
  images: new Uint8Array(1),
  labels: new Int32Array(1),
  count: 1,
};

Deno.test("featurePlans() names the nets as the run that trains them for good", () => {
  assert.deepEqual(
    PLANS.map(({ name, epochs, lambda }) => [name, epochs, lambda].join()),
    ["relu,3,", "linear,3,", "relu-alpha-0.5-12-epochs,12,0.5"],
  );
});

Deno.test("findNets() takes all nets from a run that is named, and refuses the run itself", () => {
  const dataset = { name: "mnist", train: split };
  const find = (from: string) =>
    findNets({ from, out: "runs/features", seed: 0 }, PLANS, dataset);
  assert.deepEqual([...find("runs/none").values()], Array(3).fill("runs/none"));
  assert.throws(() => find("runs/../runs/features"), UsageError);
});

Deno.test("settingsOf() names all that a net of another run must share", () => {
  const dataset = { name: "mnist", train: split };
  assert.deepEqual(settingsOf(PLANS[2]!, dataset, 7), {
    architecture: "plain",
    penalty: "l1",
    clampAlpha: false,
    alphaInit: 0.5,
    learningRate: 0.001,
    epochs: 12,
    batchSize: 100,
    dataset: "mnist",
    trainSize: 1,
    seed: 7,
  });
});

Deno.test("nets that are taken are told of, nets of the run are not", () => {
  const run = { file: (name: string) => `runs/features/${name}` };
  const sources = new Map([["relu", "runs/a"], ["linear", "runs/a"]]);
  assert.deepEqual(PLANS.map((plan) => sourceFile(sources, run, plan)), [
    "runs/a/net-relu.safetensors",
    "runs/a/net-linear.safetensors",
    "runs/features/net-relu-alpha-0.5-12-epochs.safetensors",
  ]);
  const [note, ...more] = sourceNotes(sources, PLANS);
  assert.match(note!, /^The nets are those of runs\/a \(relu, linear\), as /);
  assert.deepEqual(more, []);
  const all = new Map(PLANS.map(({ name }) => [name, "runs/a"]));
  assert.match(sourceNotes(all, PLANS)[0]!, /those of runs\/a, as they were/);
  assert.deepEqual(sourceNotes(new Map(), PLANS), []);
  assert.equal(netDigests(new Map(), PLANS), "of this run");
  assert.throws(
    () => netDigests(new Map([["relu", "runs/none"]]), PLANS),
    /Cannot load net runs\/none\/net-relu.safetensors: no such file/,
  );
});

Deno.test("trainingText() estimates by epochs and images", () => {
  const text = trainingText(PLANS.slice(0, 2), "runs/a", 30_000);
  assert.match(text, /^neither runs\/a nor \S+ has relu, linear: /);
  assert.match(text, /6 epochs, about 2 min 30 s on 2 cores/);
});
