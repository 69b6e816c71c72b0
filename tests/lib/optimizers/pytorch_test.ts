import assert from "node:assert/strict";
import type * as tf from "@tensorflow/tfjs";
import { Adadelta } from "../../../lib/optimizers/adadelta.ts";
import { Adam } from "../../../lib/optimizers/adam.ts";
import { Sgd } from "../../../lib/optimizers/sgd.ts";
import { assertValuesClose } from "../../assert_all_close.ts";
import golden from "../../golden/optimizers.json" with { type: "json" };
import { withBackend } from "../../with_backend.ts";
import { stepParameter } from "./fixtures/step_parameter.ts";

/** PyTorch's names of the hyperparameters, as in the golden file. */
interface Options {
  lr?: number;
  momentum?: number;
  weight_decay?: number;
  rho?: number;
  eps?: number;
}

function create(
  name: string,
  { lr, momentum, weight_decay: weightDecay, rho, eps: epsilon }: Options,
): tf.Optimizer {
  const common = { learningRate: lr, epsilon };
  if (name === "Adam") return new Adam(common);
  if (name === "Adadelta") return new Adadelta({ ...common, rho, weightDecay });
  return new Sgd({ learningRate: lr!, momentum, weightDecay });
}

for (const { optimizer, options, values } of golden.cases) {
  Deno.test(`${optimizer} steps as PyTorch's does with ${JSON.stringify(options)}`, async () => {
    await withBackend({ threads: 2 }, () => {
      const stepper = create(optimizer, options);
      const steps = stepParameter(stepper, golden.start, golden.gradients);
      stepper.dispose();
      assert.equal(steps.length, values.length);
      steps.forEach((actual, step) => {
        // Two float32 computations, some ten roundings a step each, of values
        // and steps around 1.
        assertValuesClose(actual, values[step]!, {
          rtol: 0,
          atol: (step + 1) * 10 * 2 ** -23,
        });
      });
    });
  });
}
