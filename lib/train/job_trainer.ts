import { isInteractive } from "../base/terminal.ts";
import type { FigureTextOptions } from "../charts/figure.ts";
import type { Output } from "../cli/output.ts";
import { runJobs, workersText } from "../jobs/run_jobs.ts";
import type { Checkpoint } from "../run/checkpoint.ts";
import type { RunDirectory } from "../run/run_directory.ts";
import { superviseRun } from "./supervise_run.ts";

/** Results of trainings by the names of their tasks. */
export type Finished<Result> = ReadonlyMap<string, Result>;

/** What {@link createJobTrainer} needs. */
export interface JobTrainerOptions<Setup, Task, Result> {
  /** Declared, and not begun yet. */
  readonly run: RunDirectory;
  /** The workers' module; the progress of a task is the number of its step. */
  readonly worker: URL;
  /** What each worker starts with. */
  readonly setup: Setup;
  /** Workers at once; results do not depend on it. */
  readonly jobs: number;
  /** Whether the run was begun before, so that a line says what is there. */
  readonly resume: boolean;
  readonly output: Output;
  readonly quiet: boolean;
  /** A name that no other task of the run has. */
  nameOf(task: Task): string;
  /** Images that a task passes in all its steps: its part of the bar. */
  imagesOf(task: Task): number;
  /** The part of a task that is done after a step, 0 to 1. */
  partOf(task: Task, step: number): number;
  /** So many finished trainings in words, as `5 of 12 nets`. */
  countText(finished: number): string;
  /** Results as a checkpoint: the same bytes in whatever order they came. */
  capture(finished: Finished<Result>): Checkpoint;
  /** A copy of what `capture` was given; empty where there is no checkpoint. */
  restore(checkpoint: Checkpoint | null): Map<string, Result>;
}

/** When a training is done. */
export interface DoneAt {
  /** What the training took, s. */
  readonly seconds: number;
  /** What the others will take, s; 0 where a bar says so already. */
  readonly secondsLeft: number;
}

/** How one call of {@link JobTrainer.train} goes. */
export interface TrainingPlan<Task, Result> {
  /** What the tasks are, for the bar. */
  readonly label: string;
  /** Whether a task that fails is named on stderr; by default it ends all. */
  readonly mayFail?: boolean;
  /** The line about a task that is done; null: none. */
  lineOf(task: Task, result: Result, at: DoneAt): string | null;
  /** Draws what is finished, again and again in place; by default nothing. */
  live?(options: FigureTextOptions): string;
}

/** Trains tasks side by side; one call at a time. */
export interface JobTrainer<Task, Result> {
  /** What the run's checkpoint holds. */
  readonly finished: Finished<Result>;
  /**
   * Trains those tasks that are not finished yet. Each is saved as soon as it
   * is finished.
   *
   * @param tasks in the order in which they are begun
   * @param plan see {@link TrainingPlan}
   * @throws {InterruptedError} after Ctrl-C, at once; what is finished is saved
   * @throws {Error} where a worker or a task fails, or a result cannot be saved
   */
  train(
    tasks: readonly Task[],
    plan: TrainingPlan<Task, Result>,
  ): Promise<void>;
}

/**
 * Makes what trains many small nets of a run, each in a worker: with the run's
 * checkpoint, a progress bar, and an end at Ctrl-C that `--resume` goes on
 * after.
 *
 * @param options see {@link JobTrainerOptions}
 * @returns the trainer; the run has begun
 */
export function createJobTrainer<Setup, Task, Result>(
  options: JobTrainerOptions<Setup, Task, Result>,
): JobTrainer<Task, Result> {
  const { run, output, quiet, nameOf, imagesOf, countText } = options;
  const finished = options.restore(run.checkpoint);
  if (options.resume) output.log(`going on after ${countText(finished.size)}`);
  run.begin();

  async function train(
    all: readonly Task[],
    { label, mayFail = false, lineOf, live }: TrainingPlan<Task, Result>,
  ) {
    const tasks = all.filter((task) => !finished.has(nameOf(task)));
    if (tasks.length === 0) return;
    const sum = (counts: readonly number[]) =>
      counts.reduce((sum, count) => sum + count, 0);
    const total = sum(all.map(imagesOf));
    const doneBefore = total - sum(tasks.map(imagesOf));
    using supervision = superviseRun({
      run,
      output,
      quiet,
      label,
      total,
      done: doneBefore,
      live,
    });
    const workers = workersText(Math.min(options.jobs, tasks.length));
    output.log(`${label}: starting ${workers}`);
    supervision.update(doneBefore, { doing: "starting" });
    const started = performance.now();
    const secondsSince = (start: number) => (performance.now() - start) / 1000;
    const begun: number[] = [];
    const images = tasks.map(() => 0);
    const advance = (index: number, part: number) => {
      images[index] = part * imagesOf(tasks[index]!);
      const done = sum(images);
      supervision.update(doneBefore + Math.round(done), {
        imagesPerSecond: done / secondsSince(started),
      });
    };
    try {
      await runJobs<Setup, Task, Result, number>({
        ...options,
        tasks,
        signal: supervision.signal,
        begun: (index) => void (begun[index] = performance.now()),
        progress: (index, step) =>
          advance(index, options.partOf(tasks[index]!, step)),
        done(index, result) {
          const task = tasks[index]!;
          finished.set(nameOf(task), result);
          run.saveCheckpoint(options.capture(finished));
          advance(index, 1);
          const line = lineOf(task, result, {
            seconds: secondsSince(begun[index]!),
            secondsLeft: isInteractive() ? 0 : supervision.secondsLeft() ?? 0,
          });
          if (line !== null) supervision.log(line);
        },
        failed(index, error) {
          if (!mayFail) throw error;
          advance(index, 1);
          supervision.clear();
          console.error(`${nameOf(tasks[index]!)}: ${error.message}`);
        },
      });
    } catch (error) {
      supervision.clear();
      if (!supervision.signal.aborted) throw error;
      throw supervision.interrupted(`after ${countText(finished.size)}`, {
        cause: error,
      });
    }
  }

  return { finished, train };
}
