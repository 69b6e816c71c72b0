import assert from "node:assert/strict";
import { svmClaims } from "../../../../lib/reports/5_cs_587/cifar_svm_claims.ts";
import {
  accuracyText,
  chooseSvms,
  combinationText,
  powerText,
  svmComparison,
  svmNotes,
  type SvmResults,
  svmTables,
} from "../../../../lib/reports/5_cs_587/cifar_svm_results.ts";
import { SVM_COMBINATIONS } from "../../../../lib/reports/5_cs_587/reported.ts";
import { DATASET, result, results } from "./example_results.ts";

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

Deno.test("chooseSvms() says which classifier is what, and takes the best on validation images", () => {
  const counts = { train: 49_000, validation: 1_000, test: 10_000 };
  const dataset = (sizes: Partial<typeof counts> = {}) => ({
    ...DATASET,
    ...Object.fromEntries(
      Object.entries({ ...counts, ...sizes })
        .map(([split, count]) => [split, { count }]),
    ),
  } as Parameters<typeof chooseSvms>[2]);
  const [first, other] = [result(1), result(3, { hinge: "max" })];
  const eight = SVM_COMBINATIONS.map((_, i) =>
    result(i, { hinge: "sum", validation: i === 0 ? null : 0.2 + i % 6 / 100 })
  );
  const settings = { hinge: "sum", search: null } as const;
  const tuned = chooseSvms(
    [first, other, ...eight],
    { ...settings, tune: true },
    dataset(),
  );
  assert.equal(tuned.first, first);
  assert.deepEqual(tuned.best, { max: other, sum: eight[3] });
  assert.equal(tuned.final, eight[5]);
  assert.deepEqual(tuned.tuned, eight);
  assert.ok(tuned.comparable);
  const alone = chooseSvms(
    [first, other, eight[0]!],
    { ...settings, tune: false },
    dataset({ train: 19_000 }),
  );
  assert.deepEqual(alone.best, { max: other, sum: eight[0] });
  assert.equal(alone.final, eight[0], "the only one, though it diverged");
  assert.equal(alone.tuned, null);
  assert.ok(!alone.comparable);
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
