import assert from "node:assert/strict";
import {
  BOTH,
  PLAIN,
} from "../../../../lib/reports/4_csi_5138/diagonals/diagonal_images.ts";
import type { Diagonal } from "../../../../lib/reports/4_csi_5138/diagonals/diagonal.ts";
import {
  conditionResults,
  conditionRows,
  detectorClaims,
  detectorComparison,
  netTable,
  peaksTable,
  ruleTable,
} from "../../../../lib/reports/4_csi_5138/diagonal_detector_claims.ts";
import { patternTable } from "../../../../lib/reports/4_csi_5138/diagonals/peak_rule.ts";

const one: Diagonal = { row: 0, column: 0, length: 3, direction: "rising" };

/** Results of images with these peaks; one diagonal and two in turn. */
function resultsOf(condition: string, peaks: number[], net: number[]) {
  const labels = Int32Array.from(peaks, (_, i) => i % 2);
  const images = {
    images: new Uint8Array(),
    labels,
    count: peaks.length,
    diagonals: peaks.map((_, i) => i % 2 === 0 ? [one] : [one, one]),
  };
  const expected = peaks.map((_, i) => ({ mean: 1 + i % 2, one: 0.75 }));
  return conditionResults(
    condition,
    images,
    Int32Array.from(peaks),
    expected,
    { noisy: net },
  );
}

const plain = resultsOf(PLAIN, [1, 2, 1, 2], [0, 1, 1, 1]);
const both = resultsOf(BOTH, [0, 1, 1, 3], [0, 0, 0, 1]);

Deno.test("conditionResults() counts images of each class", () => {
  assert.deepEqual(both, [{
    condition: BOTH,
    label: 0,
    images: 2,
    right: 1,
    expectedRight: 1.5,
    peaks: 0.5,
    expectedPeaks: 1,
    exact: 1,
    empty: 1,
    netsRight: { noisy: 2 },
  }, {
    condition: BOTH,
    label: 1,
    images: 2,
    right: 1,
    expectedRight: 0.5,
    peaks: 2,
    expectedPeaks: 2,
    exact: 0,
    empty: 0,
    netsRight: { noisy: 1 },
  }]);
});

Deno.test("the tables and conditions.csv have the numbers by condition", () => {
  const results = [...plain, ...both];
  assert.deepEqual(ruleTable(results).rows, [
    ["plain", "100.00 %", "75.00 %", "100.00 %", "25.00 %"],
    [BOTH, "50.00 %", "75.00 %", "50.00 %", "25.00 %"],
  ]);
  assert.deepEqual(peaksTable(results).rows[1], [
    BOTH,
    "0.5000",
    "1.0000",
    "2.0000",
    "2.0000",
  ]);
  assert.deepEqual(netTable(results).rows, [
    ["plain", "100.00 %", "75.00 %"],
    [BOTH, "50.00 %", "75.00 %"],
  ]);
  assert.deepEqual(conditionRows(results)[2], {
    condition: BOTH,
    class: 1,
    images: 2,
    rule_accuracy: 0.5,
    expected_accuracy: 0.75,
    peaks: 0.5,
    expected_peaks: 1,
    as_many_peaks_as_diagonals: 1,
    net_noisy_accuracy: 1,
  });
  const table = patternTable([0, 1, 2, 3, 4, 5], {
    noisy: [-0.125, 0, 0, 0, 0, 6],
  });
  assert.deepEqual(table.columns, ["pixels", "rule", "noisy"]);
  assert.deepEqual(table.rows[0], ["one pixel", "0", "−0.13"]);
  assert.deepEqual(table.rows[5], ["three in a row", "5", "6.00"]);
});

Deno.test("detectorComparison() has the plain images' numbers", () => {
  assert.deepEqual(
    detectorComparison([...plain, ...both]).map((row) => Object.values(row)),
    [
      ["peaks an image, class 1", "1", "1.000", "+0.000"],
      ["peaks an image, class 2", "2", "2.000", "+0.000"],
      ["accuracy of the rule", "1 of 1", "100.00 %", ""],
      ["accuracy of net noisy", "—", "75.00 %", ""],
    ],
  );
});

Deno.test("detectorClaims() holds where all images do", () => {
  const verdicts = (...results: Parameters<typeof detectorClaims>) =>
    detectorClaims(...results).map(({ verdict }) => verdict);
  const [held, not] = ["held", "did not hold"];
  assert.deepEqual(verdicts([...plain, ...both], plain), [
    held,
    held,
    held,
    not,
  ]);
  assert.equal(
    detectorClaims([...plain, ...both], plain)[3]!.measured,
    "1 of 4 images; 1 have no peak",
  );
  // three peaks are class 2, but no two diagonals
  const more = resultsOf(PLAIN, [1, 3, 1, 2], [0, 1, 0, 1]);
  const wrong = resultsOf(PLAIN, [1, 1, 1, 2], [0, 1, 0, 1]);
  const right = resultsOf(BOTH, [1, 2], [0, 1]);
  assert.deepEqual(verdicts([...more, ...right], wrong), [
    not,
    held,
    not,
    held,
  ]);
  assert.equal(verdicts([...wrong, ...both], plain)[1], not);
});
