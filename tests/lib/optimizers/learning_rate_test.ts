import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import { createRandom } from "../../../lib/base/random.ts";
import { Adadelta } from "../../../lib/optimizers/adadelta.ts";
import { Adam } from "../../../lib/optimizers/adam.ts";
import { Sgd } from "../../../lib/optimizers/sgd.ts";
import type { SlotOptimizer } from "../../../lib/optimizers/slot_optimizer.ts";
import { fit, type FitState, initialFitState } from "../../../lib/train/fit.ts";
import {
  captureTensors,
  restoreTensors,
} from "../../../lib/train/net_files.ts";
import { assertValuesClose } from "../../assert_all_close.ts";
import { assertSameValues } from "../../assert_same_values.ts";
import { adadeltaStep } from "../../reference/adadelta.ts";
import { adamStart, adamStep } from "../../reference/adam.ts";
import { sgdStep } from "../../reference/sgd.ts";
import { withBackend } from "../../with_backend.ts";
import {
  parameterBytes,
  tinyDataset,
  tinyNet,
} from "../train/fixtures/tiny_training.ts";

const OPTIMIZERS: Record<string, () => SlotOptimizer> = {
  Adam: () => new Adam({ learningRate: 0.125 }),
  Adadelta: () => new Adadelta({ learningRate: 0.125 }),
  Sgd: () => new Sgd({ learningRate: 0.125, momentum: 0.5 }),
};

/** Warms up, is constant, stops, and goes on. */
const RATES = [0, 0.05, 0.1, 0.1, 0, 0.025];

Deno.test("a learning rate that is set is the next step's, from float64 loops", async () => {
  await withBackend({ threads: 1 }, () => {
    const start = [1, -2, 0.5], zeros = () => new Float64Array(3);
    const adam = adamStart(start);
    const sgd = { value: Float64Array.from(start), velocity: zeros() };
    const delta = { value: Float64Array.from(start), v: zeros(), u: zeros() };
    const oracles = {
      Adam: (gradient: number[], learningRate: number) => {
        const rest = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
        adamStep(adam, gradient, { learningRate, ...rest });
        return adam.value;
      },
      Adadelta: (gradient: number[], learningRate: number) => {
        const rest = { rho: 0.9, epsilon: 1e-6, weightDecay: 0 };
        adadeltaStep(delta, gradient, { learningRate, ...rest });
        return delta.value;
      },
      Sgd: (gradient: number[], learningRate: number) => {
        const rest = { momentum: 0.5, weightDecay: 0 };
        sgdStep(sgd, gradient, { learningRate, ...rest });
        return sgd.value;
      },
    };
    for (const [name, oracle] of Object.entries(oracles)) {
      const x = tf.variable(tf.tensor1d(start), true, "x");
      const optimizer = OPTIMIZERS[name]!();
      RATES.forEach((rate, i) => {
        const gradient = [1, i - 2, Math.cos(i)];
        optimizer.learningRate = rate;
        assert.equal(optimizer.learningRate, rate);
        assert.equal(optimizer.getConfig().learningRate, rate);
        const before = x.dataSync().slice();
        optimizer.applyGradients({ x: tf.tensor1d(gradient) });
        if (rate === 0) assertSameValues(x.dataSync(), before, name);
        // Some ten roundings a step of values up to 2.
        assertValuesClose(x.dataSync(), oracle(gradient, rate), {
          rtol: 0,
          atol: RATES.length * 20 * 2 ** -24,
        });
      });
      optimizer.dispose();
      x.dispose();
    }
  });
});

Deno.test("an optimizer refuses a learning rate that is no step, and settings that are fixed", () => {
  for (const [name, create] of Object.entries(OPTIMIZERS)) {
    const optimizer = create();
    for (const value of [-1, NaN, Infinity, "0.1" as never, null as never]) {
      const set = [
        () => void (optimizer.learningRate = value),
        () => optimizer.setLearningRate(value),
      ];
      for (const one of set) {
        assert.throws(one, {
          name: "RangeError",
          message:
            `Cannot set learningRate of ${name}: it must be at least 0 and finite: got ${value}`,
        });
      }
    }
    assert.equal(optimizer.learningRate, 0.125);
    const loose = optimizer as unknown as Record<string, number>;
    for (const [key, value] of Object.entries(optimizer.getConfig())) {
      assert.equal(loose[key], value);
      if (key === "learningRate") continue;
      assert.throws(() => loose[key] = 0.5, TypeError, `${name}.${key}`);
    }
  }
});

Deno.test("a learning rate is saved to the last bit, where it is not the constructor's", async () => {
  await withBackend({ threads: 1 }, async () => {
    for (const create of Object.values(OPTIMIZERS)) {
      const first = create(), second = create();
      const names = async () =>
        (await first.getWeights()).map(({ name }) => name);
      assert.deepEqual(await names(), ["iter"]);
      for (const rate of [0.1 + 0.2, 0, Number.MIN_VALUE, 1e300]) {
        first.setLearningRate(rate);
        assert.deepEqual(await names(), ["iter", "learningRate"]);
        // As a checkpoint keeps it.
        await restoreTensors(await captureTensors([], first), [], second);
        assert.equal(second.learningRate, rate);
      }
      first.learningRate = 0.125;
      assert.deepEqual(await names(), ["iter"]);
      await second.setWeights(await first.getWeights());
      assert.equal(second.learningRate, 0.125);
    }
  });
});

Deno.test("a learning rate of 0 outlives getConfig() and fromConfig()", () => {
  for (const create of Object.values(OPTIMIZERS)) {
    const optimizer = create();
    const cls = optimizer
      .constructor as tf.serialization.SerializableConstructor<Adam>;
    for (const rate of [0, 0.25]) {
      optimizer.learningRate = rate;
      const config = optimizer.getConfig() as tf.serialization.ConfigDict;
      const again = cls.fromConfig(cls, config);
      assert.deepEqual(again.getConfig(), config);
    }
  }
});

Deno.test("afterUpdate drives a schedule, which goes on after an interruption", async () => {
  await withBackend({ threads: 1 }, async () => {
    const dataset = tinyDataset();
    const rates: number[] = [];
    const train = async (
      from: { fit: FitState; tensors: never } | null,
      stopAt: number,
    ) => {
      const random = createRandom(3);
      const net = tinyNet(random);
      const optimizer = new Sgd({ learningRate: 0.5, momentum: 0.5 });
      if (from) await restoreTensors(from.tensors, net.variables, optimizer);
      let state = from?.fit ?? initialFitState(random), tensors = {};
      const stop = new Error("stop");
      const afterUpdate = () => {
        rates.push(optimizer.learningRate);
        optimizer.learningRate = 0.5 * 0.9 ** optimizer.iterations;
      };
      await fit({ ...net, optimizer, afterUpdate }, dataset, {
        epochs: 3,
        batchSize: 10,
        random,
        state,
        events: {
          step: () => {},
          epoch: () => {},
          async pause(now) {
            if (now.step !== stopAt) return;
            state = now;
            tensors = await captureTensors(net.variables, optimizer);
            throw stop;
          },
        },
      }).catch((error) => assert.equal(error, stop));
      const bytes = parameterBytes(net);
      optimizer.dispose();
      tf.disposeVariables();
      return { fit: state, tensors: tensors as never, bytes };
    };
    const whole = await train(null, Infinity);
    const expected = rates.splice(0);
    assert.equal(expected.length, 15);
    expected.forEach((rate, i) => assert.equal(rate, 0.5 * 0.9 ** i));
    const resumed = await train(await train(null, 7), Infinity);
    assert.deepEqual(rates, expected);
    assert.deepEqual(resumed.bytes, whole.bytes);
  });
});
