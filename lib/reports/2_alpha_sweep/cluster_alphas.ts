import { kmeans } from "ml-kmeans";
import { minOf } from "../../base/statistics.ts";
import { createRandom } from "../../base/random.ts";

/** How to cluster. */
export interface ClusterAlphasOptions {
  /** The largest number of clusters to try, at least 2. */
  readonly maxClusters: number;
  /** Decides where k-means starts; an integer from 0 to 2³² − 1. */
  readonly seed: number;
}

/** The best clustering that was found for a number of clusters. */
export interface AlphaClustering {
  /** The number of clusters. */
  readonly k: number;
  /** The mean silhouette, −1 to 1. */
  readonly silhouette: number;
  /** `[k][dimensions]`, in ascending order of their coordinates. */
  readonly centroids: readonly (readonly number[])[];
  /** `[k]`: the number of each cluster's points, in the centroids' order. */
  readonly sizes: readonly number[];
}

/** Starts of k-means for each k: a single one often ends in a poor minimum. */
const STARTS = 20;

/** Iterations per start; 400 evenly spread points needed at most 34. */
const MAX_ITERATIONS = 300;

/**
 * Clusters final α by k-means for k = 2, 3, …, and says by the mean silhouette
 * how much there is to each clustering.
 *
 * k-means minimizes Σᵢ ‖xᵢ − c(xᵢ)‖² from seeded k-means++ starts (Arthur and
 * Vassilvitskii, 2007); of several starts the one with the smallest sum counts.
 *
 * @param points `[n][dimensions]`, finite: the α of one net each
 * @param options how many clusters to try, and the starts' seed
 * @returns one clustering for each k from 2 to at most the number of distinct
 *   points; empty where there are fewer than two of those
 * @throws {RangeError} if maxClusters is not an integer from 2, or a coordinate
 *   is not finite
 *
 * @example
 * ```ts
 * import { clusterAlphas } from "#lib/reports/2_alpha_sweep/cluster_alphas.ts";
 * import { deepEqual } from "node:assert/strict";
 *
 * const points = [[0, 0], [1, 1], [0, 0.5], [1, 0.5]];
 * const [two] = clusterAlphas(points, { maxClusters: 2, seed: 0 });
 * deepEqual(two!.centroids, [[0, 0.25], [1, 0.75]]);
 * ```
 */
export function clusterAlphas(
  points: readonly (readonly number[])[],
  { maxClusters, seed }: ClusterAlphasOptions,
): AlphaClustering[] {
  if (!(Number.isInteger(maxClusters) && maxClusters >= 2)) {
    throw new RangeError(
      `Cannot cluster: maxClusters must be an integer of at least 2: got ${maxClusters}`,
    );
  }
  const odd = points.flat().find((value) => !Number.isFinite(value));
  if (odd !== undefined) {
    throw new RangeError(
      `Cannot cluster: every coordinate must be finite: got ${odd}`,
    );
  }
  const data = points.map((point) => [...point]);
  const distinct = new Set(points.map((point) => point.join())).size;
  const most = Math.min(maxClusters, distinct);
  const random = createRandom(seed);
  return Array.from({ length: Math.max(0, most - 1) }, (_, i) => {
    const k = i + 2;
    const { result, clusters } = Array.from({ length: STARTS }, () => {
      const result = kmeans(data, k, {
        seed: random.uniformInt(2 ** 32),
        tolerance: 0, // until no centroid moves
        maxIterations: MAX_ITERATIONS,
      });
      const clusters = result.computeInformation(data);
      const sum = clusters.reduce(
        (sum, { error, size }) => sum + error * size,
        0,
      );
      return { result, clusters, sum };
    }).reduce((best, one) => one.sum < best.sum ? one : best);
    clusters.sort((a, b) => compare(a.centroid, b.centroid));
    return {
      k,
      silhouette: silhouette(points, result.clusters),
      centroids: clusters.map(({ centroid }) => centroid),
      sizes: clusters.map(({ size }) => size),
    };
  });
}

/** The order of two points by their first coordinate that differs. */
function compare(a: readonly number[], b: readonly number[]): number {
  const i = a.findIndex((value, i) => value !== b[i]);
  return i < 0 ? 0 : a[i]! - b[i]!;
}

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
 * @throws {RangeError} if there are fewer than two clusters, or not as many
 *   clusters' numbers as points
 *
 * @example
 * ```ts
 * import { silhouette } from "#lib/reports/2_alpha_sweep/cluster_alphas.ts";
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
    // The point itself is at distance 0.
    const a = distances.get(own)! / (sizes.get(own)! - 1);
    const others = [...distances].filter(([one]) => one !== own);
    const b = minOf(others.map(([one, d]) => d / sizes.get(one)!));
    return sum + (Math.max(a, b) === 0 ? 0 : (b - a) / Math.max(a, b));
  }, 0);
  return sum / points.length;
}

function distance(a: readonly number[], b: readonly number[]): number {
  return Math.hypot(...a.map((x, i) => x - b[i]!));
}
