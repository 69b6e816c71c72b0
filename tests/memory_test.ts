import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import { WORKLOADS } from "../bench/workloads/workloads.ts";
import { takeFirst } from "../lib/data/image_dataset.ts";
import { createRandom } from "../lib/base/random.ts";
import { fit } from "../lib/train/fit.ts";
import { withBackend } from "./with_backend.ts";

/** Steps until the optimizer's state and all scratch are there. */
const FIRST = 5;

const RUNS = [
  { name: "alpha-sweep-net", steps: 1_000, stepsPerEpoch: 250 },
  { name: "fashion-alpha", steps: 30, stepsPerEpoch: 15 },
] as const;

for (const { name, steps, stepsPerEpoch } of RUNS) {
  Deno.test(`${steps} training steps of ${name} leave no tensor and no heap behind`, async () => {
    await withBackend({ threads: 2 }, async ({ memory }) => {
      const random = createRandom(1);
      const { net, dataset, batchSize } = await WORKLOADS[name](random);
      const now = () => {
        const { numTensors, numDataBuffers, numBytes } = tf.memory();
        const heap = memory.buffer.byteLength;
        return { numTensors, numDataBuffers, numBytes, heap };
      };
      let first: ReturnType<typeof now> | undefined;
      let last = 0;
      await fit(net, {
        ...dataset,
        train: takeFirst(dataset.train, stepsPerEpoch * batchSize),
        test: takeFirst(dataset.test, batchSize),
      }, {
        epochs: steps / stepsPerEpoch,
        batchSize,
        random,
        events: {
          step({ step }) {
            if (step === FIRST) first = now();
            if (step > FIRST) assert.deepEqual(now(), first, `step ${step}`);
            last = step;
          },
        },
      });
      assert.equal(last, steps);
      assert.ok(memory.buffer.byteLength < 2 ** 30, "1 GiB at most");
      net.optimizer.dispose();
      tf.disposeVariables();
    });
  });
}
