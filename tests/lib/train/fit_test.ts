import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import { createRandom } from "../../../lib/base/random.ts";
import { Adadelta } from "../../../lib/optimizers/adadelta.ts";
import { Adam } from "../../../lib/optimizers/adam.ts";
import type { ImageSplit } from "../../../lib/data/image_dataset.ts";
import { Sgd } from "../../../lib/optimizers/sgd.ts";
import type { SlotOptimizer } from "../../../lib/optimizers/slot_optimizer.ts";
import { evaluate } from "../../../lib/train/evaluate.ts";
import {
  type EpochRecord,
  fit,
  type FitEvents,
  type FitState,
  initialFitState,
  type StepRecord,
} from "../../../lib/train/fit.ts";
import {
  captureTensors,
  restoreTensors,
} from "../../../lib/train/net_files.ts";
import { assertValuesClose } from "../../assert_all_close.ts";
import { withBackend } from "../../with_backend.ts";
import {
  parameterBytes,
  tinyDataset,
  tinyNet,
} from "./fixtures/tiny_training.ts";

const dataset = tinyDataset();

/** 46 images in batches of 10: the last one has 6. */
const BATCH_SIZE = 10, BATCHES = 5;

/** Collects the records; `pause` does nothing. */
function recorder() {
  const steps: StepRecord[] = [], epochs: EpochRecord[] = [];
  const events = {
    step: (record) => void steps.push(record),
    epoch: (record) => void epochs.push(record),
    pause: () => Promise.resolve(),
  } satisfies FitEvents;
  return { steps, epochs, events };
}

/** Trains a new net from the start; its variables are disposed at the end. */
async function train(
  createOptimizer: () => SlotOptimizer,
  options: { seed?: number; epochs: number; dropout?: number; alpha?: number },
) {
  const random = createRandom(options.seed ?? 3);
  const net = tinyNet(random, options);
  const optimizer = createOptimizer();
  const { steps, epochs, events } = recorder();
  await fit({ ...net, optimizer }, dataset, {
    epochs: options.epochs,
    batchSize: BATCH_SIZE,
    random,
    events,
    state: initialFitState(random),
  });
  const bytes = parameterBytes(net);
  optimizer.dispose();
  tf.disposeVariables();
  return { steps, epochs, bytes };
}

Deno.test("fit() tells how far an evaluation is", async () => {
  await withBackend({ threads: 1 }, async () => {
    const random = createRandom(3);
    const net = tinyNet(random, {});
    const optimizer = new Sgd({ learningRate: 0.5 });
    const told: unknown[] = [];
    const { events } = recorder();
    await fit({ ...net, optimizer }, { ...dataset, validation: null }, {
      epochs: 1,
      batchSize: 20,
      random,
      state: initialFitState(random),
      events: { ...events, evaluation: (record) => void told.push(record) },
    });
    optimizer.dispose();
    tf.disposeVariables();
    const { count } = dataset.test;
    const sizes = [...Array(Math.floor(count / 20)).fill(20), count % 20];
    assert.deepEqual(
      told,
      sizes.filter((size) => size > 0).map((batchSize, i) => ({
        split: "test",
        step: 3,
        batchSize,
        count,
        done: 20 * i + batchSize,
      })),
    );
    assert.ok(told.length > 1);
  });
});

Deno.test("fit() and evaluate() need neither events nor a state to begin with", async () => {
  await withBackend({ threads: 1 }, async () => {
    const { epochs, bytes } = await train(() => new Adam(), { epochs: 2 });
    const random = createRandom(3);
    const net = tinyNet(random, {});
    const { height, width, channels, train: split, test } = dataset;
    const data = { height, width, channels, train: split, validation: null };
    await fit({ ...net, optimizer: new Adam() }, { ...data, test }, {
      epochs: 2,
      batchSize: BATCH_SIZE,
      random,
    });
    assert.deepEqual(parameterBytes(net), bytes);
    assert.deepEqual(
      await evaluate(net, test, dataset, { batchSize: BATCH_SIZE }),
      epochs.at(-1)!.test,
    );
    tf.disposeVariables();
  });
});

Deno.test("fit() solves a tiny problem with each optimizer", async () => {
  await withBackend({ threads: 2 }, async () => {
    const optimizers = [
      () => new Adam({ learningRate: 0.05 }),
      () => new Adadelta(),
      () => new Sgd({ learningRate: 0.5, momentum: 0.5 }),
    ];
    for (const optimizer of optimizers) {
      const { epochs } = await train(optimizer, { epochs: 60, dropout: 0.1 });
      const { train: first } = epochs[0]!, { test: last } = epochs.at(-1)!;
      assert.ok(first.loss > 0.5, `${first.loss}`);
      assert.ok(last.loss < 0.05, `${last.loss}`);
      assert.equal(last.accuracy, 1);
    }
  });
});

Deno.test("fit() gives the same bytes from one seed at 1 and 2 threads, other ones from another", async () => {
  const run = (threads: number, seed: number) =>
    withBackend(
      { threads },
      () => train(() => new Adam(), { epochs: 3, seed }),
    );
  const one = await run(1, 3);
  assert.deepEqual(await run(2, 3), one);
  assert.deepEqual(await run(1, 3), one);
  const other = await run(1, 4);
  assert.notDeepEqual(other.bytes, one.bytes);
});

Deno.test("fit() counts steps and epochs, and averages over an epoch's batches", async () => {
  await withBackend({ threads: 1 }, async () => {
    const { steps, epochs } = await train(() => new Adam(), { epochs: 2 });
    assert.deepEqual(
      steps.map(({ step, batchSize }) => [step, batchSize]),
      Array.from({ length: 10 }, (_, i) => [i + 1, i % 5 === 4 ? 6 : 10]),
    );
    assert.deepEqual(epochs.map(({ epoch }) => epoch), [1, 2]);
    epochs.forEach(({ train }, i) => {
      const losses = steps.slice(BATCHES * i, BATCHES * (i + 1))
        .map(({ loss }) => loss);
      const mean = losses.reduce((sum, loss) => sum + loss, 0) / BATCHES;
      assert.ok(Math.abs(train.loss - mean) < 1e-12);
      assert.ok(train.accuracy >= 0 && train.accuracy <= 1);
    });
  });
});

class Interrupted extends Error {}

/** What a program leaves when it is interrupted, as text. */
interface Saved {
  state: string;
  tensors: Awaited<ReturnType<typeof captureTensors>>;
}

/**
 * One program: a net, an optimizer and a generator of its own, from the start
 * or from what is saved, until the `pauses`-th pause.
 */
function runProgram(
  createOptimizer: () => SlotOptimizer,
  options: { epochs: number; alpha: number; saved?: Saved; pauses?: number },
) {
  const { saved, alpha, epochs } = options;
  return withBackend({ threads: 1 }, async () => {
    // A resumed program's own numbers must not matter.
    const random = createRandom(saved ? 99 : 3);
    const net = tinyNet(random, { alpha });
    const optimizer = createOptimizer();
    let state = initialFitState(random);
    if (saved) {
      await restoreTensors(saved.tensors, net.variables, optimizer);
      state = JSON.parse(saved.state) as FitState;
    }
    const { steps, epochs: epochRecords, events } = recorder();
    let left: Saved | undefined;
    let pauses = 0;
    try {
      await fit({ ...net, optimizer }, dataset, {
        epochs,
        batchSize: BATCH_SIZE,
        random,
        state,
        events: {
          ...events,
          async pause(state) {
            if (++pauses !== options.pauses) return;
            left = {
              state: JSON.stringify(state),
              tensors: await captureTensors(net.variables, optimizer),
            };
            throw new Interrupted();
          },
        },
      });
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error;
    }
    const bytes = parameterBytes(net);
    optimizer.dispose();
    tf.disposeVariables();
    return { steps, epochs: epochRecords, bytes, left, pauses };
  });
}

Deno.test("fit() that is interrupted and goes on elsewhere ends with the same bits", async () => {
  const cases: [() => SlotOptimizer, number][] = [
    [() => new Adam({ learningRate: 0.02 }), 0.5],
    [() => new Adadelta(), 1.5], // its z is kept
    [() => new Sgd({ learningRate: 0.1, momentum: 0.5 }), 1],
  ];
  for (const [createOptimizer, alpha] of cases) {
    const whole = await runProgram(createOptimizer, { epochs: 2, alpha });
    assert.equal(whole.pauses, 2 * (BATCHES - 1 + 3 + 1));
    // After a step, after an epoch's last, after its record, in the second.
    for (const pauses of [2, 5, 7, 8, 11, 15]) {
      const part = await runProgram(createOptimizer, {
        epochs: 2,
        alpha,
        pauses,
      });
      assert.ok(part.left, `pause ${pauses}`);
      const rest = await runProgram(createOptimizer, {
        epochs: 2,
        alpha,
        saved: part.left,
      });
      const what = `alpha ${alpha}, pause ${pauses}`;
      assert.deepEqual(rest.bytes, whole.bytes, what);
      assert.deepEqual([...part.steps, ...rest.steps], whole.steps, what);
      assert.deepEqual([...part.epochs, ...rest.epochs], whole.epochs, what);
    }
  }
});

Deno.test("fit() with its last epoch done does nothing", async () => {
  await withBackend({ threads: 1 }, async () => {
    const random = createRandom(1);
    const net = tinyNet(random);
    const before = parameterBytes(net);
    const { steps, epochs, events } = recorder();
    await fit({ ...net, optimizer: new Adam() }, dataset, {
      epochs: 2,
      batchSize: BATCH_SIZE,
      random,
      events,
      state: { ...initialFitState(random), epoch: 2, step: 10 },
    });
    assert.deepEqual([steps, epochs], [[], []]);
    assert.deepEqual(parameterBytes(net), before);
    tf.disposeVariables();
  });
});

Deno.test("fit() leaves the state that it begins with as it is", async () => {
  await withBackend({ threads: 1 }, async () => {
    const random = createRandom(1);
    const state = initialFitState(random), before = { ...state };
    await fit(
      { ...tinyNet(random), optimizer: new Sgd({ learningRate: 0.1 }) },
      dataset,
      {
        epochs: 1,
        batchSize: BATCH_SIZE,
        random,
        state,
      },
    );
    assert.deepEqual(state, before);
    tf.disposeVariables();
  });
});

Deno.test("fit() throws at a loss that is not finite, before its update", async () => {
  await withBackend({ threads: 1 }, async () => {
    for (const value of [NaN, Infinity]) {
      const random = createRandom(1);
      const net = tinyNet(random);
      const optimizer = new Adam();
      const { steps, events } = recorder();
      let bytes: Uint8Array[] = [];
      let updates = 0;
      const { numTensors } = tf.memory();
      await assert.rejects(
        fit(
          {
            ...net,
            loss: (logits, labels) =>
              tf.mul(net.loss(logits, labels), steps.length < 2 ? 1 : value),
            optimizer,
            afterUpdate: () => void updates++,
          },
          dataset,
          {
            epochs: 1,
            batchSize: BATCH_SIZE,
            random,
            state: initialFitState(random),
            events: {
              ...events,
              step(record) {
                events.step(record);
                bytes = parameterBytes(net);
              },
            },
          },
        ),
        {
          name: "DivergenceError",
          message:
            `Cannot go on training: the loss must be finite: got ${value} at step 3`,
        },
      );
      assert.deepEqual([steps.length, updates], [2, 2]);
      assert.deepEqual(parameterBytes(net), bytes);
      optimizer.dispose();
      assert.equal(tf.memory().numTensors, numTensors);
      tf.disposeVariables();
    }
  });
});

Deno.test("fit() calls afterUpdate after each update, before the step's record", async () => {
  await withBackend({ threads: 1 }, async () => {
    const random = createRandom(1);
    const net = tinyNet(random);
    const calls: string[] = [];
    let before = parameterBytes(net);
    const afterUpdate = () => {
      const now = parameterBytes(net);
      assert.notDeepEqual(now, before);
      before = now;
      calls.push("update");
    };
    const optimizer = new Adam();
    await fit({ ...net, optimizer, afterUpdate }, dataset, {
      epochs: 1,
      batchSize: BATCH_SIZE,
      random,
      state: initialFitState(random),
      events: {
        step: ({ step }) => void calls.push(`step ${step}`),
        epoch: ({ epoch }) => void calls.push(`epoch ${epoch}`),
        pause: () => Promise.resolve(),
      },
    });
    const steps = [1, 2, 3, 4, 5].flatMap((step) => ["update", `step ${step}`]);
    assert.deepEqual(calls, [...steps, "epoch 1"]);
    tf.disposeVariables();
  });
});

Deno.test("fit() takes every image once an epoch, in an order of its own", async () => {
  await withBackend({ threads: 1 }, async () => {
    const random = createRandom(1);
    const net = tinyNet(random);
    const { events } = recorder();
    const sums: number[][] = [[]];
    await fit(
      {
        ...net,
        logits(images, training) {
          if (training) {
            const flat = images.reshape([images.shape[0], 16]);
            sums.at(-1)!.push(...tf.sum(flat, 1).dataSync<"float32">());
          }
          return net.logits(images, training);
        },
        optimizer: new Adam(),
      },
      dataset,
      {
        epochs: 3,
        batchSize: BATCH_SIZE,
        random,
        state: initialFitState(random),
        events: { ...events, epoch: () => void sums.push([]) },
      },
    );
    const [first, ...others] = sums.slice(0, 3);
    for (const other of others) {
      assert.notDeepEqual(other, first);
      assert.deepEqual(other.toSorted(), first!.toSorted());
    }
    tf.disposeVariables();
  });
});

Deno.test("fit() evaluates on the validation split, where there is one", async () => {
  await withBackend({ threads: 1 }, async () => {
    const { test } = dataset;
    const validation = {
      images: test.images.subarray(16 * 4),
      labels: test.labels.subarray(4),
      count: test.count - 4,
    };
    const record = async (validation: ImageSplit | null) => {
      const random = createRandom(3);
      const net = tinyNet(random);
      const { epochs, events } = recorder();
      await fit({ ...net, optimizer: new Adam() }, { ...dataset, validation }, {
        epochs: 1,
        batchSize: BATCH_SIZE,
        random,
        events,
        state: initialFitState(random),
      });
      const expected = validation && await evaluate(net, validation, dataset, {
        batchSize: 7,
        pause: () => Promise.resolve(),
      });
      tf.disposeVariables();
      return { ...epochs[0]!, expected };
    };
    const without = await record(null);
    assert.equal(without.validation, null);
    const { validation: found, expected, ...rest } = await record(validation);
    assert.equal(found!.accuracy, expected!.accuracy);
    // Sums of 18 losses in batches of 10 and of 7, in float32.
    assert.ok(Math.abs(found!.loss - expected!.loss) < 1e-6);
    assert.notEqual(found!.loss, rest.test.loss);
    assert.deepEqual([rest.train, rest.test], [without.train, without.test]);
  });
});

Deno.test("fit() minimizes a penalty, and reports the loss without it", async () => {
  await withBackend({ threads: 1 }, async () => {
    /** One step of the whole training split. */
    const run = async (scale: number) => {
      const random = createRandom(3);
      const net = tinyNet(random, { dropout: 0 });
      const [first] = net.variables;
      const { steps, epochs, events } = recorder();
      const penalty = () => tf.mul<tf.Scalar>(tf.sum(first!), scale);
      const optimizer = new Sgd({ learningRate: 0.125 });
      const plain = { ...net, optimizer };
      await fit(scale === 0 ? plain : { ...plain, penalty }, dataset, {
        epochs: 1,
        batchSize: 46,
        random,
        events,
      });
      const values = first!.dataSync<"float32">();
      tf.disposeVariables();
      return { loss: steps[0]!.loss, train: epochs[0]!.train.loss, values };
    };
    const [plain, penalized] = [await run(0), await run(8)];
    assert.equal(penalized.loss, plain.loss);
    assert.equal(penalized.train, plain.loss);
    // One step down the gradient 8 of each of the first parameter's elements;
    // three roundings of numbers below 2.
    assertValuesClose(penalized.values, plain.values.map((w) => w - 1), {
      rtol: 0,
      atol: 3 * 2 ** -23,
    });
  });
});

Deno.test("fit() refuses epochs that are no positive integer, before any step", async () => {
  await withBackend({ threads: 1 }, async () => {
    const random = createRandom(0);
    const net = { ...tinyNet(random), optimizer: new Sgd({ learningRate: 1 }) };
    for (const epochs of [0, -1, 1.5, NaN]) {
      await assert.rejects(
        fit(net, dataset, { epochs, batchSize: BATCH_SIZE, random }),
        new RangeError(
          `Cannot train: epochs must be an integer from 1: got ${epochs}`,
        ),
      );
    }
    tf.dispose([...net.variables]);
  });
});
