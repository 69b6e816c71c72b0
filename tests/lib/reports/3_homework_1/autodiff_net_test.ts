import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import { UsageError } from "../../../../lib/base/errors.ts";
import { createRandom } from "../../../../lib/base/random.ts";
import {
  type AutodiffNetOptions,
  autodiffPlans,
  createAutodiffNet,
} from "../../../../lib/reports/3_homework_1/autodiff_net.ts";
import { AUTODIFF_TABLES } from "../../../../lib/reports/3_homework_1/reported.ts";
import { withBackend } from "../../../with_backend.ts";

const SHAPE = { height: 4, width: 5, channels: 2, numClasses: 3 };

async function withNet(
  options: Partial<AutodiffNetOptions>,
  body: (net: ReturnType<typeof createAutodiffNet>) => void,
) {
  await withBackend({ threads: 1 }, () => {
    const net = createAutodiffNet(
      {
        model: "MLP",
        regularization: "none",
        hiddenLayers: 2,
        hiddenSize: 7,
        learningRate: 0.1,
        ...options,
      },
      SHAPE,
      createRandom(0),
    );
    body(net);
    tf.disposeVariables();
  });
}

Deno.test("createAutodiffNet() has as many hidden layers as it is told, logistic regression none", async () => {
  const shapes = async (model: AutodiffNetOptions["model"]) => {
    let found: number[][] = [];
    await withNet({ model }, (net) => {
      found = net.variables.map(({ shape }) => shape);
      assert.deepEqual(net.logits(tf.ones([2, 4, 5, 2]), false).shape, [2, 3]);
    });
    return found;
  };
  assert.deepEqual(await shapes("MLP"), [
    [40, 7],
    [7],
    [7, 7],
    [7],
    [7, 3],
    [3],
  ]);
  assert.deepEqual(await shapes("logistic regression"), [[40, 3], [3]]);
});

Deno.test("createAutodiffNet() has a penalty of the weights alone, for L1 and L2", async () => {
  const weightsOf = ({ variables }: { variables: readonly tf.Variable[] }) =>
    variables.filter(({ rank }) => rank === 2)
      .flatMap((variable) => [...variable.dataSync()]);
  const sum = (values: number[]) => values.reduce((sum, x) => sum + x, 0);
  await withNet({ regularization: "L1" }, (net) => {
    const expected = 0.0001 * sum(weightsOf(net).map(Math.abs));
    assert.ok(Math.abs(net.penalty!().dataSync()[0]! - expected) < 1e-8);
  });
  await withNet({ regularization: "L2" }, (net) => {
    const expected = 0.0001 / 2 * sum(weightsOf(net).map((w) => w * w));
    assert.ok(Math.abs(net.penalty!().dataSync()[0]! - expected) < 1e-8);
  });
  for (const regularization of ["none", "dropout"] as const) {
    await withNet({ regularization }, (net) => {
      assert.equal(net.penalty, undefined);
    });
  }
});

Deno.test("createAutodiffNet() drops hidden units with dropout, in training alone", async () => {
  for (const regularization of ["none", "dropout"] as const) {
    await withNet({ regularization, hiddenSize: 500 }, (net) => {
      const x = tf.ones([1, 4, 5, 2]) as tf.Tensor4D;
      const logits = (training: boolean) => [
        ...net.logits(x, training).dataSync(),
      ];
      assert.deepEqual(logits(false), logits(false));
      const same = logits(true).join() === logits(false).join();
      assert.equal(same, regularization === "none");
    });
  }
});

const RUN = {
  table: AUTODIFF_TABLES,
  epochs: 20,
  longEpochs: 150,
  batchSize: 16,
  learningRate: 0.1,
};

Deno.test("autodiffPlans() has each net of the tables once", () => {
  const plans = autodiffPlans(RUN, { count: 1024 });
  assert.deepEqual(
    plans.map(({ name, places, batchSize, learningRate, epochs }) =>
      [
        name,
        places.map(({ table, setting }) => `${table}:${setting}`).join("+"),
        batchSize,
        learningRate,
        epochs,
      ].join()
    ),
    [
      "logistic-lr0.1,4:0.1,16,0.1,20",
      "logistic-lr0.01,4:0.01,16,0.01,20",
      "logistic-lr0.001,4:0.001,16,0.001,20",
      "mlp-b16-lr0.1,5:16+6:0.1,16,0.1,20",
      "mlp-b1024-lr0.1,5:1024,1024,0.1,20",
      "mlp-b16-lr1,6:1,16,1,20",
      "mlp-b16-lr0.01,6:0.01,16,0.01,20",
      "mlp-b16-lr0.001,6:0.001,16,0.001,20",
      "mlp-none,7:none,256,0.1,150",
      "mlp-l2,7:L2,256,0.1,150",
      "mlp-dropout,7:dropout,256,0.1,150",
      "mlp-l1,7:L1,256,0.1,150",
    ],
  );
});

Deno.test("autodiffPlans() refuses a batch of more images than there are", () => {
  assert.throws(() => autodiffPlans(RUN, { count: 1023 }), (error) => {
    assert.ok(error instanceof UsageError);
    assert.match(
      error.message,
      /--train-size: expected at least 1024, the batch of mlp-b1024-lr0.1: got 1023$/,
    );
    return true;
  });
  const { length } = autodiffPlans({ ...RUN, table: ["4"] }, { count: 16 });
  assert.equal(length, 3);
});
