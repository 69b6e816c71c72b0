import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import { startBackend } from "../../../lib/backend/start_backend.ts";
import { clampVariables } from "../../../lib/optimizers/clamp_variables.ts";

Deno.test("clampVariables() projects in place, keeps NaN, and leaves a clone alone", async () => {
  const backend = await startBackend({ threads: 1 });
  try {
    const start = [-1, 0, 0.5, 1, 2, NaN, -Infinity];
    const variable = tf.variable(tf.tensor1d(start));
    const clone = variable.clone();
    clampVariables([variable], 0, 1);
    assert.deepEqual([...variable.dataSync()], [0, 0, 0.5, 1, 1, NaN, 0]);
    assert.deepEqual([...clone.dataSync()], start);
    assert.throws(
      () => clampVariables([variable], 1, 0),
      new RangeError(
        "Cannot clamp variables: low must be at most high: got 1 and 0",
      ),
    );
  } finally {
    backend.stop();
  }
});
