import { minOf } from "../../base/extremes.ts";

/**
 * The mean silhouette of a clustering: near 1 where clusters are tight and far
 * apart, near 0 where they touch, negative where points lie nearer to another
 * cluster than to their own.
 *
 * s(i) = (b − a) / max(a, b), with a the mean Euclidean distance from point i
 * to the others of its cluster and b the smallest of its mean distances to
 * another cluster; 0 for a point that is alone in its cluster (Rousseeuw,
 * "Silhouettes", 1987), and where a and b are both 0.
 *
 * @param points `[n][dimensions]`, finite
 * @param clusters `[n]`, the cluster of each point
 * @returns the mean of s over all points, −1 to 1
 * @throws {RangeError} if there are fewer than two clusters, or not as many clusters' numbers as points
 *
 * @example
 * ```ts
 * import { silhouette } from "alphalab";
 * import { equal } from "node:assert/strict";
 *
 * // a = 1 and b = 9.5 or 10.5 for every point
 * const s = silhouette([[0], [1], [10], [11]], [0, 0, 1, 1]);
 * equal(s.toFixed(4), "0.8997");
 * ```
 */
export function silhouette(
  points: readonly (readonly number[])[],
  clusters: readonly number[],
): number {
  if (clusters.length !== points.length) {
    throw new RangeError(
      `Cannot compute silhouette: there must be ${points.length} clusters' numbers: got ${clusters.length}`,
    );
  }
  const sizes = new Map<number, number>();
  for (const one of clusters) sizes.set(one, (sizes.get(one) ?? 0) + 1);
  if (sizes.size < 2) {
    throw new RangeError(
      `Cannot compute silhouette: there must be at least 2 clusters: got ${sizes.size}`,
    );
  }
  const sum = points.reduce((sum, point, i) => {
    const own = clusters[i]!;
    if (sizes.get(own) === 1) return sum;
    const distances = new Map<number, number>();
    points.forEach((other, j) => {
      const one = clusters[j]!;
      distances.set(one, (distances.get(one) ?? 0) + distance(point, other));
    });
    const a = distances.get(own)! / (sizes.get(own)! - 1); // itself is at 0
    const others = [...distances].filter(([one]) => one !== own);
    const b = minOf(others.map(([one, d]) => d / sizes.get(one)!));
    return sum + (Math.max(a, b) === 0 ? 0 : (b - a) / Math.max(a, b));
  }, 0);
  return sum / points.length;
}

function distance(a: readonly number[], b: readonly number[]): number {
  return Math.hypot(...a.map((x, i) => x - b[i]!));
}
