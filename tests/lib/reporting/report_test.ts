import { equal } from "node:assert/strict";
import {
  besideReported,
  comparisonCells,
  datasetNotes,
  seedsText,
} from "../../../lib/reporting/report.ts";
import { textTable } from "../../../lib/reporting/text_table.ts";
import assert from "node:assert/strict";

const SHORT = [
  {
    quantity: "ReLU, test accuracy after epoch 3",
    reported: "0.90",
    ours: "0.9012",
    difference: "+0.0012",
  },
  {
    quantity: "ReLU_α, α₁",
    reported: "—",
    ours: "0.56",
    difference: "",
  },
];
const LONG = {
  quantity:
    "ReLU_α, λ = 0.5, α₂ after the last step, with the penalty in the gradient",
  reported: "1 (at every λ)",
  ours: "0.0003 ± 0.0001",
  difference: "−0.9997",
};

Deno.test("comparisonCells() aligns numbers to the right", () => {
  equal(
    textTable(comparisonCells(SHORT)),
    `
┌───────────────────────────────────┬──────────┬────────┬────────────┐
│ quantity                          │ reported │   ours │ difference │
├───────────────────────────────────┼──────────┼────────┼────────────┤
│ ReLU, test accuracy after epoch 3 │     0.90 │ 0.9012 │    +0.0012 │
│ ReLU_α, α₁                        │        — │   0.56 │            │
└───────────────────────────────────┴──────────┴────────┴────────────┘
`.trim(),
  );
});

Deno.test("textTable() wraps a long quantity at 80 columns", () => {
  equal(
    textTable(comparisonCells([...SHORT, LONG])),
    `
┌──────────────────────────────┬────────────────┬─────────────────┬────────────┐
│ quantity                     │       reported │            ours │ difference │
├──────────────────────────────┼────────────────┼─────────────────┼────────────┤
│ ReLU, test accuracy after    │           0.90 │          0.9012 │    +0.0012 │
│ epoch 3                      │                │                 │            │
├──────────────────────────────┼────────────────┼─────────────────┼────────────┤
│ ReLU_α, α₁                   │              — │            0.56 │            │
├──────────────────────────────┼────────────────┼─────────────────┼────────────┤
│ ReLU_α, λ = 0.5, α₂ after    │ 1 (at every λ) │ 0.0003 ± 0.0001 │    −0.9997 │
│ the last step, with the      │                │                 │            │
│ penalty in the gradient      │                │                 │            │
└──────────────────────────────┴────────────────┴─────────────────┴────────────┘
`.trim(),
  );
});

const ROWS = [
  { quantity: "accuracy", reported: "90 %", ours: "91 %", difference: "+1" },
];

Deno.test("besideReported() gives differences on the report's data only", () => {
  assert.deepEqual(besideReported(ROWS, { name: "mnist" }, "mnist"), ROWS);
  assert.deepEqual(besideReported(ROWS, { name: "octmnist" }, "mnist"), [
    { ...ROWS[0], difference: "" },
  ]);
});

Deno.test("datasetNotes() names another data set, and repeats the remarks", () => {
  const remarks = ["Half of it is there"];
  assert.deepEqual(datasetNotes({ name: "mnist", remarks }, "mnist"), [
    "Half of it is there.",
  ]);
  assert.deepEqual(
    datasetNotes({ name: "octmnist", remarks: [] }, "mnist"),
    [
      "The reported numbers are mnist's, ours octmnist's: there is no difference to give, and the claims are put to ours unless they say what they need.",
    ],
  );
});

Deno.test("seedsText() says of which seeds numbers and figures are", () => {
  equal(seedsText({ seed: 4, seeds: 1 }), "seed 4");
  equal(
    seedsText({ seed: 4, seeds: 3 }),
    "mean ± standard deviation over 3 seeds; the figures are seed 4's",
  );
});
