import assert from "node:assert/strict";
import {
  type Hinge,
  hingeLoss,
} from "../../../../lib/reports/5_cs_587/hinge_loss.ts";
import { createRandom } from "../../../../lib/base/random.ts";
import { assertValuesClose } from "../../../assert_all_close.ts";
import { centralDifferences } from "../../../reference/central_differences.ts";

/** By hand with the formulas of §1.2 and §2.1; 1 + s_j − s_y in comments. */
const CASES: [string, number[], number, Hinge, number, number[]][] = [
  // [·, 2, 1.5]
  ["the worst class", [0, 1, 0.5], 0, "max", 2, [-1, 1, 0]],
  ["all classes", [0, 1, 0.5], 0, "sum", 3.5, [-2, 1, 1]],
  // [0.5, 3, ·, 3]: equal ones
  ["the first of equal ones", [0, 2.5, 0.5, 2.5], 2, "max", 3, [0, 1, -1, 0]],
  ["each of equal ones", [0, 2.5, 0.5, 2.5], 2, "sum", 6.5, [1, 1, -3, 1]],
  // [·, 0, −1]
  ["the margin's edge", [1, 0, -1], 0, "max", 0, [0, 0, 0]],
  ["the margin's edge", [1, 0, -1], 0, "sum", 0, [0, 0, 0]],
  // [·, 2^-52, 0]: a rounding beyond the edge
  ["just inside", [1, 2 ** -52, 0], 0, "max", 2 ** -52, [-1, 1, 0]],
  ["just inside", [1, 2 ** -52, 0], 0, "sum", 2 ** -52, [-1, 1, 0]],
  // all 1: the start, with W = 0
  ["equal scores", [0, 0, 0], 1, "max", 1, [1, -1, 0]],
  ["equal scores", [0, 0, 0], 1, "sum", 2, [1, -2, 1]],
  ["one class", [7], 0, "max", 0, [0]],
];

for (const [what, scores, label, hinge, loss, gradient] of CASES) {
  Deno.test(`hingeLoss() counts ${what} (${hinge}, ${scores})`, () => {
    const result = hingeLoss(scores, label, hinge);
    assert.equal(result.loss, loss);
    assert.deepEqual([...result.ds], gradient);
  });
}

Deno.test("hingeLoss() has the gradient that differences have, away from ties and edges", () => {
  const random = createRandom(3);
  for (const hinge of ["max", "sum"] as const) {
    let tried = 0;
    while (tried < 20) {
      const scores = new Float64Array(6).map(() => random.normal());
      const label = random.uniformInt(6);
      const violations = [...scores].filter((_, j) => j !== label)
        .map((score) => 1 + score - scores[label]!).toSorted((a, b) => b - a);
      const kinks = [violations[0]! - violations[1]!, ...violations];
      if (kinks.some((distance) => Math.abs(distance) < 0.01)) continue;
      tried++;
      assertValuesClose(
        centralDifferences(
          (s) => hingeLoss(s, label, hinge).loss,
          scores,
          1e-4,
        ),
        hingeLoss(scores, label, hinge).ds,
        { rtol: 0, atol: 1e-10 }, // the loss is linear between its kinks
      );
    }
  }
});

Deno.test("hingeLoss() takes a million classes", () => {
  const s = Float64Array.from({ length: 1_000_000 }, (_, j) => j);
  assert.equal(hingeLoss(s, 0, "max").loss, 1_000_000);
});
