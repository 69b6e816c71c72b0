import { deepEqual, equal } from "node:assert/strict";
import { niceSteps, tickText } from "../../../lib/charts/nice_step.ts";

Deno.test("niceSteps() are 1, 2, 2.5 and 5 times powers of ten", () => {
  deepEqual(
    niceSteps(0.03, 2).map(({ step }) => step),
    [0.01, 0.02, 0.025, 0.05, 0.1, 0.2, 0.25, 0.5],
  );
});

const CASES: readonly [
  multiple: number,
  step: number,
  digit: number,
  text: string,
][] = [
  [3, 0.25, -2, "0.75"],
  [4, 0.25, -2, "1.00"],
  [0, 0.25, -2, "0.00"],
  [-2, 10, 1, "−20"],
  [3, 0.1, -1, "0.3"], // 3 · 0.1 is 0.30000000000000004
  [123457, 10000, 4, "1.23457e+9"],
  [15, 1e-11, -11, "1.5e−10"],
  [0, 1e-11, -11, "0"],
];

for (const [multiple, step, lastDigit, text] of CASES) {
  Deno.test(`tickText() of ${multiple} times ${step} is ${text}`, () => {
    equal(tickText(multiple, { step, lastDigit }), text);
  });
}
