import type { Checkpoint } from "../../run/checkpoint.ts";
import type { JsonValue } from "../../base/json_value.ts";
import { svmParameters, svmTensors } from "./svm_net.ts";
import type { TrainedSvm } from "./train_svm.ts";

/**
 * Trained classifiers as a checkpoint: the same bytes in whatever order they
 * came.
 *
 * @param trained by their keys, which hold no colon
 * @returns the checkpoint, for a run directory
 */
export function svmCheckpoint(
  trained: ReadonlyMap<string, TrainedSvm>,
): Checkpoint {
  const entries = [...trained].sort(([a], [b]) => a < b ? -1 : 1);
  return {
    state: Object.fromEntries(
      entries.map(([key, { parameters: _, ...rest }]) => [
        key,
        rest as unknown as JsonValue,
      ]),
    ),
    tensors: Object.fromEntries(
      entries.flatMap(([key, { parameters }]) =>
        parameters === null
          ? []
          : Object.entries(svmTensors(parameters)).map(([name, tensor]) => [
            `${key}:${name}`,
            tensor,
          ])
      ),
    ),
  };
}

/**
 * The classifiers that a run directory's checkpoint holds.
 *
 * @param checkpoint by `svmCheckpoint`; null where none is yet
 * @returns a copy of what `svmCheckpoint` was given
 */
export function trainedSvms(
  checkpoint: Checkpoint | null,
): Map<string, TrainedSvm> {
  if (checkpoint === null) return new Map();
  const tensors = Map.groupBy(
    Object.entries(checkpoint.tensors),
    ([name]) => name.split(":")[0]!,
  );
  const rests = checkpoint.state as unknown as Record<
    string,
    Omit<TrainedSvm, "parameters">
  >;
  return new Map(
    Object.entries(rests).map(([key, rest]) => {
      const own = tensors.get(key)?.map(([name, tensor]) =>
        [name.split(":")[1]!, tensor] as const
      );
      const parameters = own ? svmParameters(Object.fromEntries(own)) : null;
      return [key, { ...rest, parameters }];
    }),
  );
}
