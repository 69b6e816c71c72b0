import { deepEqual, equal, ok, throws } from "node:assert/strict";
import fc from "fast-check";
import {
  clusterAlphas,
  silhouette,
} from "../../../../lib/reports/2_alpha_sweep/cluster_alphas.ts";

/** α of 24 nets, from a formula that mixes them well and has zeros and ones. */
const ALPHAS: readonly (readonly number[])[] = Array.from(
  { length: 24 },
  (_, i) =>
    [
      (37 * i * i + 11 * i) % 101,
      i % 3 === 0 ? 0 : (53 * i + 7 * i * i) % 97,
      i % 2 === 0 ? 100 : (29 * i) % 89,
    ].map((percent) => percent / 100),
);

// numpy over all partitions of the first ten points into k clusters: the one
// with the smallest Σ ((p[l == c] - p[l == c].mean(0)) ** 2).sum()
const BEST = [
  {
    k: 2,
    silhouette: 0.35101294218198814,
    centroids: [[0.521667, 0.116667, 0.95], [0.5575, 0.6075, 0.525]],
    sizes: [6, 4],
  },
  {
    k: 3,
    silhouette: 0.37938896115285975,
    centroids: [
      [0.32, 0.96, 1],
      [0.521667, 0.116667, 0.95],
      [0.636667, 0.49, 0.366667],
    ],
    sizes: [1, 6, 3],
  },
  {
    k: 4,
    silhouette: 0.4097300252603719,
    centroids: [
      [0.15, 0.165, 1],
      [0.32, 0.96, 1],
      [0.636667, 0.49, 0.366667],
      [0.7075, 0.0925, 0.925],
    ],
    sizes: [2, 1, 3, 4],
  },
];

Deno.test("clusterAlphas() finds the best of all partitions", () => {
  for (const seed of [0, 1, 2 ** 32 - 1]) {
    const found = clusterAlphas(ALPHAS.slice(0, 10), { maxClusters: 4, seed });
    deepEqual(
      found.map(({ k, silhouette, centroids, sizes }) => ({
        k,
        silhouette: Number(silhouette.toFixed(12)),
        centroids: centroids.map((one) => one.map((x) => Number(x.toFixed(6)))),
        sizes,
      })),
      BEST.map((one) => ({
        ...one,
        silhouette: Number(one.silhouette.toFixed(12)),
      })),
    );
  }
});

Deno.test("clusterAlphas() gives the same for the same seed, without Math.random", () => {
  const random = Math.random;
  Math.random = () => {
    throw new Error("Math.random was called");
  };
  try {
    const options = { maxClusters: 6, seed: 7 };
    const first = clusterAlphas(ALPHAS, options);
    equal(first.length, 5);
    deepEqual(clusterAlphas(ALPHAS, options), first);
    deepEqual(
      clusterAlphas(ALPHAS, { ...options, maxClusters: 3 }),
      first.slice(0, 2),
    );
  } finally {
    Math.random = random;
  }
});

Deno.test("clusterAlphas() stops at the number of distinct points", () => {
  const options = { maxClusters: 5, seed: 0 };
  deepEqual(clusterAlphas([], options), []);
  deepEqual(clusterAlphas([[1, 0], [1, 0], [1, 0]], options), []);
  const points = [[1, 0], [0, 0], [1, 0], [0, 0], [0, 0], [-0, 0], [1, 1]];
  deepEqual(
    clusterAlphas(points, options).map(({ k, sizes }) => ({ k, sizes })),
    [{ k: 2, sizes: [4, 3] }, { k: 3, sizes: [4, 2, 1] }],
  );
});

Deno.test("clusterAlphas() ends where every point is in the cluster of its nearest centroid", () => {
  // multiples of irrational numbers, modulo 1, spread evenly
  const points = Array.from(
    { length: 200 },
    (_, i) => [2, 3, 5].map((square) => i * Math.sqrt(square) % 1),
  );
  for (
    const { k, centroids, sizes } of clusterAlphas(points, {
      maxClusters: 5,
      seed: 3,
    })
  ) {
    const nearest = points.map((point) => {
      const distances = centroids.map((centroid) =>
        Math.hypot(...centroid.map((x, i) => x - point[i]!))
      );
      return distances.indexOf(Math.min(...distances));
    });
    deepEqual(
      centroids.map((_, i) => nearest.filter((one) => one === i).length),
      sizes,
      `k = ${k}`,
    );
  }
});

Deno.test("clusterAlphas() puts every point into a cluster, at any spread", () => {
  const alpha = fc.oneof(
    fc.constantFrom(0, 1),
    fc.float({ noNaN: true, min: 0, max: 1 }),
  );
  fc.assert(
    fc.property(
      fc.array(fc.tuple(alpha, alpha, alpha), { maxLength: 30 }),
      (points) => {
        for (
          const { k, silhouette, centroids, sizes } of clusterAlphas(points, {
            maxClusters: 4,
            seed: 1,
          })
        ) {
          deepEqual([centroids.length, sizes.length], [k, k]);
          equal(sizes.reduce((a, b) => a + b), points.length);
          ok(sizes.every((size) => size > 0), `${sizes}`);
          ok(silhouette >= -1 && silhouette <= 1);
        }
      },
    ),
    { numRuns: 50 },
  );
});

Deno.test("clusterAlphas() refuses what it cannot cluster", () => {
  const options = { maxClusters: 2, seed: 0 };
  throws(
    () => clusterAlphas([[0], [NaN]], options),
    new RangeError("Cannot cluster: every coordinate must be finite: got NaN"),
  );
  throws(() => clusterAlphas([], { ...options, maxClusters: 1 }), RangeError);
});

/** Sums in another order than the golden values' differ in the last digits. */
const ROUNDING = 1e-14;

Deno.test("silhouette() is what numpy computes from the definition", () => {
  // the clusters are 0, 1, 2, 3 in turn, and the last point is alone in one
  const clusters = ALPHAS.map((_, i) => i === 23 ? 9 : i % 4);
  // import numpy as np
  // d = np.sqrt(((p[:, None] - p[None]) ** 2).sum(-1))
  // s = []
  // for i in range(len(p)):
  //     own = l == l[i]
  //     if own.sum() == 1: s.append(0.0); continue
  //     a = d[i][own].sum() / (own.sum() - 1)
  //     b = min(d[i][l == c].mean() for c in set(l) if c != l[i])
  //     s.append((b - a) / max(a, b))
  // np.mean(s)
  const golden = -0.0927673018454545;
  ok(Math.abs(silhouette(ALPHAS, clusters) - golden) < ROUNDING);
});

Deno.test("silhouette() is 0 for points that are alone, or all in one place", () => {
  equal(silhouette([[0], [1], [5]], [0, 1, 2]), 0);
  equal(silhouette([[1, 1], [1, 1], [1, 1], [1, 1]], [0, 0, 1, 1]), 0);
});

Deno.test("silhouette() is 1 where clusters are points, and negative where they are mixed", () => {
  equal(silhouette([[0], [0], [3], [3]], [0, 0, 1, 1]), 1);
  // of each point: a = 3, b = 1.5, s = −1/2
  equal(silhouette([[0], [3], [0], [3]], [0, 0, 1, 1]), -0.5);
});

Deno.test("silhouette() does not depend on scale, on place or on the clusters' numbers", () => {
  const point = fc.tuple(fc.integer({ max: 99, min: 0 }), fc.integer());
  fc.assert(fc.property(
    fc.array(point.map(([x, c]) => [x, Math.abs(c) % 3]), { minLength: 2 }),
    (rows) => {
      const clusters = rows.map(([, cluster]) => cluster!);
      if (new Set(clusters).size < 2) return;
      const s = silhouette(rows.map(([x]) => [x!]), clusters);
      const other = silhouette(
        rows.map(([x]) => [4 * x! - 7, 1]),
        clusters.map((cluster) => 10 - cluster),
      );
      ok(s >= -1 && s <= 1);
      ok(Math.abs(s - other) < 1e-12);
    },
  ));
});

Deno.test("silhouette() refuses fewer than two clusters", () => {
  throws(
    () => silhouette([[0], [1]], [4, 4]),
    new RangeError(
      "Cannot compute silhouette: there must be at least 2 clusters: got 1",
    ),
  );
  throws(() => silhouette([], []), RangeError);
  throws(
    () => silhouette([[0], [1], [2]], [0, 1]),
    new RangeError(
      "Cannot compute silhouette: there must be 3 clusters' numbers: got 2",
    ),
  );
});
