import assert from "node:assert/strict";
import {
  ALPHA_SWEEP_FIGURES,
  alphaSweepFigures,
} from "../../../../lib/reports/2_alpha_sweep/alpha_sweep_figures.ts";
import { net, NETS, REPORTED } from "./fake_nets.ts";

Deno.test("alphaSweepFigures() draws the report's four, on the report's λ", async () => {
  const figures = alphaSweepFigures(NETS, REPORTED, 10);
  assert.deepEqual(figures.map(({ file }) => file), ALPHA_SWEEP_FIGURES);
  const texts = figures.map((figure) =>
    figure.text({ width: 80, color: false })
  );
  for (const line of texts.join("\n").split("\n")) {
    assert.ok([...line].length <= 80, line);
  }
  // Vega names each point by its numbers.
  const [zeros, ...trajectories] = await Promise.all(
    figures.slice(0, 4).map((figure) => figure.picture() as Promise<string>),
  );
  const hasPoint = (series: string, lambda: number, percent: string) =>
    zeros!.includes(
      `"λ: ${lambda}; % of final α at most 0.05: ${percent}; series: ${series}"`,
    );
  for (const [lambda, percents] of REPORTED) {
    percents.forEach((percent, i) => {
      assert.ok(hasPoint(`reported ${i}`, lambda, `${percent}`), `${lambda}`);
    });
  }
  assert.ok(hasPoint("subset 0", 0, "16.6666666667"));
  assert.ok(hasPoint("subset 1", 0, "33.3333333333"));
  assert.ok(hasPoint("subset 1", 0.05, "83.3333333333"));
  assert.ok(!zeros!.includes("subset 2"));
  // The nearest λ to 0.02 is 0; runs 0 and 1 of subset 0 end at 1 and 0.96.
  assert.match(texts[1]!, /^α₁ of the runs at λ = 0, subset 0$/m);
  assert.match(trajectories[0]!, /"epoch: 10; α₁: 1; series: run 0"/);
  assert.match(trajectories[0]!, /"epoch: 10; α₁: 0.9[56]\d*; series: run 1"/);
  assert.match(trajectories[0]!, /"epoch: 5; α₁: 0.75; series: run 0"/);
  assert.match(trajectories[2]!, /"epoch: 10; α₃: 0.0[45]\d*; series: run 0"/);
});

Deno.test("alphaSweepFigures() puts λ that the report has not got in their place", async () => {
  const nets = [
    net(0, 0.0025, 0, [0, 1, 1]),
    net(0, 0.0125, 0, [0, 0, 1]),
  ];
  const [zeros] = alphaSweepFigures(nets, REPORTED, 10);
  const svg = await zeros!.picture() as string;
  const pointsOf = (series: string) =>
    [...svg.matchAll(/"λ: ([\d.]+); [^;]*: ([\d.]+); series: ([^"]*)"/g)]
      .filter(([, , , name]) => name === series)
      .map((
        [, lambda, percent],
      ) => [Number(lambda), Math.round(Number(percent))]);
  // A line from 33 % to 67 %, and nothing where there is no net.
  const ours = new Map(pointsOf("subset 0").map(([x, y]) => [x, y]));
  assert.deepEqual([...ours], [
    [0.0025, 33],
    [0.005, 42],
    [0.0075, 50],
    [0.01, 58],
    [0.0125, 67],
  ]);
  const theirs = new Map(pointsOf("reported 0").map(([x, y]) => [x, y]));
  assert.equal(theirs.get(0.005), 33);
  assert.equal(theirs.get(0.0075), 45); // 33 and 56
  assert.equal(theirs.get(0.05), 100);
});

Deno.test("alphaSweepFigures() shows a net whose λ lies between the chart's places", () => {
  for (const lambda of [0.0123, 5, 7.77]) {
    const [zeros] = alphaSweepFigures(
      [net(0, lambda, 0, [0, 1, 1])],
      REPORTED,
      10,
    );
    const [, legend] = zeros!.text({ width: 80, color: false }).split("\n");
    assert.match(legend!, /^─●─ subset 0 {3}╌/, `${lambda}`);
  }
});

Deno.test("alphaSweepFigures() draws nothing where no net trained", () => {
  assert.deepEqual(alphaSweepFigures([], REPORTED, 10), []);
});
