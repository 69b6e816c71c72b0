import { writeCsv } from "../../run/csv_log.ts";
import type { RunDirectory } from "../../run/run_directory.ts";
import {
  ALPHA_LAYERS,
  type AlphaNet,
  type AlphaNetPlan,
  shortestFloat32,
} from "./alpha_net.ts";

/** The files that {@link writeSweep} leaves. */
export const SWEEP_FILES = ["sweep.csv", "trajectories.csv"] as const;

/** The final α of a net that failed. */
const NO_ALPHAS = new Array<null>(ALPHA_LAYERS).fill(null);

/**
 * Writes `sweep.csv`, one row per net, and `trajectories.csv`, one row per
 * point of a net's trajectory. A net that failed has empty final fields in
 * `sweep.csv` and no row in `trajectories.csv`.
 *
 * @param run declares {@link SWEEP_FILES}
 * @param plans the nets, in the files' order
 * @param nets what became of each plan; null for those that failed
 * @param epochs of each net
 */
export function writeSweep(
  run: RunDirectory,
  plans: readonly AlphaNetPlan[],
  nets: readonly (AlphaNet | null)[],
  epochs: number,
): void {
  const [sweepFile, pointFile] = SWEEP_FILES;
  writeCsv(
    run.file(sweepFile),
    plans.map(({ subset, lambda, run, alphaInit }, i) => ({
      subset,
      lambda,
      run,
      ...alphaFields("alpha_init", alphaInit),
      ...alphaFields("alpha_final", nets[i]?.alphaFinal ?? NO_ALPHAS),
      test_accuracy: nets[i]?.testAccuracy ?? null,
    })),
  );
  const points = nets.filter((net) => net !== null).flatMap((net) => {
    const { subset, lambda, run, trajectory } = net;
    const count = trajectory.length / ALPHA_LAYERS;
    return Array.from({ length: count }, (_, i) => ({
      subset,
      lambda,
      run,
      epoch: i * epochs / (count - 1),
      ...alphaFields(
        "alpha",
        Array.from(
          trajectory.subarray(i * ALPHA_LAYERS, (i + 1) * ALPHA_LAYERS),
          shortestFloat32,
        ),
      ),
    }));
  });
  writeCsv(run.file(pointFile), points, [
    "subset",
    "lambda",
    "run",
    "epoch",
    ...Object.keys(alphaFields("alpha", NO_ALPHAS)), // also where all failed
  ]);
}

/** A field for each layer's α, as `alpha_init_1`. */
function alphaFields(
  name: string,
  alphas: readonly (number | null)[],
): Record<string, number | null> {
  return Object.fromEntries(
    alphas.map((alpha, i) => [`${name}_${i + 1}`, alpha]),
  );
}
