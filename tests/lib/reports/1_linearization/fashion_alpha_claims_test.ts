import assert from "node:assert/strict";
import type {
  FashionPlan,
  NamedFashionPlan,
} from "../../../../lib/reports/1_linearization/fashion_plans.ts";
import {
  fashionClaims,
  fashionComparison,
  fashionFigureFiles,
  fashionFigures,
  fashionNumbers,
  fashionResults,
} from "../../../../lib/reports/1_linearization/fashion_alpha_claims.ts";

const SHARED = {
  architecture: "plain",
  penalty: "l1",
  clampAlpha: false,
  alphaInit: 0.5,
  learningRate: 0.001,
  epochs: 3,
} as const;

function plan(net: string, rest: Partial<FashionPlan>): FashionPlan[] {
  const activation = "relu-alpha" as const;
  return [0, 1].map((seed) => ({
    ...SHARED,
    net,
    activation,
    lambda: 0.5,
    seed,
    ...rest,
  }));
}

const PLANS = [
  ...plan("relu", { activation: "relu", lambda: null }),
  ...plan("linear", { activation: "linear", lambda: null }),
  ...plan("a", { lambda: 0.1 }),
  ...plan("b", { lambda: 2, epochs: 12 }),
  ...plan("free", { penalty: "none" }),
];

/** Accuracy and α of both seeds. */
function rows(activation: string, accuracy: number[], alphas: number[][]) {
  return accuracy.map((test_accuracy, seed) => ({
    activation,
    test_accuracy: `${test_accuracy}`,
    alpha_1: `${alphas[seed]?.[0] ?? ""}`,
    alpha_2: `${alphas[seed]?.[1] ?? ""}`,
    alpha_3: `${alphas[seed]?.[2] ?? ""}`,
  }));
}

const RESULTS = new Map([
  ["relu", rows("relu", [0.90, 0.91], [])],
  ["linear", rows("linear", [0.83, 0.83], [])], // −7 and −8 points
  ["a", rows("relu-alpha", [0.90, 0.90], [[0.6, 1, 0.9], [0.8, 1, 1]])],
  ["b", rows("relu-alpha", [0.83, 0.83], [[0, 0, 0], [0, 0, 0]])],
  ["free", rows("relu-alpha", [0.91, 0.91], [[0.4, 1.02, 0.98], [0.5, 1, 1]])],
]);

Deno.test("fashionComparison() gives mean ± s.d. over the seeds", () => {
  const table = new Map(
    fashionComparison(PLANS, RESULTS).map((row) => [row.quantity, row]),
  );
  // Sample s.d. of −7 and −8: √((0.5² + 0.5²) / 1) = 0.707…
  assert.deepEqual(table.get("linear less relu"), {
    quantity: "linear less relu",
    reported: "−7.50 points",
    ours: "−7.50 ± 0.71 points",
    difference: "+0.00 points",
  });
  assert.equal(table.get("α₁, a")!.ours, "0.700 ± 0.141");
  assert.equal(table.get("α₁, a")!.difference, "in range");
  assert.equal(table.get("α₂, a")!.difference, "+0.000");
  assert.equal(table.get("α₃, a")!.difference, "−0.050");
  assert.equal(table.get("α₁, b")!.difference, "−0.500");
  assert.equal(table.get("a less relu")!.ours, "−0.50 ± 0.71 points");
});

Deno.test("fashionClaims() judges each variant by its own nets", () => {
  const claims = fashionClaims(PLANS, RESULTS);
  const verdicts = (text: string) =>
    claims.filter(({ claim }) => claim.includes(text))
      .map(({ claim, verdict }) => `${claim.split("; ").at(-1)}: ${verdict}`);
  assert.deepEqual(
    claims.filter(({ claim }) => claim.startsWith("7.5 points"))
      .map(({ verdict }) => verdict),
    ["held"],
  );
  assert.deepEqual(verdicts("accuracy as ReLU's"), [
    "loss as written: did not hold",
    "penalty not in the gradient: held",
  ]);
  assert.deepEqual(verdicts("α₂"), [
    "loss as written: did not hold",
    "penalty not in the gradient: held",
  ]);
  assert.deepEqual(verdicts("α₁"), [
    "loss as written: did not hold",
    "penalty not in the gradient: did not hold", // mean 0.45
  ]);
  const [first] = claims.filter(({ claim }) => claim.startsWith("α₃"));
  assert.equal(first!.measured, "λ 0.1: 0.950; λ 2 (12 epochs): 0.000");
});

Deno.test("fashionClaims() counts a difference of its bound as held", () => {
  // In float64, 0.90 − 0.89 > 0.01, and 0.90 − 0.845 < 0.055.
  const verdictsOf = (linear: number, other: number) =>
    fashionClaims(
      PLANS.filter(({ net }) => ["relu", "linear", "a"].includes(net)),
      new Map([
        ["relu", rows("relu", [0.90, 0.90], [])],
        ["linear", rows("linear", [linear, linear], [])],
        ["a", rows("relu-alpha", [other, other], [[0, 0, 0], [0, 0, 0]])],
      ]),
    ).slice(0, 2).map(({ verdict }) => verdict);
  for (const linear of [0.845, 0.805]) {
    for (const other of [0.89, 0.91]) {
      assert.deepEqual(verdictsOf(linear, other), ["held", "held"]);
    }
  }
  const beyond = ["did not hold", "did not hold"];
  assert.deepEqual(verdictsOf(0.8451, 0.8899), beyond);
  assert.deepEqual(verdictsOf(0.8049, 0.9101), beyond);
});

Deno.test("fashionClaims() asks batch-norm-pool for no difference", () => {
  const discarded = PLANS.slice(0, 4).map((plan) => ({
    ...plan,
    architecture: "batch-norm-pool" as const,
  }));
  const resultsOf = (linear: number) =>
    new Map([
      ["relu", rows("relu", [0.90, 0.91], [])],
      ["linear", rows("linear", [linear, linear], [])],
      ["a", rows("relu-alpha", [0.90, 0.90], [[0, 0, 0], [0, 0, 0]])],
    ]);
  const judge = (linear: number) =>
    fashionClaims(discarded, resultsOf(linear)).map(({ verdict }) => verdict);
  assert.deepEqual(judge(0.896), ["held"]);
  assert.deepEqual(judge(0.88), ["did not hold"]);
  const table = fashionComparison(discarded, resultsOf(0.9));
  assert.deepEqual(table.at(-1), {
    quantity: "linear less relu (§3)",
    reported: "+0.00 points",
    ours: "−0.50 ± 0.71 points",
    difference: "−0.50 points",
  });
});

Deno.test("fashionResults() has the last epoch of each net and seed, fashionNumbers() its numbers", () => {
  const row = (net: string, seed: number, epoch: number) => ({
    net,
    activation: "relu",
    lambda: "",
    seed: `${seed}`,
    epoch: `${epoch}`,
  });
  const results = fashionResults([
    row("a", 0, 1),
    row("a", 0, 2),
    row("b", 0, 1),
    row("a", 1, 1),
  ]);
  assert.deepEqual([...results], [
    ["a", [row("a", 0, 2), row("a", 1, 1)]],
    ["b", [row("b", 0, 1)]],
  ]);
  const plans = [
    { net: "a", seed: 0 },
    { net: "b", seed: 0 },
    { net: "a", seed: 1 },
  ];
  assert.deepEqual(fashionNumbers(plans, results), [
    { net: "a", seed: 0, epoch: 2 },
    { net: "b", seed: 0, epoch: 1 },
    { net: "a", seed: 1, epoch: 1 },
  ]);
});

const drawnPlan = (net: string, lambda: number | null): NamedFashionPlan => ({
  net,
  name: `${net}-seed-3`,
  lambda,
  epochs: 1,
  seed: 3,
  architecture: "plain",
  penalty: "l1",
  clampAlpha: false,
  activation: lambda === null ? "relu" : "relu-alpha",
  alphaInit: 0.5,
  learningRate: 0.001,
});

const DRAWN = [drawnPlan("relu", null), drawnPlan("relu-alpha-2", 2)];

const stepRow = (net: string, seed: number, loss: string, alpha = "") => ({
  net,
  seed: `${seed}`,
  loss,
  accuracy: "0.5",
  alpha_1: alpha,
  alpha_2: alpha,
  alpha_3: `-${alpha}`,
});

Deno.test("fashionFigures() draws each net's own steps, and α where it has one", async () => {
  const figures = fashionFigures(DRAWN, [
    stepRow("relu", 3, "2.5"),
    stepRow("relu", 4, "9"),
    stepRow("relu", 3, "1.5"),
    stepRow("relu-alpha-2", 3, "7", "0.25"),
    stepRow("relu-alpha-2", 3, "8", "1"),
  ]);
  assert.deepEqual(figures.map(({ file }) => file), [
    "curves-relu-seed-3.svg",
    "curves-relu-alpha-2-seed-3.svg",
    "alpha-relu-alpha-2-seed-3.svg",
  ]);
  assert.deepEqual(
    figures.map(({ file }) => file),
    fashionFigureFiles(DRAWN),
  );
  const [curves, , alphas] = await Promise.all(
    figures.map(async (figure) => String(await figure.picture())),
  );
  assert.match(curves!, /step: 1; [^"]*: 2\.5; series: loss"/);
  assert.match(curves!, /step: 2; [^"]*: 1\.5; series: loss"/);
  assert.doesNotMatch(curves!, /step: 3;/);
  assert.match(alphas!, /step: 1; α: 0\.25; series: α₂"/);
  assert.match(alphas!, /step: 2; α: .1; series: α₃"/);
});
