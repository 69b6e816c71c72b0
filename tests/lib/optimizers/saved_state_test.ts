import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import * as models from "../../../lib/models/mod.ts";
import * as optimizers from "../../../lib/optimizers/mod.ts";
import { ReluAlpha } from "../../../lib/models/relu_alpha.ts";
import { Adadelta } from "../../../lib/optimizers/adadelta.ts";
import { Adam } from "../../../lib/optimizers/adam.ts";
import { Sgd } from "../../../lib/optimizers/sgd.ts";
import type {
  NamedTensor,
  SlotOptimizer,
} from "../../../lib/optimizers/slot_optimizer.ts";
import { assertSameValues } from "../../assert_same_values.ts";
import { assertValuesClose } from "../../assert_all_close.ts";
import { withBackend, withVariables } from "../../with_backend.ts";

const OPTIMIZERS: Record<string, () => SlotOptimizer> = {
  Adam: () => new Adam({ learningRate: 0.05 }),
  Adadelta: () => new Adadelta({ learningRate: 10, weightDecay: 0.01 }),
  Sgd: () => new Sgd({ learningRate: 0.01, momentum: 0.9 }),
};

Deno.test("startBackend() registers every class that is saved by its name", async () => {
  await withBackend({ threads: 1 }, () => {
    const { classNameMap } = tf.serialization.SerializationMap.getMap();
    const classes = Object.values({ ...models, ...optimizers }).filter((
      value,
    ) => typeof value === "function" && "className" in value);
    assert.ok(classes.length >= 4);
    for (const one of classes as { className: string }[]) {
      assert.equal(classNameMap[one.className]?.[0] as unknown, one);
    }
  });
});

/** Weights of its two dense layers come from seeds. */
function makeModel(optimizer: tf.Optimizer) {
  const kernelInitializer = (seed: number) =>
    tf.initializers.glorotUniform({ seed });
  const model = tf.sequential({
    layers: [
      tf.layers.dense({
        inputShape: [3],
        units: 4,
        kernelInitializer: kernelInitializer(1),
      }),
      new ReluAlpha({ alphaInit: 0.25 }),
      tf.layers.dense({ units: 4, kernelInitializer: kernelInitializer(2) }),
      new ReluAlpha({ perChannel: true }),
      tf.layers.dense({ units: 1, kernelInitializer: kernelInitializer(3) }),
    ],
  });
  model.compile({ optimizer, loss: "meanSquaredError" });
  return model;
}

/** What files would hold of a model and its optimizer. */
async function save(model: tf.LayersModel) {
  let saved: tf.io.ModelArtifacts | undefined;
  await model.save(
    tf.io.withSaveHandler((artifacts) => {
      saved = artifacts;
      const modelTopologyType = "JSON" as const;
      const modelArtifactsInfo = { dateSaved: new Date(0), modelTopologyType };
      return Promise.resolve({ modelArtifactsInfo });
    }),
    { includeOptimizer: true },
  );
  const { modelTopology, weightSpecs, weightData, trainingConfig } = saved!;
  return {
    ...structuredClone({ weightSpecs, weightData }),
    ...JSON.parse(JSON.stringify({ modelTopology, trainingConfig })),
  } as tf.io.ModelArtifacts;
}

async function train(model: tf.LayersModel, epochs: number) {
  const x = tf.tensor2d([[0, 1, 2], [1, 0, -1], [1, 1, 0.5], [2, -1, 1]]);
  const y = tf.tensor2d([[3], [2], [-4], [5]]);
  await model.fit(x, y, { epochs, batchSize: 2, shuffle: false, verbose: 0 });
}

const weightsOf = (model: tf.LayersModel) =>
  model.getWeights().map((weights) => weights.dataSync().slice());

function assertSameWeights(
  model: tf.LayersModel,
  expected: ArrayLike<number>[],
) {
  weightsOf(model).forEach((values, i) =>
    assertSameValues(values, expected[i]!, `weights ${i}`)
  );
}

for (const [name, create] of Object.entries(OPTIMIZERS)) {
  Deno.test(`a tf.layers model loaded with its ${name} trains on as if it had not been saved`, async () => {
    await withVariables({ threads: 1 }, async () => {
      const model = makeModel(create());
      await train(model, 3);
      (model.optimizer as SlotOptimizer).learningRate /= 3; // a schedule's
      await train(model, 1);
      const saved = await save(model), middle = weightsOf(model);
      await train(model, 4);
      const end = weightsOf(model);
      assert.notDeepEqual(end, middle);

      // While the first one lives, and once it is gone.
      for (const isAlive of [true, false]) {
        if (!isAlive) {
          model.optimizer.dispose();
          model.dispose();
        }
        const loaded = await tf.loadLayersModel(tf.io.fromMemory(saved));
        const optimizer = loaded.optimizer as SlotOptimizer;
        assert.equal(optimizer.constructor.name, name);
        assert.deepEqual(optimizer.getConfig(), model.optimizer.getConfig());
        assertSameWeights(loaded, middle);
        await train(loaded, 1);
        // Saved once more, under the names that its variables have here.
        const again = await tf.loadLayersModel(
          tf.io.fromMemory(await save(loaded)),
        );
        for (const one of [loaded, again]) {
          await train(one, 3);
          assertSameWeights(one, end);
          one.optimizer.dispose();
          one.dispose();
        }
      }
    });
  });
}

/** One step with gradients by their variables' names. */
function step(optimizer: tf.Optimizer, gradients: Record<string, number[]>) {
  tf.tidy(() =>
    optimizer.applyGradients(
      Object.fromEntries(
        Object.entries(gradients).map(([name, values]) => [
          name,
          tf.tensor1d(values),
        ]),
      ),
    )
  );
}

const variable = (name: string, values: number[]) =>
  tf.tidy(() => tf.variable(tf.tensor1d(values), true, name));

for (const [name, create] of Object.entries(OPTIMIZERS)) {
  Deno.test(`${name} starts afresh with a variable that is made anew under an old name`, async () => {
    await withVariables({ threads: 1 }, async () => {
      const optimizer = create(), fresh = create();
      const gradients = [[1, -2], [0.5, 3], [-1, 1], [2, 2]];
      const other = variable("other", [1, 1]);
      let x = variable("x", [1, 2]);
      for (const [i, gradient] of gradients.entries()) {
        step(
          optimizer,
          i < 2 ? { x: gradient } : { x: gradient, other: [1, 1] },
        );
      }
      x.dispose();
      x = variable("x", [1, 2]);
      const { numTensors } = tf.memory();
      for (const gradient of gradients) step(optimizer, { x: gradient });
      assert.equal(tf.memory().numTensors, numTensors, "the old slots go");
      const values = x.dataSync().slice();
      x.assign(tf.tensor1d([1, 2]));
      for (const gradient of gradients) step(fresh, { x: gradient });
      assertSameValues(values, x.dataSync(), "as by a new optimizer");

      // What came later is saved and restored as such.
      const restored = create();
      await restored.setWeights(await optimizer.getWeights());
      const both = [x, other], start = both.map((one) => one.clone());
      const next = [optimizer, restored].map((one) => {
        both.forEach((variable, i) => variable.assign(start[i]!));
        step(one, { x: [1, 1], other: [1, -1] });
        return both.map((variable) => variable.dataSync().slice());
      });
      assert.deepEqual(next[1], next[0]);
    });
  });
}

Deno.test("Adam takes a later variable's first step at full length, as PyTorch does", async () => {
  await withVariables({ threads: 1 }, () => {
    const adam = new Adam({ learningRate: 0.25 });
    variable("early", [1]);
    step(adam, { early: [1] });
    step(adam, { early: [1] });
    const late = variable("late", [1]);
    step(adam, { early: [1], late: [-3] }); // m̂ / √v̂ is −1
    assertValuesClose(late.dataSync(), [1.25], { rtol: 1e-6, atol: 0 });
  });
});

Deno.test("an optimizer refuses to lose what was restored, and writes nothing", async () => {
  await withVariables({ threads: 1 }, async () => {
    const stateOf = (...names: string[]) => [
      { name: "iter", tensor: tf.scalar(3, "int32") },
      ...names.map((name) => ({
        name: `${name}/velocity`,
        tensor: tf.ones([1]),
      })),
    ];
    const names = ["a", "b", "c_1", "c_2", "d", "e/kernel", "e/kernel_1"];
    const values = names.map((name) => variable(name, [0]));
    const refuses = async (
      saved: string[],
      updated: string[],
      message: string,
    ) => {
      const sgd = new Sgd({ learningRate: 1, momentum: 0.5 });
      await sgd.setWeights(stateOf(...saved));
      const gradients = Object.fromEntries(updated.map((name) => [name, [1]]));
      assert.throws(() => step(sgd, gradients), {
        name: "RangeError",
        message:
          `Cannot update parameters: the restored state must be of ${message}`,
      });
      assert.equal(sgd.iterations, 3);
      sgd.dispose();
    };
    await refuses(["a"], ["b"], "b: got that of a");
    await refuses(["a", "b"], ["b", "d"], "b, d: got that of a");
    await refuses(["x"], ["a"], "a: got that of x");
    await refuses(["a", "x"], ["a"], "a: got that of x");
    await refuses(["c_1", "c_2"], ["c_2", "d"], "c_2, d: got that of c_1");
    await refuses(["c_1", "c_3"], ["c_2"], "c_2: got that of c_1, c_3");
    await refuses(["c"], ["c_1", "c_2"], "c_1, c_2: got that of c");
    await refuses(["c", "c_1"], ["c_1", "c_2"], "c_1, c_2: got that of c");
    await refuses(
      ["a", "b", "d", "x", "y"],
      ["e/kernel"],
      "e/kernel: got that of a, b, d and 2 more",
    );
    for (const value of values) assertSameValues(value.dataSync(), [0], "0");

    const accepts = async (
      saved: string[],
      updated: (string | string[])[],
      moved: Record<string, number>,
    ) => {
      const sgd = new Sgd({ learningRate: 1, momentum: 0.5 });
      await sgd.setWeights(stateOf(...saved));
      for (const names of updated) {
        const one = [names].flat().map((name) => [name, [1]]);
        step(sgd, Object.fromEntries(one));
      }
      for (const value of values) {
        assertSameValues(
          value.dataSync(),
          [moved[value.name] ?? 0],
          value.name,
        );
        value.assign(tf.tensor1d([0]));
      }
      sgd.dispose();
    };
    // 1 + 0.5 · 1 with the restored velocity, 1 without.
    await accepts(["a", "b"], ["a", "b", "d"], { a: -1.5, b: -1.5, d: -1 });
    await accepts(["e/kernel"], ["e/kernel_1"], { "e/kernel_1": -1.5 });
    // Of the two names one is taken.
    await accepts(["a", "e/kernel"], [["a", "e/kernel_1"]], {
      a: -1.5,
      "e/kernel_1": -1.5,
    });
    await accepts(["e/kernel_7", "a"], ["e/kernel", "a"], {
      "e/kernel": -1.5,
      a: -1.5,
    });
    await accepts(["e/kernel", "e/kernel_1"], ["e/kernel_1", "e/kernel"], {
      "e/kernel": -1.5,
      "e/kernel_1": -1.5,
    });
  });
});

Deno.test("setWeights() refuses counts and rates that no state has, and changes nothing", async () => {
  await withVariables({ threads: 1 }, async () => {
    const x = variable("x", [1]);
    const adam = new Adam({ learningRate: 0.5 });
    step(adam, { x: [1] });
    const value = x.dataSync().slice();
    const scalar = (name: string, value: number) => ({
      name,
      tensor: tf.scalar(value, "int32"),
    });
    const iter = scalar("iter", 2);
    const moments = ["m", "v"].map((slot) => ({
      name: `x/${slot}`,
      tensor: tf.zeros([1]),
    }));
    const rate = (...bits: number[]) => ({
      name: "learningRate",
      tensor: tf.tensor1d(bits, "int32"),
    });
    const cases: [NamedTensor[], string][] = [
      [[scalar("iter", -1)], "iter must be an integer of at least 0: got -1"],
      [
        [{ name: "iter", tensor: tf.scalar(1.5) }],
        "iter must be an integer of at least 0: got 1.5",
      ],
      [
        [iter, ...moments, scalar("x/since", 3)],
        "x/since must be an integer from 0 to 2: got 3",
      ],
      [[iter, rate(0)], "learningRate must be int32 [2]: got int32 [1]"],
      [
        [iter, { name: "learningRate", tensor: tf.scalar(0.5) }],
        "learningRate must be int32 [2]: got float32 []",
      ],
    ];
    for (const [state, message] of cases) {
      await assert.rejects(adam.setWeights(state), {
        message: `Cannot restore Adam: ${message}`,
      });
    }
    await assert.rejects(adam.setWeights([iter, rate(0, 0x7ff80000)]), {
      name: "RangeError",
    });
    assert.equal(adam.iterations, 1);
    assert.equal(adam.learningRate, 0.5);
    const twin = variable("twin", [1]);
    step(adam, { twin: [1] });
    assertSameValues(twin.dataSync(), value, "the first step");
  });
});
