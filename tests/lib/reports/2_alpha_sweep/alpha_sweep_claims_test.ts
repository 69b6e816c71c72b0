import assert from "node:assert/strict";
import {
  alphaSweepClaims,
  alphaSweepComparison,
  netsByLambda,
  reportedZeros,
} from "../../../../lib/reports/2_alpha_sweep/alpha_sweep_claims.ts";
import {
  ALPHA_SWEEP_FIGURES,
  alphaSweepFigures,
} from "../../../../lib/reports/2_alpha_sweep/alpha_sweep_figures.ts";
import { alphaSweepTables } from "../../../../lib/reports/2_alpha_sweep/alpha_sweep_tables.ts";
import {
  type AlphaNet,
  alphaNet,
} from "../../../../lib/reports/2_alpha_sweep/alpha_net.ts";
import { percentAtZero } from "../../../../lib/reports/2_alpha_sweep/percent_at_zero.ts";
import { readCsvLog } from "../../../../lib/run/read_csv_log.ts";

/** A net that went straight from 0.5 to its final α in `points` steps. */
function net(
  subset: number,
  lambda: number,
  run: number,
  final: readonly number[],
  points = 20,
): AlphaNet {
  const trajectory = Array.from(
    { length: points + 1 },
    (_, i) => final.map((alpha) => 0.5 + (alpha - 0.5) * i / points),
  ).flat();
  return alphaNet({ subset, lambda, run, alphaInit: [0.5, 0.5, 0.5] }, {
    trajectory: Float32Array.from(trajectory),
    testAccuracy: 0.7 + 0.1 * subset,
  });
}

const NETS = [
  // λ 0: 1 of 6 in subset 0, 2 of 6 in subset 1.
  ...[net(0, 0, 0, [1, 0.4, 0.05]), net(0, 0, 1, [0.96, 0.5, 0.3])],
  ...[net(1, 0, 0, [0.9, 0, 0.2]), net(1, 0, 1, [0.9, 0.01, 0.9])],
  // λ 0.05: all, and 5 of 6.
  ...[net(0, 0.05, 0, [0, 0, 0]), net(0, 0.05, 1, [0, 0.05, 0])],
  ...[net(1, 0.05, 0, [0, 0, 0]), net(1, 0.05, 1, [0, 0, 0.06])],
];

const REPORTED = reportedZeros(
  readCsvLog(
    new URL("../../../../data/reported/alpha_to_zero.csv", import.meta.url)
      .pathname,
  ),
);

const claimsOf = (nets: readonly AlphaNet[]) =>
  alphaSweepClaims(nets, []).map(({ verdict, measured }) => [
    verdict,
    measured,
  ]);

Deno.test("reportedZeros() has each of the report's λ and data sets", () => {
  assert.equal(REPORTED.size, 11);
  for (const percents of REPORTED.values()) {
    assert.equal(percents.length, 5);
    // Each is a number of 18, in percent.
    for (const percent of percents) {
      const count = percent * 18 / 100;
      assert.ok(Math.abs(count - Math.round(count)) < 0.1, `${percent}`);
    }
  }
  assert.deepEqual(REPORTED.get(0.02), [83, 72, 78, 83, 67]);
});

Deno.test("percentAtZero() counts α up to 0.05", () => {
  assert.equal(percentAtZero(NETS.slice(0, 1)), 100 / 3);
  assert.equal(percentAtZero(NETS.slice(4, 6)), 100);
  assert.equal(percentAtZero([net(0, 0, 0, [-0.3, 0.0501, 0.9])]), 100 / 3);
  assert.ok(Number.isNaN(percentAtZero([])));
});

Deno.test("netsByLambda() is in ascending order", () => {
  const nets = [0.1, 0, 0.05, 0].map((lambda) => net(0, lambda, 0, [0, 0, 0]));
  assert.deepEqual(
    [...netsByLambda(nets)].map(([lambda, nets]) => [lambda, nets.length]),
    [[0, 2], [0.05, 1], [0.1, 1]],
  );
});

Deno.test("alphaSweepComparison() gives mean ± s.d. over the subsets", () => {
  // 1/6 and 2/6: mean 25 %, s.d. (100/6) / √2 = 11.785; the report's λ = 0:
  // 44, 33, 28, 44, 28: mean 35.4, s.d. √(259.2 / 4) = 8.05.
  assert.deepEqual(alphaSweepComparison(NETS, REPORTED), [
    {
      ...{ quantity: "α at zero, λ = 0", reported: "35.4 ± 8.1 %" },
      ...{ ours: "25.0 ± 11.8 %", difference: "−10.4 points" },
    },
    {
      ...{ quantity: "α at zero, λ = 0.05", reported: "100.0 ± 0.0 %" },
      ...{ ours: "91.7 ± 11.8 %", difference: "−8.3 points" },
    },
    {
      ...{ quantity: "test accuracy, all nets", reported: "not given" },
      ...{ ours: "75.0 ± 5.3 %", difference: "" },
    },
  ]);
  const [other] = alphaSweepComparison([net(0, 0.3, 0, [0, 1, 1])], REPORTED);
  assert.deepEqual(other, {
    ...{ quantity: "α at zero, λ = 0.3", reported: "not given" },
    ...{ ours: "33.3 %", difference: "" },
  });
  assert.deepEqual(alphaSweepComparison([], REPORTED), []);
});

Deno.test("alphaSweepClaims() judges each claim by its numbers", () => {
  assert.deepEqual(claimsOf(NETS), [
    ["held", "1 of 1 pairs; λ 0: 25 %, λ 0.05: 92 %"],
    ["did not hold", "λ 0.05: 91.7 %"],
    ["could not be tested", ""],
    ["did not hold", "2 of 4 up to λ = 0.005, 0 of 4 beyond"],
    ["held", "0 of 8; largest 0.900"],
    ["did not hold", "33.3 %, at λ up to 0.05"],
    ["could not be tested", ""],
  ]);
});

Deno.test("alphaSweepClaims() sees the opposite of each claim", () => {
  const opposite = [0, 1].flatMap((subset) => [
    net(subset, 0.02, 0, [0, 0, subset]), // then more, and fewer
    net(subset, 0.025, 0, [1, 0, 0]),
    net(subset, 0.045, 0, [0, 0, 0]),
    net(subset, 0.05, 0, [0, 0, 0]),
  ]);
  const [, zero, dip, ones, third, between] = claimsOf(opposite);
  assert.deepEqual(zero, ["held", "λ 0.045: 100.0 %, λ 0.05: 100.0 %"]);
  assert.deepEqual(dip, [
    ...["did not hold", "on 1 of 2 subsets; 83.3 %, then 66.7 %"],
  ]);
  assert.equal(ones![0], "could not be tested"); // no λ up to 0.005
  assert.deepEqual(third, ["did not hold", "1 of 8; largest 1.000"]);
  assert.deepEqual(between, ["held", "0.0 %"]);

  const falling = [0.01, 0.02, 0.03].map((lambda, i) =>
    net(0, lambda, 0, [1, i > 0 ? 1 : 0, i > 1 ? 1 : 0])
  );
  const [growth] = claimsOf([...falling, net(0, 0, 0, [0, 0, 0])]);
  assert.deepEqual(growth, [
    ...["did not hold", "0 of 6 pairs; λ 0: 100 %, λ 0.03: 0 %"],
  ]);
  const [level] = claimsOf(
    [0, 0.02, 0.05].map((lambda) => net(0, lambda, 0, [1, 1, 1])),
  );
  assert.deepEqual(level, [
    ...["did not hold", "3 of 3 pairs; λ 0: 0 %, λ 0.05: 0 %"],
  ]);
  const late = claimsOf([...falling, net(0, 0, 0, [0, 0, 0])])[3];
  assert.deepEqual(late, [
    ...["did not hold", "0 of 1 up to λ = 0.005, 3 of 3 beyond"],
  ]);
  const rarely = Array.from(
    { length: 10 },
    (_, run) => net(0, 0.005, run, [run === 0 ? 1 : 0, 0, 0]),
  );
  assert.deepEqual(claimsOf([...rarely, net(0, 0.05, 0, [0, 1, 0])])[3], [
    ...["held", "1 of 10 up to λ = 0.005, 0 of 1 beyond"],
  ]);
});

Deno.test("alphaSweepClaims() takes the best silhouette", () => {
  const clustering = (k: number, silhouette: number) => ({
    ...{ k, silhouette, centroids: [], sizes: [] },
  });
  const claim = (...values: number[]) => {
    const clusterings = values.map((value, i) => clustering(i + 2, value));
    return alphaSweepClaims(NETS, clusterings).at(-1)!;
  };
  assert.equal(claim(0.3, 0.51, 0.2).verdict, "did not hold");
  assert.equal(claim(0.3, 0.51, 0.2).measured, "0.51 with 3 clusters");
  assert.equal(claim(0.3, 0.5).verdict, "held");
});

Deno.test("alphaSweepClaims() and the others take a sweep in which no net trained", () => {
  for (const [verdict] of claimsOf([])) {
    assert.equal(verdict, "could not be tested");
  }
  assert.deepEqual(alphaSweepFigures([], REPORTED, 10), []);
  assert.deepEqual(alphaSweepTables([], [], 20), []);
});

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
    ...[[0.0025, 33], [0.005, 42], [0.0075, 50], [0.01, 58], [0.0125, 67]],
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

Deno.test("alphaSweepTables() counts settled α by λ and layer", () => {
  const [settled] = alphaSweepTables(NETS, [], 20);
  // From 0.5 in 20 epochs: after 10 of them half of the way is left.
  assert.deepEqual(settled!.columns, ["λ", "α₁", "α₂", "α₃"]);
  assert.deepEqual(settled!.rows, [
    ["0", "0 of 4", "1 of 4", "0 of 4"],
    ["0.05", "0 of 4", "0 of 4", "0 of 4"],
    ["all", "0 of 8", "1 of 8", "0 of 8"],
  ]);
  assert.deepEqual(alphaSweepTables(NETS, [], 10), []);
});

Deno.test("alphaSweepTables() looks at the ends of epochs only", () => {
  // Two points an epoch; only those within an epoch move.
  const trajectory = Array.from(
    { length: 41 },
    (_, i) => i % 2 === 0 ? 0.5 : 0.9,
  )
    .flatMap((alpha) => [alpha, alpha, alpha]);
  const restless = alphaNet(
    { subset: 0, lambda: 0, run: 0, alphaInit: [0.5, 0.5, 0.5] },
    { trajectory: Float32Array.from(trajectory), testAccuracy: 0 },
  );
  const [table] = alphaSweepTables([restless], [], 20);
  assert.deepEqual(table!.rows[0], ["0", "1 of 1", "1 of 1", "1 of 1"]);
});
