import assert from "node:assert/strict";
import { svmClaims } from "../../../../lib/reports/5_cs_587/cifar_svm_claims.ts";
import type { SvmResults } from "../../../../lib/reports/5_cs_587/cifar_svm_results.ts";
import { SVM_COMBINATIONS } from "../../../../lib/reports/5_cs_587/reported.ts";
import { DATASET, result, results } from "./example_results.ts";

const verdicts = (results: SvmResults, dataset = DATASET) =>
  svmClaims(results, dataset).map(({ verdict }) => verdict);

Deno.test("svmClaims() judge figures 2 and 3, the best combination, overfitting and the colours", () => {
  const [held, not, open] = ["held", "did not hold", "could not be tested"];
  const colours = [held, held, held, held, held, open];
  const tuned = SVM_COMBINATIONS.map((_, i) => result(i));
  assert.deepEqual(
    verdicts(results({ tuned, final: tuned[3] })),
    // 9 to 2 of 9 to 1 is 87.5 %.
    [not, held, not, held, ...colours],
  );
  const steep = result(1, { losses: [9, 1.5, 1.4, 1] });
  assert.deepEqual(
    verdicts(results({ tuned, final: tuned[1], first: steep })),
    [held, not, not, held, ...colours],
  );
  const overfitted = result(3, {
    train: 0.34,
    validation: 0.3,
    channels: [0, 0, 0, 0, 0],
    losses: [9, 1.5, 1.4, 1],
  });
  assert.deepEqual(
    verdicts(results({ final: overfitted })),
    [not, open, held, not, not, held, not, not, not, open],
  );
  const short = result(1, { losses: [9, 1, 1] });
  assert.equal(verdicts(results({ first: short }))[0], open);
  const rising = result(1, { losses: [1, 2, 3, 4] });
  const edge = result(3, {
    losses: [11, 2, 1.5, 1],
    train: 0.03,
    validation: 0,
  });
  assert.deepEqual(
    verdicts(results({ first: edge, final: edge })),
    [held, open, held, held, ...colours],
  );
  const gone = result(3, { validation: null, losses: [1] });
  for (
    const [first, measured] of [
      [rising, "0.0 %: 1.00 at step 0, 2.00 at step 100, 4.00 at step 300"],
      [gone, "diverged"],
    ] as const
  ) {
    const [claim] = svmClaims(results({ first }), DATASET);
    assert.deepEqual([claim!.verdict, claim!.measured], [not, measured]);
  }
  assert.deepEqual(
    verdicts(results({ final: gone })).slice(1),
    [open, not, open, open, open, open, open, open, open],
  );
  for (const final of [overfitted, result(3)]) {
    const part = svmClaims(results({ final, comparable: false }), DATASET)[3]!;
    assert.equal(part.verdict, open);
    assert.match(part.measured, /^training .* %; needs all of CIFAR-10$/);
  }
  const colour = svmClaims(results({ final: gone }), DATASET).at(-2)!;
  assert.equal(colour.measured, "diverged");
  const clothes = { ...DATASET, classNames: ["shirt", "coat", "bag", "boot"] };
  assert.deepEqual(
    verdicts(results(), clothes).slice(4),
    [open, open, open, open, open, open],
  );
});

Deno.test("svmClaims() look for the car's and the frog's colours in the centre", () => {
  const final = result(3, { channels: [2, 1, 1, 0, 2] });
  // Only the inner 2×2 pixels in the colours that the report sees.
  for (const [k, channel] of [[1, 0], [3, 1]] as const) {
    for (const pixel of [5, 6, 9, 10]) {
      for (let c = 0; c < 3; c++) {
        final.parameters!.weights[(3 * pixel + c) * 5 + k] = c === channel
          ? 0.01
          : -0.01;
      }
    }
  }
  assert.deepEqual(
    verdicts(results({ final })).slice(4),
    [...Array(5).fill("held"), "could not be tested"],
  );
});
