import assert from "node:assert/strict";
import type { AutodiffTable } from "../../../../lib/reports/3_homework_1/reported.ts";
import {
  autodiffComparison,
  autodiffFigureFile,
  autodiffFigures,
  type AutodiffNet,
  autodiffNumbers,
  autodiffResults,
  autodiffTables,
  autodiffTimes,
} from "../../../../lib/reports/3_homework_1/octmnist_autodiff_results.ts";
import {
  autodiffClaims,
  autodiffNotes,
} from "../../../../lib/reports/3_homework_1/octmnist_autodiff_claims.ts";

function net(name: string, ...places: [AutodiffTable, string][]): AutodiffNet {
  return {
    name,
    places: places.map(([table, setting]) => ({ table, setting })),
  };
}

/** A row of metrics.csv. */
function row(
  epoch: number,
  trainLoss: number,
  validationLoss: number,
  validationAccuracy: number,
  testAccuracy: number,
) {
  return {
    epoch: `${epoch}`,
    train_loss: `${trainLoss}`,
    train_accuracy: "0.5",
    validation_loss: `${validationLoss}`,
    validation_accuracy: `${validationAccuracy}`,
    test_accuracy: `${testAccuracy}`,
  };
}

const NETS = [
  net("small", ["5", "16"], ["6", "0.1"]),
  net("large", ["5", "1024"]),
  ...["1", "0.01", "0.001"].map((rate) => net(`mlp-${rate}`, ["6", rate])),
  ...["0.1", "0.01", "0.001"].map((rate) => net(`lr-${rate}`, ["4", rate])),
  ...["none", "L2", "dropout", "L1"].map((method) =>
    net(`mlp-${method}`, ["7", method])
  ),
];

/** Everything as the report has it. */
const AS_REPORTED = {
  "small": [row(1, 0.6, 0.5, 0.7, 0.7), row(2, 0.44, 0.6, 0.82, 0.75)],
  "large": [row(1, 1, 1, 0.6, 0.6), row(2, 0.88, 0.95, 0.69, 0.72)],
  "mlp-1": [row(1, 1.2, 1.2, 0.47, 0.47)],
  "mlp-0.01": [row(2, 0.49, 0.5, 0.81, 0.77)],
  "mlp-0.001": [row(2, 0.84, 0.9, 0.69, 0.71)],
  "lr-0.1": [row(2, 0.97, 1, 0.62, 0.56)],
  "lr-0.01": [row(2, 0.94, 1, 0.65, 0.62)],
  "lr-0.001": [row(2, 1.01, 1, 0.61, 0.65)],
  "mlp-none": [row(2, 0.22, 0.4, 0.86, 0.76)],
  "mlp-L2": [row(2, 0.27, 0.4, 0.85, 0.77)],
  "mlp-dropout": [row(2, 0.37, 0.38, 0.85, 0.78)],
  "mlp-L1": [row(2, 0.4, 0.4, 0.99, 0.99)],
};

type Results = Record<string, ReturnType<typeof row>[]>;

const sparsity = (method: string, all: number) => ({
  method,
  layers: {},
  all,
});

/** Two classes, one label in four: −¼ ln ¼ − ¾ ln ¾ = 0.5623. */
const TRAIN_LABELS = new Int32Array([0, 1, 1, 1]);

function claims(changed: Results = {}, l2 = 0.6) {
  return autodiffClaims(
    NETS,
    new Map(Object.entries({ ...AS_REPORTED, ...changed })),
    {
      trainLabels: TRAIN_LABELS,
      sparsity: [sparsity("none", 0.02), sparsity("L2", l2)],
    },
  );
}

function failed(...args: Parameters<typeof claims>) {
  return claims(...args).filter(({ verdict }) => verdict === "did not hold")
    .map(({ claim }) => claim.replace(/[;(].*/, "").trim());
}

Deno.test("autodiffClaims() all hold for numbers as the report has them", () => {
  assert.equal(claims().length, 11);
  assert.deepEqual(failed(), []);
  const [curve] = claims().filter(({ claim }) => claim.includes("smoother"));
  assert.equal(curve!.measured, "16: 0.1000; 1024: 0.0000");
});

Deno.test("autodiffClaims() judges each claim by its own numbers", () => {
  const last = (name: keyof typeof AS_REPORTED, change: object): Results => ({
    [name]: [
      ...AS_REPORTED[name].slice(0, -1),
      { ...AS_REPORTED[name].at(-1)!, ...change },
    ],
  });
  const cases: [Results, string[]][] = [
    [last("lr-0.1", { validation_accuracy: "0.66" }), [
      "η 0.01 has the best validation accuracy",
    ]],
    // Equal is not best.
    [last("lr-0.01", { test_accuracy: "0.65" }), [
      "η 0.001 has the best test accuracy",
    ]],
    [last("large", { test_accuracy: "0.76" }), [
      "batch 16 generalizes better: test accuracy",
    ]],
    [last("large", { train_loss: "0.4" }), [
      "batch 1024 ends at a higher loss",
    ]],
    [last("large", { validation_loss: "1.2" }), [
      "batch 1024 has the smoother loss curve",
    ]],
    [last("mlp-1", { train_loss: "0.56" }), ["η 1 diverges"]],
    [last("mlp-0.01", { validation_accuracy: "0.83" }), [
      "η 0.1 has the best validation accuracy",
    ]],
    [last("mlp-0.001", { test_accuracy: "0.9" }), [
      "η 0.01 has the best test accuracy",
    ]],
    [last("mlp-none", { test_accuracy: "0.9" }), [
      "dropout generalizes best: test accuracy",
    ]],
    [last("mlp-none", { validation_loss: "0.26" }), [
      "validation loss leaves training loss, with dropout it stays",
    ]],
    [last("mlp-dropout", { validation_loss: "0.31" }), [
      "validation loss leaves training loss, with dropout it stays",
    ]],
  ];
  for (const [changed, expected] of cases) {
    assert.deepEqual(failed(changed), expected);
  }
  assert.deepEqual(failed({}, 0.49), ["L2 leads to sparse solutions"]);
});

Deno.test("autodiffClaims() takes a net that diverged for the worst", () => {
  const nothing = row(3, NaN, NaN, NaN, NaN);
  const changed = { "mlp-1": [nothing], "small": [nothing] };
  assert.deepEqual(failed(changed), [
    "batch 16 generalizes better: test accuracy",
    "batch 1024 ends at a higher loss",
    "batch 1024 has the smoother loss curve",
    "η 0.1 has the best validation accuracy",
  ]);
  const [diverges] = claims(changed).filter(({ claim }) =>
    claim.startsWith("η 1 ")
  );
  assert.equal(
    diverges!.measured,
    "loss in epoch 3: diverged; entropy: 0.5623",
  );
});

Deno.test("autodiffClaims() says nothing of tables that were left out", () => {
  const only = NETS.filter(({ name }) => name.startsWith("lr-"));
  const results = new Map(Object.entries(AS_REPORTED));
  const facts = { trainLabels: TRAIN_LABELS, sparsity: [] };
  assert.deepEqual(
    autodiffClaims(only, results, facts).map(({ measured }) => measured),
    [
      "0.1: 0.6200; 0.01: 0.6500; 0.001: 0.6100",
      "0.1: 0.5600; 0.01: 0.6200; 0.001: 0.6500",
    ],
  );
});

Deno.test("autodiffResults() parts metrics.csv by net, and refuses one that lacks epochs", () => {
  const rows = [
    { net: "a", ...row(1, 1, 1, 0, 0) },
    { net: "a", ...row(2, 0.5, 1, 0, 0) },
    { net: "b", ...row(1, NaN, NaN, NaN, NaN) }, // diverged
  ];
  const nets = ["a", "b"].map((name) => ({ name, epochs: 2 }));
  const results = autodiffResults(rows, nets);
  assert.deepEqual(results.get("a"), rows.slice(0, 2));
  assert.deepEqual(results.get("b"), rows.slice(2));
  assert.throws(() => autodiffResults(rows.slice(1), nets), {
    message: "Cannot report a: metrics.csv must have its 2 epochs: got 1",
  });
  assert.throws(() => autodiffResults(rows.slice(0, 2), nets), {
    message: "Cannot report b: metrics.csv must have its 2 epochs: got 0",
  });
});

Deno.test("autodiffTables() has each net in its tables, in the report's order", () => {
  const tables = autodiffTables(
    NETS,
    new Map(Object.entries({
      ...AS_REPORTED,
      "mlp-1": [row(2, NaN, NaN, NaN, NaN)],
    })),
  );
  assert.deepEqual(tables.map(({ title }) => title.slice(0, 7)), [
    "Table 4",
    "Table 5",
    "Table 6",
    "Table 7",
  ]);
  assert.deepEqual(tables[2]!.rows.map(([setting]) => setting), [
    "1",
    "0.1",
    "0.01",
    "0.001",
  ]);
  assert.deepEqual(tables[2]!.rows.slice(0, 2), [
    ["1", "1.1714", "diverged", "0.4721", "diverged", "0.4726", "diverged"],
    ["0.1", "0.4333", "0.4400", "0.8246", "0.8200", "0.7505", "0.7500"],
  ]);
  assert.deepEqual(tables[1]!.rows[0]!.slice(0, 3), ["16", "0.4809", "0.4400"]);
  // deno-fmt-ignore
  assert.deepEqual(tables[3]!.rows[3], [
    "L1", "", "0.4000", "", "0.9900", "", "0.9900",
  ]);
});

Deno.test("autodiffComparison() has a row for each that the report has", () => {
  const results = new Map(Object.entries(AS_REPORTED));
  const [first, ...rest] = autodiffComparison(NETS, results);
  assert.equal(rest.length, 2 + 2 + 4 + 3);
  assert.deepEqual(first, {
    quantity: "test accuracy, η 0.1 (table 4)",
    reported: "0.5577",
    ours: "0.5600",
    difference: "+0.0023",
  });
});

Deno.test("autodiffTimes() puts table 5's times beside ours", () => {
  const seconds = new Map([["small", 61], ["large", 2.5]]);
  const text = autodiffTimes(NETS, seconds);
  assert.match(text, /^\nTable 5: time to train and evaluate\n/);
  assert.match(text, /\b16\b.* 2 min 39 s .* 1 min 1 s /);
  assert.match(text, /\b1024\b.* 15 s .* 2.5 s /);
  assert.equal(autodiffTimes([net("lr", ["4", "0.1"])], seconds), "");
});

Deno.test("autodiffNumbers() has each net's last epoch", () => {
  const [small, none] = [NETS[0]!, net("gone", ["5", "1024"])];
  const results = new Map([
    ["small", AS_REPORTED.small],
    ["gone", [row(3, NaN, NaN, NaN, NaN)]],
  ]);
  const numbers = autodiffNumbers(
    [small, none],
    results,
    new Map([["small", 61]]),
  );
  assert.deepEqual(numbers, [{
    net: "small",
    diverged: false,
    epoch: 2,
    trainLoss: 0.44,
    validationAccuracy: 0.82,
    testAccuracy: 0.75,
    seconds: 61,
  }, {
    net: "gone",
    diverged: true,
    epoch: 3,
    trainLoss: NaN,
    validationAccuracy: NaN,
    testAccuracy: NaN,
    seconds: 0,
  }]);
});

Deno.test("autodiffNotes() gives standard errors of the accuracies", () => {
  const images = new Uint8Array();
  const split = (count: number) => ({
    images,
    labels: new Int32Array(count),
    count,
  });
  const dataset = { test: split(7500), validation: split(1875) };
  const [note] = autodiffNotes(dataset, 3);
  assert.match(note!, /last epoch, seed 3; .*7500 test and 1875 validation/);
  assert.match(note!, /75 % is 0\.5 and 1\.0 points/); // √(0.1875 / 7500)
});

Deno.test("autodiffFigures() draws the nets that the report's figures show", () => {
  const results = new Map(Object.entries(AS_REPORTED));
  const figures = autodiffFigures(NETS, results);
  // deno-fmt-ignore
  assert.deepEqual(figures.map(({ title }) => title), [
    "Figures 8 and 9: small", "Figure 8: large", "Figure 9: mlp-1",
    "Figure 6: lr-0.1", "Figure 6: lr-0.01", "Figure 6: lr-0.001",
    "Figure 10: mlp-none", "Figure 10: mlp-dropout",
  ]);
  assert.equal(figures[0]!.file, "curves-small.svg");
  assert.equal(autodiffFigureFile(NETS[3]!), undefined);
  const text = figures[0]!.text({ width: 60, color: false });
  for (const what of ["training", "validation"]) {
    assert.match(text, new RegExp(`${what} loss[^]*${what} accuracy`));
  }
});
