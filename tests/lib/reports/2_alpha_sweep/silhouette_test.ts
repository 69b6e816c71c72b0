import { equal, ok, throws } from "node:assert/strict";
import fc from "fast-check";
import { silhouette } from "../../../../lib/reports/2_alpha_sweep/silhouette.ts";
import { ALPHAS } from "./alphas.ts";

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
