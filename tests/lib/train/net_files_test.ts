import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import { createRandom } from "../../../lib/base/random.ts";
import { Adam } from "../../../lib/optimizers/adam.ts";
import {
  captureTensors,
  restoreTensors,
  withTrainedNet,
  withTrainedNets,
} from "../../../lib/train/net_files.ts";
import { saveCheckpoint } from "../../../lib/run/checkpoint.ts";
import type { TrainableNet } from "../../../lib/models/classifier.ts";
import { withBackend } from "../../with_backend.ts";
import { inTemporaryDirectory } from "../../in_temporary_directory.ts";
import { parameterBytes, tinyNet } from "./fixtures/tiny_training.ts";

/** A net that has taken some steps. */
function trainedNet(seed: number, steps: number) {
  const net = tinyNet(createRandom(seed));
  const optimizer = new Adam({ learningRate: 0.1 });
  for (let step = 0; step < steps; step++) {
    optimizer.minimize(() =>
      tf.addN(net.variables.map((x) => tf.sum(tf.square(x)))) as tf.Scalar
    );
  }
  return { net, optimizer };
}

Deno.test("restoreTensors() brings back what captureTensors() took", async () => {
  await withBackend({ threads: 1 }, async () => {
    const { net, optimizer } = trainedNet(1, 3);
    const { numTensors } = tf.memory();
    const tensors = await captureTensors(net.variables, optimizer);
    assert.equal(tf.memory().numTensors, numTensors);
    const names = net.variables.map(({ name }) => name);
    const state = ["m", "v"].flatMap((slot) =>
      names.map((name) => `optimizer/${name}/${slot}`)
    );
    assert.deepEqual(
      Object.keys(tensors).sort(),
      [...names, "optimizer/iter", ...state].sort(),
    );
    const bytes = parameterBytes(net);
    optimizer.dispose();
    tf.disposeVariables();

    const other = trainedNet(2, 1);
    assert.notDeepEqual(parameterBytes(other.net), bytes);
    const before = tf.memory().numTensors;
    await restoreTensors(tensors, other.net.variables, other.optimizer);
    assert.equal(tf.memory().numTensors, before);
    assert.deepEqual(parameterBytes(other.net), bytes);
    assert.deepEqual(
      await captureTensors(other.net.variables, other.optimizer),
      tensors,
    );
    other.optimizer.dispose();
    tf.disposeVariables();
  });
});

Deno.test("captureTensors() takes copies that later updates do not change", async () => {
  await withBackend({ threads: 1 }, async () => {
    const { net, optimizer } = trainedNet(1, 1);
    const tensors = await captureTensors(net.variables);
    const copy = structuredClone(tensors);
    optimizer.minimize(() => tf.sum(net.variables[0]!) as tf.Scalar);
    assert.deepEqual(tensors, copy);
    tf.disposeVariables();
  });
});

Deno.test("restoreTensors() gives an optimizer of TF.js its steps, wherever they stand", async () => {
  await withBackend({ threads: 1 }, async () => {
    const { net } = trainedNet(1, 1);
    const create = () => tf.train.momentum(0.1, 0.9);
    const optimizer = create(), other = create();
    optimizer.minimize(() =>
      tf.addN(net.variables.map((x) => tf.sum(tf.square(x)))) as tf.Scalar
    );
    const { "optimizer/iter": iter, ...tensors } = await captureTensors(
      net.variables,
      optimizer,
    );
    tensors["optimizer/iter"] = iter!; // as the last one
    await restoreTensors(tensors, net.variables, other);
    assert.equal(other.iterations, 1);
    other.dispose();
    optimizer.dispose();
    tf.disposeVariables();
  });
});

Deno.test("captureTensors() refuses parameters that are not finite", async () => {
  await withBackend({ threads: 1 }, async () => {
    for (const value of [NaN, Infinity]) {
      const x = tf.tidy(() =>
        tf.variable(tf.tensor1d([1, value]), true, "weights")
      );
      await assert.rejects(captureTensors([x]), {
        message:
          `Cannot go on training: parameters must be finite: got ${value} in weights`,
      });
      x.dispose();
    }
  });
});

Deno.test("restoreTensors() refuses a missing parameter and another shape", async () => {
  await withBackend({ threads: 1 }, async () => {
    const x = tf.tidy(() => tf.variable(tf.zeros([2, 3]), true, "weights"));
    await assert.rejects(restoreTensors({}, [x]), {
      message:
        "Cannot restore weights: the checkpoint must hold it as [2,3]: got none",
    });
    const data = new Float32Array(6);
    const weights = { dtype: "float32", shape: [3, 2], data } as const;
    await assert.rejects(restoreTensors({ weights }, [x]), {
      message:
        "Cannot restore weights: the checkpoint must hold it as [2,3]: got [3,2]",
    });
    x.dispose();
  });
});

/** A net of two parameters and a buffer. */
function createNet(...values: [number[], number]): TrainableNet {
  const [weights, mean] = values;
  return {
    variables: [tf.variable(tf.tensor1d(weights), true, "weights")],
    buffers: [tf.variable(tf.scalar(mean), false, "mean")],
    optimizer: tf.train.sgd(0.1),
    logits: (images) => images.reshape([1, -1]),
    loss: () => tf.scalar(0),
  };
}

function save(path: string, net: TrainableNet) {
  const saved = [...net.variables, ...net.buffers!];
  return captureTensors(saved).then((tensors) => {
    saveCheckpoint(path, { state: {}, tensors });
    tf.disposeVariables();
  });
}

Deno.test("withTrainedNet() gives back parameters and buffers, and frees them", async () => {
  await withBackend(
    { threads: 1 },
    () =>
      inTemporaryDirectory(async (directory) => {
        const path = `${directory}/net-a.safetensors`;
        await save(path, createNet([1, 2], 3));
        for (let time = 0; time < 2; time++) { // the names are free again
          const sum = await withTrainedNet(
            path,
            () => createNet([0, 0], 0),
            (net) =>
              [...net.variables, ...net.buffers!].flatMap((one) => [
                ...one.dataSync(),
              ]),
          );
          assert.deepEqual(sum, [1, 2, 3]);
          assert.deepEqual(Object.keys(tf.engine().registeredVariables), []);
        }
      }),
  );
});

Deno.test("withTrainedNets() has each net of a run once, by its name", async () => {
  await withBackend(
    { threads: 1 },
    () =>
      inTemporaryDirectory(async (directory) => {
        const run = { file: (name: string) => `${directory}/${name}` };
        const plans = [{ name: "a", weights: [1, 2] }, {
          name: "b",
          weights: [3],
        }];
        for (const { name, weights } of plans) {
          await save(
            run.file(`net-${name}.safetensors`),
            createNet(weights, 7),
          );
        }
        const task = {
          run,
          plans,
          createNet: ({ weights }: typeof plans[number]) =>
            createNet(weights.map(() => 0), 0),
        };
        const found = await withTrainedNets(
          task,
          ({ variables }) => [...variables[0]!.dataSync()],
        );
        assert.deepEqual(found, { a: [1, 2], b: [3] });
      }),
  );
});

Deno.test("withTrainedNet() names the file of another net, and frees its own", async () => {
  await withBackend(
    { threads: 1 },
    () =>
      inTemporaryDirectory(async (directory) => {
        const path = `${directory}/net-a.safetensors`;
        await save(path, createNet([1, 2], 3));
        const use = () => assert.fail("a net that is not restored is not used");
        await assert.rejects(
          withTrainedNet(path, () => createNet([0, 0, 0], 0), use),
          {
            message:
              `Cannot load net ${path}: cannot restore weights: the checkpoint must hold it as [3]: got [2]`,
          },
        );
        const less = () => ({ ...createNet([0, 0], 0), buffers: [] });
        await assert.rejects(withTrainedNet(path, less, use), {
          message:
            `Cannot load net ${path}: it must hold weights and nothing else: got mean too`,
        });
        tf.disposeVariables(); // the buffer that was left out
        assert.deepEqual(Object.keys(tf.engine().registeredVariables), []);
        const missing = `${directory}/net-b.safetensors`;
        await assert.rejects(
          withTrainedNet(missing, () => createNet([0], 0), use),
          /^Error: Cannot load checkpoint .*net-b.safetensors: no such file/,
        );
      }),
  );
});
