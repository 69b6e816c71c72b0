import { stringify } from "csv-stringify/sync";
import type { RunDirectory } from "../../run/run_directory.ts";
import { writeAtomically } from "../../base/write_atomically.ts";
import {
  ALPHA_LAYERS,
  type AlphaNet,
  type AlphaNetPlan,
  shortestFloat32,
} from "./alpha_net.ts";

/** The files that {@link writeSweep} leaves. */
export const SWEEP_FILES = ["sweep.csv", "trajectories.csv"] as const;

const LAYERS = Array.from({ length: ALPHA_LAYERS }, (_, i) => i + 1);

/**
 * Writes `sweep.csv`, one row a net, and `trajectories.csv`, one row a point of
 * a net's trajectory. A net that failed has empty fields in the one and no row
 * in the other.
 *
 * @param run declares {@link SWEEP_FILES}
 * @param plans the nets, in the files' order
 * @param nets what they became; null for those that failed
 * @param epochs of each
 */
export function writeSweep(
  run: RunDirectory,
  plans: readonly AlphaNetPlan[],
  nets: readonly (AlphaNet | null)[],
  epochs: number,
): void {
  const sweep = plans.map(({ subset, lambda, run, alphaInit }, i) => [
    ...[subset, lambda, run, ...alphaInit],
    ...nets[i]?.alphaFinal ?? LAYERS.map(() => null),
    nets[i]?.testAccuracy ?? null,
  ]);
  const sweepColumns = [
    ...["subset", "lambda", "run"],
    ...LAYERS.map((i) => `alpha_init_${i}`),
    ...LAYERS.map((i) => `alpha_final_${i}`),
    "test_accuracy",
  ];
  const points = nets.filter((net) => net !== null).flatMap((net) => {
    const { subset, lambda, run, trajectory } = net;
    const count = trajectory.length / ALPHA_LAYERS;
    return Array.from({ length: count }, (_, i) => [
      ...[subset, lambda, run, i * epochs / (count - 1)],
      ...Array.from(
        trajectory.subarray(i * ALPHA_LAYERS, (i + 1) * ALPHA_LAYERS),
        shortestFloat32,
      ),
    ]);
  });
  const pointColumns = [
    ...["subset", "lambda", "run", "epoch"],
    ...LAYERS.map((i) => `alpha_${i}`),
  ];
  const [sweepFile, pointFile] = SWEEP_FILES;
  writeAtomically(run.file(sweepFile), stringify([sweepColumns, ...sweep]));
  writeAtomically(run.file(pointFile), stringify([pointColumns, ...points]));
}
