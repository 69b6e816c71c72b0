import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import { createRandom } from "../../../../lib/base/random.ts";
import {
  createFashionNet,
  FASHION_ARCHITECTURES,
} from "../../../../lib/reports/1_linearization/fashion_net.ts";
import { withBackend } from "../../../with_backend.ts";

const OPTIONS = {
  activation: "relu" as const,
  lambda: null,
  penalty: "l1" as const,
  clampAlpha: false,
  alphaInit: 0.5,
  learningRate: 0.001,
};

for (const architecture of FASHION_ARCHITECTURES) {
  Deno.test(`createFashionNet() follows the data set's shape: ${architecture}`, async () => {
    await withBackend({ threads: 2 }, () => {
      const net = createFashionNet(
        { ...OPTIONS, architecture },
        { height: 32, width: 26, channels: 3, numClasses: 4 },
        createRandom(0),
      );
      const logits = net.logits(tf.ones([2, 32, 26, 3]), false);
      assert.deepEqual(logits.shape, [2, 4]);
      assert.equal(logits.dataSync().every(Number.isFinite), true);
      tf.disposeVariables();
    });
  });
}
