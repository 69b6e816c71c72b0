import assert from "node:assert/strict";
import { decodePng } from "../../../../lib/images/png.ts";
import {
  accuracyText,
  combinationText,
  powerText,
  SVM_COMBINATIONS,
  svmComparison,
  svmNotes,
  type SvmResults,
  svmTables,
} from "../../../../lib/reports/5_cs_587/cifar_svm_tables.ts";
import { svmClaims } from "../../../../lib/reports/5_cs_587/cifar_svm_claims.ts";
import {
  SVM_FIGURES,
  svmFigures,
} from "../../../../lib/reports/5_cs_587/cifar_svm_figures.ts";
import type { SvmResult } from "../../../../lib/reports/5_cs_587/train_svms.ts";

/** 4×4 RGB images of these classes. */
const NAMES = ["airplane", "automobile", "deer", "frog", "ship"];
const DATASET = {
  name: "cifar-10",
  height: 4,
  width: 4,
  channels: 3,
  numClasses: 5,
  classNames: NAMES,
} as unknown as Parameters<typeof svmFigures>[1];

/** A classifier whose class k has its largest weights in `channels[k]`. */
function result(
  combination: number,
  options: {
    validation?: number | null;
    train?: number;
    losses?: number[];
    hinge?: "max" | "sum";
    channels?: number[];
  } = {},
): SvmResult {
  const { validation = 0.3, train = 0.31, losses = [9, 2, 1.5, 1] } = options;
  const { hinge = "max", channels = [2, 0, 1, 1, 2] } = options;
  const weights = new Float32Array(48 * 5).map((_, i) => {
    const [pixel, k] = [Math.floor(i / 5), i % 5];
    return pixel % 3 === channels[k] ? 0.5 : -0.25 - pixel / 1000;
  });
  const diverged = validation === null;
  return {
    plan: { ...SVM_COMBINATIONS[combination]!, hinge, name: `c${combination}` },
    epochs: 6,
    parameters: diverged ? null : { weights, bias: new Float32Array(5) },
    fit: { step: 40 } as SvmResult["fit"],
    curve: losses.map((validationLoss, i) => ({
      step: 100 * i,
      validationLoss,
      trainLoss: i === 0 ? null : validationLoss,
    })),
    trainAccuracy: diverged ? null : train,
    validationAccuracy: validation,
  };
}

function results(changes: Partial<SvmResults> = {}): SvmResults {
  const best = {
    max: result(3, { validation: 0.315, train: 0.332 }),
    sum: result(3, { validation: 0.384, train: 0.383, hinge: "sum" }),
  };
  return {
    best,
    first: result(1),
    final: best.max,
    hinge: "max",
    tuned: null,
    search: null,
    comparable: true,
    tests: new Map([
      [best.max, [[1, 3], [1, 1]]],
      [best.sum, [[2, 2], [1, 1]]],
    ]),
    ...changes,
  };
}

const verdicts = (results: SvmResults, dataset = DATASET) =>
  svmClaims(results, dataset).map(({ verdict }) => verdict);

Deno.test("svmComparison() has the report's best combination with both hinges", () => {
  const rows = svmComparison(results());
  assert.deepEqual(
    rows.map(({ reported, ours, difference }) => [reported, ours, difference]),
    [
      ["38.0 %", "33.2 %", "−4.8 points"],
      ["39.2 %", "31.5 %", "−7.7 points"],
      ["37.3 %", "33.3 %", "−4.0 points"],
      ["38.0 %", "38.3 %", "+0.3 points"],
      ["39.2 %", "38.4 %", "−0.8 points"],
      ["37.3 %", "50.0 %", "+12.7 points"],
    ],
  );
  assert.match(rows[0]!.quantity, /training accuracy, max/);
  const sum = svmComparison(results({ hinge: "sum" }));
  assert.match(sum[0]!.quantity, /training accuracy, sum/);
  const others = svmComparison(results({ comparable: false }));
  assert.ok(others.every(({ difference }) => difference === ""));
  const gone = result(3, { validation: null });
  const [tuned, winner] = [result(1, { validation: 0.4 }), result(2)];
  const more = svmComparison(results({
    tuned: [tuned],
    final: tuned,
    search: { rungs: [], winner },
    tests: new Map([[tuned, [[1, 0], [0, 0]]], [winner, [[0, 1], [0, 0]]]]),
  }));
  assert.deepEqual(
    more.slice(6).map(({ quantity, ours }) => [quantity, ours]),
    [
      ["validation accuracy, best of the eight", "40.0 %"],
      ["test accuracy, best of the eight", "100.0 %"],
      ["validation accuracy, search", "30.0 %"],
      ["test accuracy, search", "0.0 %"],
    ],
  );
  const [row] = svmComparison(
    results({ best: { max: gone, sum: gone } }),
  );
  assert.deepEqual([row!.ours, row!.difference], ["diverged", ""]);
});

Deno.test("svmTables() show the eight combinations, one that diverged too", () => {
  const tuned = SVM_COMBINATIONS.map((_, i) =>
    result(i, { validation: i === 7 ? null : 0.2 + i / 100 })
  );
  const [table, ...none] = svmTables(results({ tuned }));
  assert.deepEqual(none, []);
  // deno-fmt-ignore
  assert.deepEqual(table!.rows[3], [
    "4", "3e-7", "1e4", "L2", "400", "31.0 %", "23.0 %",
  ]);
  assert.deepEqual(table!.rows[7]!.slice(5), ["diverged", "diverged"]);
  assert.equal(table!.rows.length, 8);
  assert.deepEqual(svmTables(results()), []);
});

Deno.test("svmTables() show the search's rungs with the best of each", () => {
  const plans = [0, 1, 2].map((i) => ({
    ...result(3).plan,
    name: `search-${i + 1}`,
    learningRate: (i + 1) * 1e-7,
  }));
  const entry = (i: number, score: number) => ({
    candidate: plans[i]!,
    score,
  });
  const rungs = [
    { index: 0, entries: [entry(0, 0.2), entry(1, NaN), entry(2, 0.3)] },
    { index: 1, entries: [entry(2, 0.4)] },
  ];
  const winner = result(3, { validation: 0.4 });
  const [table] = svmTables(results({ search: { rungs, winner } }));
  assert.deepEqual(table!.rows, [
    ["1", "3", "1", "3e-7", "1e4", "30.0 %"],
    ["3", "1", "0", "3e-7", "1e4", "40.0 %"],
  ]);
  const last = (changes: Partial<SvmResults>) =>
    svmClaims(results(changes), DATASET).at(-1)!;
  assert.equal(last({ search: { rungs, winner } }).verdict, "held");
  const same = result(3, { validation: 0.392 });
  assert.equal(
    last({ search: { rungs, winner: same } }).verdict,
    "did not hold",
  );
  const part = last({ search: { rungs, winner }, comparable: false });
  assert.equal(part.verdict, "could not be tested");
  assert.match(part.measured, /40\.0 % after 6 epochs.*needs all of CIFAR-10/);
  assert.match(
    last({ search: { rungs, winner: null } }).measured,
    /all candidates diverged/,
  );
});

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

Deno.test("svmFigures() are the two curves and each class's weights", async () => {
  const figures = svmFigures(results(), DATASET, "ascii");
  assert.deepEqual(figures.map(({ file }) => file), [...SVM_FIGURES]);
  assert.match(figures[2]!.title, /airplane, automobile, deer, frog, ship$/);
  const text = figures[0]!.text({ width: 80, color: false });
  assert.match(text, /training .* validation/);
  // There is no training loss at step 0; one of 0 would stretch the axis.
  const high = result(1, { losses: [109, 102, 101, 100] });
  const [axis] = svmFigures(results({ first: high }), DATASET, "ascii");
  assert.doesNotMatch(axis!.text({ width: 80, color: false }), /^ *\d?\d ┤/m);
  const png = await figures[2]!.picture();
  const picture = decodePng(png as Uint8Array, "templates.png");
  // Tiles of 4 pixels, each 4 of the PNG, 4 apart: blue, red, 2 green, blue.
  const first = NAMES.map((_, tile) => {
    const at = 3 * (4 * picture.width + 4 + tile * 20);
    return [...picture.data.subarray(at, at + 3)].map((value) => value === 255);
  });
  assert.deepEqual(
    first,
    [[0, 0, 1], [1, 0, 0], [0, 1, 0], [0, 1, 0], [0, 0, 1]]
      .map((row) => row.map(Boolean)),
  );
  const gone = result(3, { validation: null, losses: [9] });
  const without = svmFigures(results({ final: gone }), DATASET, "ascii");
  assert.equal(without.length, 2);
  assert.match(without[1]!.text({ width: 80, color: false }), /Figure 3/);
});

Deno.test("svmNotes() name the data, their remarks, the settings and the accuracies' errors", () => {
  const split = (count: number) => ({ count });
  const dataset = {
    ...DATASET,
    remarks: ["half of it"],
    train: split(19_000),
    validation: split(1_000),
    test: split(10_000),
  } as unknown as Parameters<typeof svmNotes>[1];
  const notes = svmNotes(results({ comparable: false }), dataset);
  assert.match(notes[0]!, /ours of 19000 training images of cifar-10;/);
  assert.equal(notes[1], "half of it.");
  // √(0.38 · 0.62 / 1,000) = 0.01535 and √(0.38 · 0.62 / 10,000) = 0.00485.
  assert.match(
    notes.at(-1)!,
    /is c3: lr 3e-7, λ 1e4, L2, batch 400\. .* is 1\.5 and 0\.5 points/,
  );
  const all = svmNotes(results(), dataset);
  assert.deepEqual(all, notes.slice(1));
});

Deno.test("accuracyText(), powerText() and combinationText() read as in the report", () => {
  assert.equal(accuracyText(0.3802), "38.0 %");
  assert.equal(accuracyText(null), "diverged");
  assert.deepEqual([1.29, 36, 1760, 1e-6].map(powerText), [
    "1.29",
    "36",
    "1.76e3",
    "1e-6",
  ]);
  assert.equal(
    combinationText(SVM_COMBINATIONS[3]!),
    "lr 3e-7, λ 1e4, L2, batch 400",
  );
});
