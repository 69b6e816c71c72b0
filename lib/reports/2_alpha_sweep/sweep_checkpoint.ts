import type { Checkpoint } from "../../run/checkpoint.ts";
import { ALPHA_LAYERS, type AlphaNetResult } from "./alpha_net.ts";

/** The nets of a sweep that are finished, by their names. */
export type FinishedNets = ReadonlyMap<string, AlphaNetResult>;

/**
 * Finished nets as a checkpoint: the same bytes in whatever order they came.
 *
 * @param nets any number of them
 * @returns the checkpoint, for a run directory
 */
export function sweepCheckpoint(nets: FinishedNets): Checkpoint {
  const entries = [...nets].sort(([a], [b]) => a < b ? -1 : 1);
  return {
    state: Object.fromEntries(
      entries.map(([name, { testAccuracy }]) => [name, testAccuracy]),
    ),
    tensors: Object.fromEntries(
      entries.map(([name, { trajectory: data }]) => [name, {
        dtype: "float32",
        shape: [data.length / ALPHA_LAYERS, ALPHA_LAYERS],
        data,
      }]),
    ),
  };
}

/**
 * The nets that a run directory's checkpoint holds.
 *
 * @param checkpoint by `sweepCheckpoint`; null where none is yet
 * @returns a copy of what `sweepCheckpoint` was given
 */
export function finishedNets(
  checkpoint: Checkpoint | null,
): Map<string, AlphaNetResult> {
  if (checkpoint === null) return new Map();
  const { state, tensors } = checkpoint;
  return new Map(
    Object.entries(state as Record<string, number>).map((
      [name, testAccuracy],
    ) => [name, {
      testAccuracy,
      trajectory: tensors[name]!.data as Float32Array,
    }]),
  );
}
