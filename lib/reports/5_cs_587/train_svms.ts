import { startBackend } from "../../backend/start_backend.ts";
import { formatDuration, formatPercent } from "../../base/format.ts";
import type { Output } from "../../cli/output.ts";
import { countBatches } from "../../data/batches.ts";
import {
  openSharedDataset,
  type SharedDataset,
} from "../../data/share_dataset.ts";
import type { RunDirectory } from "../../run/run_directory.ts";
import { type SvmPlan, type TrainedSvm, trainSvm } from "./train_svm.ts";
import type { Checkpoint } from "../../run/checkpoint.ts";
import type { JsonValue } from "../../base/json_value.ts";
import { createJobTrainer, type Finished } from "../../train/job_trainer.ts";
import { svmParameters, svmTensors } from "./_svm_net.ts";

/** What a worker is given: `trainSvm`'s plan, and how far to train it. */
export interface SvmTask {
  readonly plan: SvmPlan;
  /** In all, those of `from` included. */
  readonly epochs: number;
  /** What a shorter training came to; null: none. */
  readonly from: TrainedSvm | null;
}

/** What {@link createSvmTrainer} needs. */
export interface SvmTrainerOptions<Setup> {
  /** Declared, and not begun yet. */
  readonly run: RunDirectory;
  /** The workers' module: a task is an `SvmTask`, its progress the steps. */
  readonly worker: URL;
  /** What each worker starts with. */
  readonly setup: Setup;
  /** Workers at once; results do not depend on it. */
  readonly jobs: number;
  /** Of the data set. */
  readonly trainCount: number;
  /** Whether the run was begun before, to say what is there. */
  readonly resume: boolean;
  readonly output: Output;
  readonly quiet: boolean;
}

/** What became of a task. */
export interface SvmResult extends TrainedSvm {
  readonly plan: SvmPlan;
  readonly epochs: number;
}

/** Trains plans side by side; one call at a time. */
export interface SvmTrainer {
  /**
   * @param tasks with plans of distinct names
   * @param label what they are, for the progress bar
   * @returns what became of each, in their order
   * @throws {InterruptedError} after Ctrl-C, at once; what is trained is saved
   * @throws {Error} where a worker or a task fails
   */
  train(tasks: readonly SvmTask[], label: string): Promise<SvmResult[]>;
}

const nameOf = ({ plan, epochs }: SvmTask) => `${plan.name} ${epochs}`;

/** The epochs that a task itself trains. */
const epochsOf = ({ epochs, from }: SvmTask) => epochs - (from?.fit.epoch ?? 0);

/**
 * Makes what trains a run's classifiers. Each is saved as soon as it is
 * trained, and none that the run's checkpoint holds is trained again.
 *
 * @param options see {@link SvmTrainerOptions}
 * @returns the trainer; the run has begun
 */
export function createSvmTrainer<Setup>(
  options: SvmTrainerOptions<Setup>,
): SvmTrainer {
  const { trainCount } = options;
  const trainer = createJobTrainer<Setup, SvmTask, TrainedSvm>({
    ...options,
    nameOf,
    // Images and not steps, whose number hangs on the batch's size.
    imagesOf: (task) => trainCount * epochsOf(task),
    partOf(task, step) {
      const steps = countBatches(trainCount, task.plan.batchSize);
      return (step - (task.from?.fit.step ?? 0)) / (steps * epochsOf(task));
    },
    countText: (finished) => `${finished} trainings`,
    capture: svmCheckpoint,
    restore: trainedSvms,
  });
  return {
    async train(tasks, label) {
      await trainer.train(tasks, {
        label,
        lineOf: (task, trained, { seconds }) => lineOf(task, trained, seconds),
      });
      return tasks.map((task) => ({
        ...trainer.finished.get(nameOf(task))!,
        plan: task.plan,
        epochs: task.epochs,
      }));
    },
  };
}

/** What each worker starts with. */
export interface SvmSetup {
  readonly seed: number;
  readonly validationEvery: number;
  readonly shared: SharedDataset;
  /** Of the training images, float32 `[pixels]`. */
  readonly mean: Float32Array;
}

/**
 * A worker's side: a backend of one thread, which trains classifier after
 * classifier.
 *
 * @param setup see {@link SvmSetup}
 * @returns what trains one, as `serveJobs` takes it
 */
export async function startSvmTraining(
  { seed, validationEvery, shared, mean }: SvmSetup,
) {
  const dataset = openSharedDataset(shared);
  const settings = { dataset, mean, seed, validationEvery };
  await startBackend({ threads: 1 });
  return ({ plan, ...task }: SvmTask, progress: (steps: number) => void) =>
    trainSvm(plan, { ...settings, ...task, progress });
}

/** A line about what was trained. */
function lineOf(
  { plan, epochs }: SvmTask,
  trained: TrainedSvm,
  seconds: number,
): string {
  const { trainAccuracy, validationAccuracy } = trained;
  return [
    plan.name.padEnd(17),
    `${epochs} ${epochs === 1 ? "epoch" : "epochs"}`.padEnd(9),
    trained.parameters === null
      ? `diverged after step ${trained.fit.step}`
      : `train ${formatPercent(trainAccuracy!)}  validation ${
        formatPercent(validationAccuracy!)
      }`,
    formatDuration(seconds),
  ].join("  ");
}

/**
 * Trained classifiers as a checkpoint: the same bytes in whatever order they
 * came.
 *
 * @param trained by their keys, which hold no colon
 * @returns the checkpoint, for a run directory
 */
export function svmCheckpoint(
  trained: Finished<TrainedSvm>,
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
