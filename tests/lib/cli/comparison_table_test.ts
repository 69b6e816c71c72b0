import { equal, ok, throws } from "node:assert/strict";
import fc from "fast-check";
import {
  comparisonTable,
  markdownTable,
} from "../../../lib/cli/comparison_table.ts";

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

Deno.test("comparisonTable() aligns numbers to the right", () => {
  equal(
    comparisonTable(SHORT),
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

Deno.test("comparisonTable() wraps a long quantity at 80 columns", () => {
  equal(
    comparisonTable([...SHORT, LONG]),
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

Deno.test("comparisonTable() keeps every character within any width, uncoloured", () => {
  const word = fc.stringMatching(/^[a-zA-Z0-9.+−]{0,60}$/);
  const cell = fc.array(word, { maxLength: 8 }).map((words) => words.join(" "));
  const row = fc.record({
    quantity: cell,
    reported: cell,
    ours: cell,
    difference: cell,
  });
  fc.assert(fc.property(
    fc.array(row, { maxLength: 4 }),
    fc.integer({ min: 40, max: 120 }),
    (rows, width) => {
      const table = comparisonTable(rows, width);
      ok(table.split("\n").every((line) => [...line].length <= width));
      ok(!table.includes("\x1b"));
      const count = (text: string) =>
        text.match(/[a-zA-Z0-9.+−]/g)?.length ?? 0;
      const cells = rows.flatMap((one) => Object.values(one)).join("");
      equal(
        count(table),
        count(cells) + "quantityreportedoursdifference".length,
      );
    },
  ));
});

Deno.test("comparisonTable() refuses a width below 40", () => {
  throws(() => comparisonTable(SHORT, 39), RangeError);
});

Deno.test("markdownTable() escapes what Markdown would read as a new cell", () => {
  const row = {
    quantity: "Σ|αᵢ|\nat the end",
    reported: "",
    ours: "1\\2",
    difference: "0",
  };
  equal(
    markdownTable([row]),
    String.raw`
| quantity | reported | ours | difference |
| --- | ---: | ---: | ---: |
| Σ\|αᵢ\| at the end |  | 1\\2 | 0 |
`.trim(),
  );
});
