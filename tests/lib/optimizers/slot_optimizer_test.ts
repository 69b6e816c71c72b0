import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import { Adadelta } from "../../../lib/optimizers/adadelta.ts";
import { Adam } from "../../../lib/optimizers/adam.ts";
import { Sgd } from "../../../lib/optimizers/sgd.ts";
import { assertSameValues } from "../../assert_same_values.ts";
import { withBackend } from "../../with_backend.ts";
import { seededTensor } from "../ops/fixtures/seeded_tensor.ts";

const OPTIMIZERS: Record<string, () => tf.Optimizer> = {
  Adam: () => new Adam({ learningRate: 0.01 }),
  Adadelta: () => new Adadelta({ weightDecay: 0.01 }),
  Sgd: () => new Sgd({ learningRate: 0.1 }),
  "Sgd with momentum": () =>
    new Sgd({ learningRate: 0.1, momentum: 0.9, weightDecay: 0.01 }),
};

/** One variable for each size, float32. */
function variablesOf(sizes: readonly number[]): tf.Variable[] {
  return sizes.map((size, i) =>
    tf.tidy(() => tf.variable(seededTensor([size], i)))
  );
}

/** Applies seeded gradients; the step is their seed. */
function apply(
  optimizer: tf.Optimizer,
  variables: readonly tf.Variable[],
  step: number,
) {
  const gradients = variables.map(({ name, shape }, i) => ({
    name,
    tensor: seededTensor(shape, 100 * step + i),
  }));
  optimizer.applyGradients(gradients);
  tf.dispose(gradients.map(({ tensor }) => tensor));
}

for (const [name, create] of Object.entries(OPTIMIZERS)) {
  Deno.test(`${name} goes on from its saved state as if it had not stopped`, async () => {
    await withBackend({ threads: 2 }, async () => {
      const variables = variablesOf([5, 20_000]);
      const first = create();
      for (const step of [1, 2]) apply(first, variables, step);
      const values = variables.map((variable) => variable.dataSync().slice());
      const state = await first.getWeights();
      assert.equal(state[0]!.name, "iter");
      const second = create();
      await second.setWeights(state);
      apply(first, variables, 3);
      const expected = variables.map((v) => v.dataSync().slice());
      variables.forEach((variable, i) =>
        variable.assign(tf.tensor(values[i]!))
      );
      first.dispose(); // the second has copies
      apply(second, variables, 3);
      variables.forEach((variable, i) =>
        assertSameValues(variable.dataSync(), expected[i]!, variable.name)
      );
      assert.deepEqual(
        (await second.getWeights()).map(({ name }) => name),
        state.map(({ name }) => name),
      );
      second.dispose();
      tf.dispose(variables);
    });
  });

  Deno.test(`${name} leaves other tensors with a variable's data alone, and no tensors behind`, async () => {
    await withBackend({ threads: 1 }, () => {
      const start = tf.tensor1d([1, 2, 3]);
      const variable = tf.variable(start);
      const view = variable.reshape([3, 1]);
      const optimizer = create();
      apply(optimizer, [variable], 1);
      const before = tf.memory().numTensors;
      for (const step of [2, 3]) apply(optimizer, [variable], step);
      assert.equal(tf.memory().numTensors, before);
      assert.deepEqual(Array.from(start.dataSync()), [1, 2, 3]);
      assert.deepEqual(Array.from(view.dataSync()), [1, 2, 3]);
      assert.notEqual(variable.dataSync()[0], 1);
      optimizer.dispose();
      tf.dispose([start, view, variable]);
    });
  });
}

Deno.test("an optimizer rejects a gradient or a slot that is not its variable's", async () => {
  await withBackend({ threads: 1 }, async () => {
    const variable = tf.variable(tf.zeros([3]), true, "weights");
    const apply = (optimizer: tf.Optimizer, weights: tf.Tensor) => () =>
      optimizer.applyGradients({ weights });
    const sgd = new Sgd({ learningRate: 1, momentum: 0.5 });
    assert.throws(
      apply(sgd, tf.zeros([4])),
      /^RangeError: Cannot update weights: it, its gradient and its moments must be float32 \[3\]: got float32 \[4\]$/,
    );
    assert.throws(
      apply(sgd, tf.zeros([3], "int32")),
      /^RangeError: Cannot update weights: .*: got int32 \[3\]$/,
    );
    await sgd.setWeights([
      { name: "iter", tensor: tf.scalar(1, "int32") },
      { name: "weights/velocity", tensor: tf.zeros([2]) },
    ]);
    assert.throws(
      apply(sgd, tf.zeros([3])),
      /^RangeError: Cannot update weights: .*: got float32 \[2\]$/,
    );
    variable.dispose();
  });
});

Deno.test("setWeights() rejects a state that is incomplete or another optimizer's", async () => {
  await withBackend({ threads: 1 }, async () => {
    const iter = { name: "iter", tensor: tf.scalar(1, "int32") };
    const slot = (name: string) => ({ name, tensor: tf.zeros([2]) });
    await assert.rejects(
      new Adadelta().setWeights([iter, slot("w/v")]),
      /^Error: Cannot restore Adadelta: w\/u must be in the state: got none$/,
    );
    await assert.rejects(
      new Adam().setWeights([iter, slot("w/m")]),
      /^Error: Cannot restore Adam: w\/v must be in the state: got none$/,
    );
    await assert.rejects(
      new Sgd({ learningRate: 1 }).setWeights([iter, slot("w/velocity")]),
      /^Error: Cannot restore Sgd: the state of a variable must be nothing: got w\/velocity$/,
    );
    for (const key of ["m", "/m"]) {
      await assert.rejects(new Adam().setWeights([iter, slot(key)]), {
        message:
          `Cannot restore Adam: the state of a variable must be m or v: got ${key}`,
      });
    }
    await assert.rejects(
      new Adam().setWeights([slot("w/m"), slot("w/v")]),
      /^Error: Cannot restore Adam: iter must be in the state: got none$/,
    );
  });
});

Deno.test("Sgd and Adadelta reject hyperparameters out of their ranges", () => {
  const rejects = (create: () => unknown, message: RegExp) =>
    assert.throws(create, message);
  for (const learningRate of [0, -1, NaN, Infinity]) {
    rejects(
      () => new Sgd({ learningRate }),
      /^RangeError: Cannot create Sgd: learningRate must be above 0 and finite: got/,
    );
    rejects(
      () => new Adadelta({ learningRate }),
      /^RangeError: Cannot create Adadelta: learningRate must be above 0 and finite: got/,
    );
  }
  rejects(
    () => new Sgd({ learningRate: 1, momentum: 1 }),
    /^RangeError: Cannot create Sgd: momentum must be in \[0, 1\): got 1$/,
  );
  rejects(
    () => new Sgd({ learningRate: 1, weightDecay: -1 }),
    /^RangeError: Cannot create Sgd: weightDecay must be at least 0 and finite: got -1$/,
  );
  rejects(
    () => new Adadelta({ rho: NaN }),
    /^RangeError: Cannot create Adadelta: rho must be in \[0, 1\): got NaN$/,
  );
  rejects(
    () => new Adadelta({ epsilon: 0 }),
    /^RangeError: Cannot create Adadelta: epsilon must be above 0 and finite: got 0$/,
  );
});

Deno.test("Sgd, Adadelta and Adam train a tf.layers model", async () => {
  await withBackend({ threads: 2 }, async () => {
    for (
      const optimizer of [
        new Sgd({ learningRate: 0.1, momentum: 0.5 }),
        new Adadelta({ learningRate: 10 }),
        new Adam({ learningRate: 0.05 }),
      ]
    ) {
      const model = tf.sequential({
        layers: [tf.layers.dense({
          units: 1,
          inputShape: [2],
          kernelInitializer: "zeros",
        })],
      });
      model.compile({ optimizer, loss: "meanSquaredError" });
      const x = tf.tensor2d([[0, 1], [1, 0], [1, 1], [2, 1]]);
      const y = tf.tensor2d([[3], [2], [4], [5]]); // x₀ + 2 x₁ + 1
      const { history } = await model.fit(x, y, {
        epochs: 100,
        batchSize: 4,
        shuffle: false,
        verbose: 0,
      });
      const loss = history.loss!.at(-1) as number;
      assert.ok(loss < 0.1, `${optimizer.constructor.name}: ${loss}`);
      model.dispose();
    }
  });
});
