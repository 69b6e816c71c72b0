import assert from "node:assert/strict";
import {
  accuracyFigure,
  accuracyRows,
  byHandRows,
} from "../../../../../lib/reports/3_homework_1/by_hand/by_hand_rows.ts";

const row = (model: string, rate: string, epoch: string, loss: string) => ({
  model,
  learning_rate: rate,
  seed: "3",
  epoch,
  train_loss: loss,
  train_accuracy: "0.5",
  validation_accuracy: "0.25",
  test_accuracy: "0.36",
});

Deno.test("byHandRows() parts metrics.csv by model and learning rate", () => {
  const rows = [
    row("logistic", "0.01", "1", "1.5"),
    row("logistic", "0.01", "2", "1.25"),
    row("logistic", "0.001", "1", "2"),
    row("logistic", "0.001", "2", "1.75"),
  ];
  const plans = [0.001, 0.01].map((learningRate) => ({
    model: "logistic",
    learningRate,
  }));
  const [small, large] = byHandRows(rows, plans, 2);
  assert.deepEqual(small!.map(({ trainLoss }) => trainLoss), [2, 1.75]);
  assert.deepEqual(large!.map(({ epoch }) => epoch), [1, 2]);
  const none = byHandRows([row("perceptron", "1", "1", "")], [
    { model: "perceptron", learningRate: 1 },
  ], 1);
  assert.deepEqual(none, [[{
    model: "perceptron",
    learningRate: 1,
    seed: 3,
    epoch: 1,
    trainLoss: null,
    trainAccuracy: 0.5,
    validationAccuracy: 0.25,
    testAccuracy: 0.36,
  }]]);
});

Deno.test("byHandRows() refuses a file that lacks epochs", () => {
  const plans = [{ model: "mlp", learningRate: 0.5 }];
  assert.throws(() => byHandRows([row("mlp", "0.5", "1", "2")], plans, 2), {
    message:
      "Cannot report mlp, learning rate 0.5: metrics.csv must have its 2 epochs: got 1",
  });
  assert.throws(() => byHandRows([], plans, 2), { message: /: got 0$/ });
});

Deno.test("accuracyRows() gives differences where the report has a number", () => {
  const [[last]] = byHandRows([row("perceptron", "1", "1", "")], [
    { model: "perceptron", learningRate: 1 },
  ], 1) as [[never]];
  const reported = { train: 0.4654, validation: 0.25, test: 0.5 };
  const rows = accuracyRows(last, "η 1", reported);
  assert.deepEqual(rows, [
    {
      quantity: "train accuracy, η 1",
      reported: "0.4654",
      ours: "0.5000",
      difference: "+0.0346",
    },
    {
      quantity: "validation accuracy, η 1",
      reported: "0.2500",
      ours: "0.2500",
      difference: "+0.0000",
    },
    {
      quantity: "test accuracy, η 1",
      reported: "0.5000",
      ours: "0.3600",
      difference: "−0.1400",
    },
  ]);
  const unreported = accuracyRows(last, "", null);
  assert.equal(unreported[0]!.quantity, "train accuracy");
  assert.ok(unreported.every((row) => row.reported + row.difference === ""));
});

Deno.test("accuracyFigure() draws each split's accuracy", () => {
  const plans = [{ model: "mlp", learningRate: 1 }];
  const rows = ["1", "2"].map((epoch) => row("mlp", "1", epoch, "2"));
  const figure = accuracyFigure(
    "a.svg",
    "Title",
    byHandRows(rows, plans, 2)[0]!,
  );
  const lines = figure.text({ width: 60, color: false }).split("\n");
  const [legend, ...chart] = lines.slice(1);
  assert.match(legend!, /●.* train .*▲.* validation .*■.* test/);
  // at 0.5, 0.25 and 0.36
  const places = ["●", "■", "▲"].map((mark) =>
    chart.findIndex((line) => line.includes(mark))
  );
  assert.ok(places.every((place) => place >= 0));
  assert.deepEqual(places, places.toSorted((a, b) => a - b));
  assert.equal(new Set(places).size, 3);
});
