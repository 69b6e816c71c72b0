import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import { saveCheckpoint } from "../../../lib/run/checkpoint.ts";
import { captureTensors } from "../../../lib/train/net_tensors.ts";
import type { TrainableNet } from "../../../lib/train/train_nets.ts";
import { withTrainedNet } from "../../../lib/train/with_trained_net.ts";
import { withBackend } from "../../with_backend.ts";
import { withTempDirectory } from "../data/with_temp_directory.ts";

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
      withTempDirectory(async (directory) => {
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

Deno.test("withTrainedNet() names the file of another net, and frees its own", async () => {
  await withBackend(
    { threads: 1 },
    () =>
      withTempDirectory(async (directory) => {
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
