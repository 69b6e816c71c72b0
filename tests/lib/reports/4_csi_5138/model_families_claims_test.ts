import assert from "node:assert/strict";
import { createRandom } from "../../../../lib/base/random.ts";
import { matrixOf } from "../../../../lib/matrices/matrix.ts";
import { checkFamilies } from "../../../../lib/reports/4_csi_5138/families/check_families.ts";
import {
  drawColumns,
  drawZeroFactors,
} from "../../../../lib/reports/4_csi_5138/families/draw_problem.ts";
import {
  type Descent,
  DIRECT,
  FACTORED,
  trainFamily,
} from "../../../../lib/reports/4_csi_5138/families/train_family.ts";
import {
  familiesClaims,
  familiesComparison,
  innerTable,
  type ShapeResult,
} from "../../../../lib/reports/4_csi_5138/model_families_claims.ts";
import {
  lossFigure,
  pathFigure,
} from "../../../../lib/reports/4_csi_5138/model_families_figures.ts";

function shapeOf(classes: number, inputs: number): ShapeResult {
  const random = createRandom(0);
  const data = drawColumns({ classes, inputs, count: 60 }, random);
  const options = { learningRate: 0.3, tolerance: 1e-7, maxSteps: 20_000 };
  const zeros = matrixOf(classes, inputs, () => 0);
  return {
    classes,
    inputs,
    direct: trainFamily(DIRECT, zeros, data, options),
    factored: Array.from({ length: classes }, (_, i) => {
      const sizes = { classes, inputs, inner: i + 1 };
      const factors = drawZeroFactors(sizes, random);
      return {
        inner: i + 1,
        check: checkFamilies(sizes, 5, random),
        descent: trainFamily(FACTORED, factors, data, options),
      };
    }),
  };
}

const WIDE = shapeOf(3, 3);
const TALL = shapeOf(4, 2);
const verdicts = (...shapes: ShapeResult[]) =>
  familiesClaims(shapes).map(({ verdict }) => verdict);
const raised = (descent: Descent): Descent => ({
  ...descent,
  losses: [...descent.losses, descent.losses.at(-1)! + 0.01],
});

Deno.test("familiesClaims() finds the families equal down to min(K − 1, m)", () => {
  const [held, not] = ["held", "did not hold"];
  assert.deepEqual(verdicts(WIDE, TALL), [held, held, held, held, not, held]);
  const measured = familiesClaims([WIDE, TALL]).map((one) => one.measured);
  assert.equal(
    measured[4],
    "the loss of W still for K = 3, m = 3, r = 2; K = 4, m = 2, r = 2; K = 4, m = 2, r = 3",
  );
  assert.match(
    measured[5]!,
    /^above the loss of W: K = 3, m = 3, r = 1: 0\.\d{4}; K = 4, m = 2, r = 1: 0\.\d{4}$/,
  );
  assert.equal(verdicts(WIDE)[3], "could not be tested");
});

Deno.test("familiesClaims() reports descents that end apart and factors that fail", () => {
  const last = TALL.factored.at(-1)!;
  const withLast = (one: Partial<typeof last>) => ({
    ...TALL,
    factored: [...TALL.factored.slice(0, -1), { ...last, ...one }],
  });
  const apart = withLast({ descent: raised(last.descent) });
  assert.deepEqual(
    verdicts(apart).slice(0, 4),
    ["held", "held", "did not hold", "did not hold"],
  );
  const wrong = (check: object) =>
    verdicts(withLast({ check: { ...last.check, ...check } })).slice(0, 2);
  assert.deepEqual(wrong({ toFactored: 1e-6 }), ["did not hold", "held"]);
  assert.deepEqual(wrong({ toDirect: 1e-6 }), ["held", "did not hold"]);
  assert.equal(familiesComparison([apart])[2]!.difference, "1.0e−2");
  const check = { ...last.check, toFactored: 1e-6, toDirect: 1e-5 };
  assert.deepEqual(
    familiesComparison([withLast({ check })]).map((row) => row.difference),
    ["1.0e−6", "1.0e−5", "none"],
  );
});

Deno.test("familiesClaims() would see a small r that ends at W's loss", () => {
  const [first, ...rest] = TALL.factored;
  const same = { ...first!, descent: TALL.direct };
  assert.deepEqual(
    verdicts({ ...TALL, factored: [same, ...rest] }).slice(4),
    ["did not hold", "did not hold"],
  );
  const all = TALL.factored.slice(0, -1)
    .map((one) => ({ ...one, descent: raised(one.descent) }));
  assert.deepEqual(
    verdicts({ ...TALL, factored: [...all, TALL.factored.at(-1)!] }).slice(4),
    ["held", "held"],
  );
});

Deno.test("innerTable() has the ranks and the losses of each inner dimension", () => {
  const { title, rows } = innerTable(TALL);
  assert.match(title, /^K = 4, m = 2: /);
  assert.deepEqual(rows.map(([model, built, rank]) => [model, built, rank]), [
    ["W", "—", "2"],
    ["r = 1", "rank 1 of 2", "1"],
    ["r = 2", "off by 0", "2"],
    ["r = 3", "off by 0", "2"],
    ["r = 4", "off by 0", "2"],
  ]);
  const losses = rows.map((row) => row[3]);
  assert.equal(new Set([losses[0], ...losses.slice(2)]).size, 1);
  assert.notEqual(losses[1], losses[0]);
  // rank 1, and in another direction what a descent leaves over
  const product = matrixOf(
    4,
    2,
    (k, i) => k === 3 ? 1 : k === 0 ? 1e-8 * i : 0,
  );
  const direct = { ...TALL.direct, product };
  const [leftover] = innerTable({ ...TALL, direct }).rows;
  assert.equal(leftover![2], "1");
});

Deno.test("lossFigure() and pathFigure() show W, r = K, and both sides of the bound", () => {
  for (const figure of [lossFigure("a.svg", TALL), pathFigure("b.svg", TALL)]) {
    const text = figure.text({ width: 80, color: false });
    assert.match(text, /W .*r = 4 .*r = 2 .*r = 1/);
    assert.ok(!text.includes("r = 3"));
  }
});

Deno.test("pathFigure() ends where the descent does, lossFigure() at rounding", async () => {
  const descent = {
    ...TALL.direct,
    losses: [2, 1.5, 1 + 1e-15, 1],
    path: [0, 0.1, 0.2, 0.7].map((x): [number, number] => [x, -x]),
  };
  const shape = { ...TALL, direct: descent, factored: [] };
  const path = await pathFigure("b.svg", shape).text({
    width: 80,
    color: false,
  });
  assert.match(path, /0\.7/);
  const loss = lossFigure("a.svg", shape).text({ width: 80, color: false });
  assert.doesNotMatch(loss, /-1\d/);
});
