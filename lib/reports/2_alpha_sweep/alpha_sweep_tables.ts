import { ALPHA_LAYERS, type AlphaNet } from "./alpha_net.ts";
import type { AlphaClustering } from "./cluster_alphas.ts";
import { countSettled } from "./count_settled.ts";
import type { ReportTable } from "../../reporting/report.ts";
import { netsByLambda } from "./alpha_sweep_claims.ts";
import { ALPHA_NAMES } from "./alpha_sweep_figures.ts";

/** Which α count as settled: what report 2's section 4 leaves to more epochs. */
const SETTLED = { epochs: 10, tolerance: 0.01 };

/**
 * What report 2 leaves open: how many α have settled, and whether the final α
 * form clusters.
 *
 * @param nets those of the sweep that trained
 * @param clusterings of their final α
 * @param epochs of each net; up to 10 nothing can be said of settling
 * @returns no table where there is nothing to put in it
 */
export function alphaSweepTables(
  nets: readonly AlphaNet[],
  clusterings: readonly AlphaClustering[],
  epochs: number,
): ReportTable[] {
  const tables: ReportTable[] = [];
  if (epochs > SETTLED.epochs && nets.length > 0) {
    const row = (name: string, nets: readonly AlphaNet[]) => [
      name,
      ...ALPHA_NAMES.map((_, layer) => {
        const settled = countSettled(
          nets.map((net) => epochEnds(net, layer, epochs)),
          SETTLED,
        );
        return `${settled} of ${nets.length}`;
      }),
    ];
    tables.push({
      title:
        `Settled α: moved less than ${SETTLED.tolerance} in the last ${SETTLED.epochs} of ${epochs} epochs`,
      columns: ["λ", ...ALPHA_NAMES],
      rows: [
        ...[...netsByLambda(nets)].map(([lambda, nets]) =>
          row(String(lambda), nets)
        ),
        row("all", nets),
      ],
    });
  }
  if (clusterings.length > 0) {
    tables.push({
      title: "k-means clusters of the final (α₁, α₂, α₃)",
      columns: ["k", "silhouette", "nets", "centroids"],
      rows: clusterings.map(({ k, silhouette, sizes, centroids }) => [
        String(k),
        silhouette.toFixed(3),
        sizes.join(", "),
        centroids.map((centroid) =>
          `(${centroid.map((value) => value.toFixed(2)).join(", ")})`
        ).join(" "),
      ]),
    });
  }
  return tables;
}

/** α of a layer at the start and after each epoch. */
function epochEnds(
  { trajectory }: AlphaNet,
  layer: number,
  epochs: number,
): number[] {
  const pointsPerEpoch = (trajectory.length / ALPHA_LAYERS - 1) / epochs;
  return Array.from(
    { length: epochs + 1 },
    (_, epoch) => trajectory[epoch * pointsPerEpoch * ALPHA_LAYERS + layer]!,
  );
}
