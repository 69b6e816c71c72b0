import assert from "node:assert/strict";
import type { MnistModel } from "../../../../lib/reports/4_csi_5138/mnist_nets.ts";
import {
  mnistClaims,
  mnistComparison,
  mnistFigureFiles,
  mnistFigures,
  mnistNumbers,
  type MnistResults,
  mnistTable,
  reportedAccuracies,
} from "../../../../lib/reports/4_csi_5138/mnist_models_claims.ts";
import { readCsvLog } from "../../../../lib/run/csv_log.ts";

const REPORTED = reportedAccuracies(
  readCsvLog(
    new URL("../../../../data/reported/mnist_curves.csv", import.meta.url)
      .pathname,
  ),
);

/** Rows of metrics.csv: test accuracies, a list per seed, by the epoch. */
function rows(model: MnistModel, ...seeds: number[][]) {
  return seeds.flatMap((accuracies, seed) =>
    accuracies.map((accuracy, i) => ({
      model,
      seed: `${seed}`,
      epoch: `${i + 1}`,
      train_loss: `${1 + seed}`,
      test_loss: `${1 - accuracy}`,
      test_accuracy: `${accuracy}`,
    }))
  );
}

/** Ten epochs from one accuracy to another, with a higher one between them. */
const tenEpochs = (first: number, last: number, between = last) => [
  first,
  between,
  ...Array<number>(7).fill(last),
  last,
];

/** Everything as the report has it. */
const AS_REPORTED: MnistResults = new Map([
  ["softmax", rows("softmax", tenEpochs(0.9155, 0.9245))],
  ["mlp", rows("mlp", tenEpochs(0.966, 0.9825))],
  ["convnet", rows("convnet", tenEpochs(0.9833, 0.9915))],
]);

const verdicts = (results: MnistResults, dataset = "mnist") =>
  mnistClaims(results, dataset).map(({ verdict }) => verdict);
const [HELD, FAILED, UNTESTED] = [
  "held",
  "did not hold",
  "could not be tested",
];

Deno.test("reportedAccuracies() has the points of each model, and how they were read", () => {
  assert.deepEqual(
    REPORTED.map(({ model, epoch }) => `${model} ${epoch}`),
    ["softmax 1", "softmax 10", "mlp 1", "mlp 10", "convnet 1", "convnet 9"],
  );
  const [read, stated] = [REPORTED[0]!, REPORTED[4]!];
  assert.ok(Math.abs(read.accuracy - 0.9155) < 1e-12);
  assert.ok(Math.abs(read.readingError! - 0.0005) < 1e-12);
  assert.ok(Math.abs(stated.accuracy - 0.9833) < 1e-12);
  assert.equal(stated.readingError, null);
});

Deno.test("mnistComparison() sets the report's points beside ours of the same epoch", () => {
  const results: MnistResults = new Map([
    ["mlp", rows("mlp", tenEpochs(0.96, 0.98), tenEpochs(0.968, 0.984))],
    ["convnet", rows("convnet", [0.985])],
  ]);
  assert.deepEqual(mnistComparison(results, REPORTED), [
    {
      quantity: "test accuracy, mlp, epoch 1",
      reported: "96.60 ± 0.10 %",
      ours: "96.40 ± 0.57 %", // 0.8 / √2
      difference: "−0.20 points",
    },
    {
      quantity: "test accuracy, mlp, epoch 10",
      reported: "98.25 ± 0.10 %",
      ours: "98.20 ± 0.28 %", // 0.4 / √2
      difference: "−0.05 points",
    },
    {
      quantity: "test accuracy, convnet, epoch 1",
      reported: "98.33 %",
      ours: "98.50 %",
      difference: "+0.17 points",
    },
  ]);
});

Deno.test("mnistClaims() all hold for numbers as the report has them", () => {
  assert.deepEqual(
    mnistClaims(AS_REPORTED, "mnist").map(({ verdict, measured }) =>
      `${verdict}: ${measured}`
    ),
    [
      "held: convnet, epoch 1: 98.33 %; best of softmax: 92.45 %; best of mlp: 98.25 %",
      "held: 92.45 % on mnist, epoch 10",
      "held: +0.90 points",
    ],
  );
});

Deno.test("mnistClaims() judges each claim by its own numbers", () => {
  const changed = (model: MnistModel, ...seeds: number[][]) =>
    verdicts(new Map([...AS_REPORTED, [model, rows(model, ...seeds)]]));
  // The best epoch need not be the last, and equal is not better.
  const between = tenEpochs(0.966, 0.9825, 0.9833);
  assert.deepEqual(changed("mlp", between), [FAILED, HELD, HELD]);
  const best = tenEpochs(0.9155, 0.9245, 0.99);
  assert.deepEqual(changed("softmax", best), [FAILED, HELD, HELD]);
  // 0.9816 and 0.9848, 0.9832 on average, are above 0.9825 and not all of them.
  const [low, high] = [[0.9816], [0.9848]];
  assert.deepEqual(changed("convnet", low, high), [HELD, HELD, HELD]);
  assert.deepEqual(changed("convnet", low, low), [FAILED, HELD, HELD]);
  const weak = tenEpochs(0.89, 0.8999);
  assert.deepEqual(changed("softmax", weak), [HELD, FAILED, HELD]);
  const steep = tenEpochs(0.91, 0.9252);
  assert.deepEqual(changed("softmax", steep), [HELD, HELD, FAILED]);
  const flat = tenEpochs(0.92, 0.9248);
  assert.deepEqual(changed("softmax", flat), [HELD, HELD, FAILED]);
});

Deno.test("mnistClaims() leaves open what a run cannot say", () => {
  const without = (...models: MnistModel[]): MnistResults =>
    new Map([...AS_REPORTED].filter(([model]) => !models.includes(model)));
  assert.deepEqual(verdicts(without("softmax")), [
    UNTESTED,
    UNTESTED,
    UNTESTED,
  ]);
  assert.equal(
    mnistClaims(without("convnet", "mlp"), "mnist")[0]!.measured,
    "not trained: convnet, mlp",
  );
  assert.deepEqual(verdicts(without("mlp")), [UNTESTED, HELD, HELD]);
  assert.deepEqual(
    mnistClaims(AS_REPORTED, "fashion-mnist").map(({ verdict, measured }) =>
      `${verdict}: ${measured}`
    ),
    [
      `${UNTESTED}: convnet, epoch 1: 98.33 %; best of softmax: 92.45 %; best of mlp: 98.25 %; needs mnist`,
      `${UNTESTED}: 92.45 % on fashion-mnist, epoch 10; needs mnist`,
      `${UNTESTED}: +0.90 points; needs mnist`,
    ],
  );
  const short: MnistResults = new Map([
    ...AS_REPORTED,
    ["softmax", rows("softmax", [0.91, 0.92])],
  ]);
  assert.deepEqual(verdicts(short), [HELD, HELD, UNTESTED]);
});

Deno.test("mnistTable() has each model's last epoch", () => {
  const results: MnistResults = new Map([
    ["softmax", rows("softmax", [0.5, 0.75], [0.5, 0.85])],
    ["mlp", rows("mlp", [0.5, 0.5], [0.5, 0.5])],
  ]);
  const { title, rows: cells } = mnistTable(results);
  assert.equal(title, "Ours after epoch 2");
  assert.deepEqual(cells, [
    ["softmax", "1.5000 ± 0.7071", "0.2000 ± 0.0707", "80.00 ± 7.07 %"],
    ["mlp", "1.5000 ± 0.7071", "0.5000 ± 0.0000", "50.00 ± 0.00 %"],
  ]);
});

Deno.test("mnistFigures() draws what mnistFigureFiles() names, the report's points too", async () => {
  const figures = mnistFigures(AS_REPORTED, REPORTED);
  assert.deepEqual(
    figures.map(({ file }) => file),
    mnistFigureFiles(["softmax", "mlp", "convnet"]),
  );
  // Lines and points, as the pictures describe them.
  const picture = await figures.at(-1)!.picture();
  const last = new Set(
    String(picture).match(/epoch: 9; [^"]*/g),
  );
  assert.deepEqual([...last], [
    "epoch: 9; %: 92.45; series: softmax",
    "epoch: 9; %: 98.25; series: mlp",
    "epoch: 9; %: 99.15; series: convnet",
    "epoch: 9; %: 99.15; series: convnet, reported",
  ]);
  const [line, ring] = ["mlp", "mlp, reported"].map((series) =>
    new RegExp(`epoch: 1; [^>]*series: ${series}" [^>]*stroke="(#\\w+)"`)
      .exec(String(picture))![1]
  );
  assert.equal(ring, line);
  const losses = new Set(
    String(await figures[1]!.picture()).match(/epoch: 2; [^"]*/g),
  );
  assert.deepEqual([...losses], [
    "epoch: 2; negative log-likelihood: 1; series: training",
    "epoch: 2; negative log-likelihood: 0.0175; series: test",
  ]);
  const text = mnistFigures(AS_REPORTED, []).at(-1)!
    .text({ width: 80, color: false });
  assert.ok(!text.includes("reported"), text);
});

Deno.test("mnistNumbers() has the last epoch of each net and seed", () => {
  const results: MnistResults = new Map([
    ["mlp", rows("mlp", [0.5, 0.75], [0.25])],
  ]);
  const nets = [
    { name: "mlp", model: "mlp" as const, seed: 0 },
    { name: "mlp-seed-1", model: "mlp" as const, seed: 1 },
  ];
  assert.deepEqual(mnistNumbers(nets, results, new Map([["mlp", 2.5]])), [{
    net: "mlp",
    model: "mlp",
    seed: 0,
    epoch: 2,
    trainLoss: 1,
    testLoss: 0.25,
    testAccuracy: 0.75,
    seconds: 2.5,
  }, {
    net: "mlp-seed-1",
    model: "mlp",
    seed: 1,
    epoch: 1,
    trainLoss: 2,
    testLoss: 0.75,
    testAccuracy: 0.25,
    seconds: 0,
  }]);
});
