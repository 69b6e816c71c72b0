import assert from "node:assert/strict";
import { UsageError } from "../../../../lib/base/errors.ts";
import { autodiffPlans } from "../../../../lib/reports/3_homework_1/autodiff_plans.ts";
import { AUTODIFF_TABLES } from "../../../../lib/reports/3_homework_1/reported.ts";

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
