import assert from "node:assert/strict";
import type { NamedFashionPlan } from "../../../../lib/reports/1_linearization/fashion_plans.ts";
import {
  fashionFigureFiles,
  fashionFigures,
} from "../../../../lib/reports/1_linearization/fashion_alpha_figures.ts";

const plan = (net: string, lambda: number | null): NamedFashionPlan => ({
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

const PLANS = [plan("relu", null), plan("relu-alpha-2", 2)];

const row = (net: string, seed: number, loss: string, alpha = "") => ({
  net,
  seed: `${seed}`,
  loss,
  accuracy: "0.5",
  alpha_1: alpha,
  alpha_2: alpha,
  alpha_3: `-${alpha}`,
});

Deno.test("fashionFigures() draws each net's own steps, and α where it has one", async () => {
  const figures = fashionFigures(PLANS, [
    row("relu", 3, "2.5"),
    row("relu", 4, "9"),
    row("relu", 3, "1.5"),
    row("relu-alpha-2", 3, "7", "0.25"),
    row("relu-alpha-2", 3, "8", "1"),
  ]);
  assert.deepEqual(figures.map(({ file }) => file), [
    "curves-relu-seed-3.svg",
    "curves-relu-alpha-2-seed-3.svg",
    "alpha-relu-alpha-2-seed-3.svg",
  ]);
  assert.deepEqual(
    figures.map(({ file }) => file),
    fashionFigureFiles(PLANS),
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
