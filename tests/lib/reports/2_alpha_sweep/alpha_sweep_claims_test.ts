import assert from "node:assert/strict";
import type { AlphaNet } from "../../../../lib/reports/2_alpha_sweep/alpha_net.ts";
import {
  alphaSweepClaims,
  alphaSweepComparison,
} from "../../../../lib/reports/2_alpha_sweep/alpha_sweep_claims.ts";
import { net, NETS, REPORTED } from "./fake_nets.ts";

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

Deno.test("alphaSweepComparison() gives mean ± s.d. over the subsets", () => {
  // 1/6 and 2/6: mean 25 %, s.d. (100/6) / √2 = 11.785; the report's λ = 0:
  // 44, 33, 28, 44, 28: mean 35.4, s.d. √(259.2 / 4) = 8.05.
  assert.deepEqual(alphaSweepComparison(NETS, REPORTED), [
    {
      quantity: "α at zero, λ = 0",
      reported: "35.4 ± 8.1 %",
      ours: "25.0 ± 11.8 %",
      difference: "−10.4 points",
    },
    {
      quantity: "α at zero, λ = 0.05",
      reported: "100.0 ± 0.0 %",
      ours: "91.7 ± 11.8 %",
      difference: "−8.3 points",
    },
    {
      quantity: "test accuracy, all nets",
      reported: "not given",
      ours: "75.0 ± 5.3 %",
      difference: "",
    },
  ]);
  const [other] = alphaSweepComparison([net(0, 0.3, 0, [0, 1, 1])], REPORTED);
  assert.deepEqual(other, {
    quantity: "α at zero, λ = 0.3",
    reported: "not given",
    ours: "33.3 %",
    difference: "",
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
    "did not hold",
    "on 1 of 2 subsets; 83.3 %, then 66.7 %",
  ]);
  assert.equal(ones![0], "could not be tested"); // no λ up to 0.005
  assert.deepEqual(third, ["did not hold", "1 of 8; largest 1.000"]);
  assert.deepEqual(between, ["held", "0.0 %"]);

  const falling = [0.01, 0.02, 0.03].map((lambda, i) =>
    net(0, lambda, 0, [1, i > 0 ? 1 : 0, i > 1 ? 1 : 0])
  );
  const [growth] = claimsOf([...falling, net(0, 0, 0, [0, 0, 0])]);
  assert.deepEqual(growth, [
    "did not hold",
    "0 of 6 pairs; λ 0: 100 %, λ 0.03: 0 %",
  ]);
  const [level] = claimsOf(
    [0, 0.02, 0.05].map((lambda) => net(0, lambda, 0, [1, 1, 1])),
  );
  assert.deepEqual(level, [
    "did not hold",
    "3 of 3 pairs; λ 0: 0 %, λ 0.05: 0 %",
  ]);
  const late = claimsOf([...falling, net(0, 0, 0, [0, 0, 0])])[3];
  assert.deepEqual(late, [
    "did not hold",
    "0 of 1 up to λ = 0.005, 3 of 3 beyond",
  ]);
  const rarely = Array.from(
    { length: 10 },
    (_, run) => net(0, 0.005, run, [run === 0 ? 1 : 0, 0, 0]),
  );
  assert.deepEqual(claimsOf([...rarely, net(0, 0.05, 0, [0, 1, 0])])[3], [
    "held",
    "1 of 10 up to λ = 0.005, 0 of 1 beyond",
  ]);
});

Deno.test("alphaSweepClaims() takes the best silhouette", () => {
  const clustering = (k: number, silhouette: number) => ({
    k,
    silhouette,
    centroids: [],
    sizes: [],
  });
  const claim = (...values: number[]) => {
    const clusterings = values.map((value, i) => clustering(i + 2, value));
    return alphaSweepClaims(NETS, clusterings).at(-1)!;
  };
  assert.equal(claim(0.3, 0.51, 0.2).verdict, "did not hold");
  assert.equal(claim(0.3, 0.51, 0.2).measured, "0.51 with 3 clusters");
  assert.equal(claim(0.3, 0.5).verdict, "held");
});

Deno.test("alphaSweepClaims() takes a sweep in which no net trained", () => {
  for (const [verdict] of claimsOf([])) {
    assert.equal(verdict, "could not be tested");
  }
});
