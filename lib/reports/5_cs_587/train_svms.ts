import { formatDuration, formatPercent } from "../../base/format.ts";
import type { Output } from "../../cli/output.ts";
import { createProgress } from "../../cli/progress.ts";
import { countBatches } from "../../data/batches.ts";
import { runJobs, workersText } from "../../jobs/run_jobs.ts";
import { listenForInterruption } from "../../base/interruption.ts";
import type { RunDirectory } from "../../run/run_directory.ts";
import { svmCheckpoint, trainedSvms } from "./svm_checkpoint.ts";
import type { SvmPlan, TrainedSvm } from "./train_svm.ts";

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

const keyOf = ({ plan, epochs }: SvmTask) => `${plan.name} ${epochs}`;

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
  const { run, output, trainCount } = options;
  const trained = trainedSvms(run.checkpoint);
  if (options.resume) {
    output.log(`going on after ${trained.size} trainings`);
  }
  run.begin();

  async function train(tasks: readonly SvmTask[], label: string) {
    const missing = tasks.filter((task) => !trained.has(keyOf(task)));
    const stepsOf = ({ plan, epochs, from }: SvmTask) =>
      countBatches(trainCount, plan.batchSize) *
      (epochs - (from?.fit.epoch ?? 0));
    // Images and not steps, whose number hangs on the batch's size.
    const imagesOf = ({ epochs, from }: SvmTask) =>
      trainCount * (epochs - (from?.fit.epoch ?? 0));
    const started = performance.now();
    const images = missing.map(() => 0);
    using interruption = listenForInterruption();
    using progress = createProgress({
      total: missing.reduce((sum, task) => sum + imagesOf(task), 0),
      label,
      enabled: !options.quiet,
    });
    const workers = Math.min(options.jobs, missing.length);
    if (workers > 0) output.log(`${label}: starting ${workersText(workers)}`);
    const begun: number[] = [];
    const advance = (index: number, part: number) => {
      images[index] = part * imagesOf(missing[index]!);
      const done = Math.round(images.reduce((sum, count) => sum + count, 0));
      const seconds = (performance.now() - started) / 1000;
      progress.update(done, { imagesPerSecond: done / seconds });
    };
    try {
      await runJobs<Setup, SvmTask, TrainedSvm, number>({
        ...options,
        tasks: missing,
        signal: interruption.signal,
        begun: (index) => void (begun[index] = performance.now()),
        done(index, result) {
          const task = missing[index]!;
          trained.set(keyOf(task), result);
          run.saveCheckpoint(svmCheckpoint(trained));
          advance(index, 1);
          progress.stop();
          const seconds = (performance.now() - begun[index]!) / 1000;
          output.log(lineOf(task, result, seconds));
        },
        failed(_index, error) {
          throw error;
        },
        progress(index, step) {
          const task = missing[index]!;
          const before = task.from?.fit.step ?? 0;
          advance(index, (step - before) / stepsOf(task));
        },
      });
    } catch (error) {
      progress.stop();
      if (!interruption.requested) throw error;
      throw interruption.error(
        `Interrupted after ${trained.size} trainings: ${run.resumeCommand} goes on`,
        { cause: error },
      );
    }
    return tasks.map((task) => ({
      ...trained.get(keyOf(task))!,
      plan: task.plan,
      epochs: task.epochs,
    }));
  }

  return { train };
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
